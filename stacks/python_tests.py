"""The command that runs the tests of a Python folder."""

import patterns
from stacks.components import Command
from stacks.folder import Folder
from stacks.python_packages import Packages

_TEST = patterns.compile(r"test_\w+\.py|\w+command\.py")


def _is_test(path: str) -> bool:
    return (
        path.endswith(".py")
        and ("test_" in path or "command" in path)
        and _TEST.fullmatch(path.rpartition("/")[2]) is not None
    )


def command(folder: Folder, packages: Packages) -> Command:
    """Empty, with a warning, if there are no tests."""
    tests = sorted(file for file in folder.files if _is_test(file))
    configured = folder.has("pytest.ini", "conftest.py", "tests/conftest.py") or "[tool.pytest" in folder.text(
        "pyproject.toml"
    )
    if not tests and not configured:
        folder.warn_no_tests()
        return ()
    installed = "pytest" in packages.names | packages.for_tests
    if configured or installed or any(_hidden_from_unittest(test, folder) for test in tests):
        return ("python", "-m", "pytest")
    return ("python", "manage.py", "test") if "manage.py" in folder.files else ("python", "-m", "unittest", "discover")


def _hidden_from_unittest(test: str, folder: Folder) -> bool:
    """Unittest finds neither tests in folders that are no packages nor files with another prefix than `test`."""
    parent, _, name = test.rpartition("/")
    return (bool(parent) and f"{parent}/__init__.py" not in folder.files) or not name.startswith("test")
