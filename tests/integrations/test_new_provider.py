"""The recipe of docs/providers.md, followed to the letter in a copy of the repository: two new files and no other change."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "providers.md"
MODULE = "integrations/metrics/datadog.py"
ROW = "tests/integrations/promises/metrics_datadog.py"
VARIABLES = {
    "PORTAL_METRICS_DATADOG_API_KEY": "0123456789",
    "PORTAL_METRICS_DATADOG_APPLICATION_KEY": "9876543210",
    "PORTAL_METRICS_DATADOG_LINK": "https://app.datadoghq.com/dashboard/?namespace={namespace}",
}
NOT_COPIED = ("tests/npm/", "sandbox/world/samples/", "static/")


def documented_files() -> dict[str, str]:
    """Path → content of each file that the document shows."""
    return dict(
        re.findall(r"^`([\w/]+\.py)`:\n\n```python\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    )


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository with the documented module, and without its row of tests."""
    copy = tmp_path_factory.mktemp("repository")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for path in filter(None, listed.split("\0")):
        if not path.startswith(NOT_COPIED) and (ROOT / path).is_file():
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / path, copy / path)
    (copy / MODULE).write_text(documented_files()[MODULE])
    return copy


def run(repository: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=repository, env=environment | variables, capture_output=True, text=True, timeout=120, check=False
    )


def suite(repository: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return run(
        repository, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/integrations/test_promises.py", *options
    )


def test_the_document_shows_a_module_and_a_row() -> None:
    assert list(documented_files()) == [MODULE, ROW]


def test_the_module_is_offered_once_its_variables_are_set(repository: Path) -> None:
    script = (
        "from integrations.metrics import CAPABILITY; print(sorted(CAPABILITY.registrations()), CAPABILITY.offered())"
    )
    assert run(repository, "-c", script).stdout.strip().startswith("['datadog', 'prometheus'] []")
    assert run(repository, "-c", script, **VARIABLES).stdout.strip() == "['datadog', 'prometheus'] ['datadog']"


def test_a_missing_or_misspelt_variable_is_a_problem_of_the_system_check(repository: Path) -> None:
    assert run(repository, "manage.py", "check", **VARIABLES).returncode == 0
    incomplete = {name: value for name, value in VARIABLES.items() if not name.endswith("_LINK")}
    checked = run(repository, "manage.py", "check", PORTAL_METRICS_DATADOG_LNK="misspelt", **incomplete)
    assert "PORTAL_METRICS_DATADOG_LINK: Field required" in checked.stderr
    assert "PORTAL_METRICS_DATADOG_LNK: nothing in Onramp reads this variable" in checked.stderr


def test_the_suite_demands_its_row_and_then_runs_over_it(repository: Path) -> None:
    demanded = suite(repository, "-k", "test_every_provider_has_a_row")
    assert "The provider metrics-datadog is not tested" in demanded.stdout
    assert f"Add {ROW} with its ROW" in demanded.stdout
    assert demanded.returncode == 1
    (repository / ROW).write_text(documented_files()[ROW])
    passed = suite(repository, "-k", "metrics-datadog")
    assert passed.returncode == 0, passed.stdout[-3000:]
    assert int(re.findall(r"(\d+) passed", passed.stdout)[0]) > 20
