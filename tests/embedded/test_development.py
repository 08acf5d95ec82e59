"""bin/dev while the code changes: it restarts, and shows the traceback while the code does not import."""

import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.embedded import reloading
from tests.embedded.running import ROOT, Demo, until


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository, whose code a test may break."""
    target = tmp_path_factory.mktemp("copy") / "onramp"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file() and not name.startswith(("tests/", "docs/")):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    return target


@pytest.fixture(scope="module")
def dev(copy: Path) -> Iterator[Demo]:
    demo = Demo(copy.with_name("var"), part="dev", root=copy)
    demo.start()
    yield demo
    assert demo.end(signal.SIGTERM)[0] == 0


@pytest.mark.parametrize(
    ("module", "line", "error"),
    [
        ("portal/views.py", "def broken(:", "SyntaxError"),
        ("portal/settings.py", "import nowhere", "ModuleNotFoundError"),
        ("integrations/source/github.py", "from engine import nothing_of_that_name", "ImportError"),
    ],
)
def test_an_import_error_is_shown_until_it_is_fixed(dev: Demo, copy: Path, module: str, line: str, error: str) -> None:
    file = copy / module
    code = file.read_text()
    seen = len(dev.terminal.read_text())

    file.write_text(f"{code}\n{line}\n")
    until(lambda: error in dev.get("/plans/")[1], "the page shows the traceback")
    status, page = dev.get("/plans/")
    assert status == 500
    assert module in page
    assert line in page
    terminal = dev.terminal.read_text()[seen:]
    assert error in terminal
    assert module in terminal
    assert terminal.count("Traceback (most recent call last)") == 1

    file.write_text(code)
    until(dev.answers, "Onramp answers again")


def test_a_change_of_the_code_is_served(dev: Demo, copy: Path) -> None:
    file = copy / "portal/views.py"
    file.write_text(
        file.read_text().replace("def healthz(", "def _healthz(") + "\n\nfrom portal.changed import healthz\n"
    )
    (copy / "portal/changed.py").write_text(
        'from django.http import HttpResponse\n\n\ndef healthz(request):\n    return HttpResponse("changed")\n'
    )
    until(lambda: dev.get("/healthz") == (200, "changed"), "the change is served")


def test_both_processes_restart_after_a_change(dev: Demo, copy: Path) -> None:
    before = dev.leaders()
    (copy / "engine/sql/claim.sql").touch()
    until(lambda: len(set(dev.leaders()) - set(before)) == 2, "web and worker restart")
    until(dev.answers, "Onramp answers again")


def test_only_the_product_counts_as_code() -> None:
    packages = {file.relative_to(ROOT).parts[0] for file in reloading.code_files(ROOT)}
    assert {"engine", "onboarding", "portal", "stacks"} <= packages
    assert not packages & {"tests", "sandbox", "bench"}


def test_a_removed_file_does_not_break_the_check(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text("")
    changes = reloading.Changes(lambda: [file])
    file.unlink()
    assert changes.happened()
    assert not changes.happened()
