"""The audit of dependencies fails where it looked nothing up, and the forge's workflows keep the rules of generated ones."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
CLEAN = "echo 'No known vulnerabilities found'"
"""What the auditor says, with status 0, when it could ask nobody."""
OFFLINE = "echo 'ERROR: cannot connect to the advisories' >&2; exit 1"
REPORTING = 'case "$*" in *requirements/*) echo clean ;; *) echo "django 3.2.0 PYSEC-2021-98"; exit 1 ;; esac'
VULNERABLE = 'echo "x 1.0 CVE-2026-1"; exit 1'


def audit(tmp_path: Path, auditor: str) -> subprocess.CompletedProcess[str]:
    """bin/audit with a pip-audit that is this shell script."""
    program = tmp_path / "pip-audit"
    program.write_text(f"#!/bin/sh\n{auditor}\n")
    program.chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    return subprocess.run([ROOT / "bin/audit"], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("auditor", [CLEAN, OFFLINE])
def test_an_audit_that_looked_nothing_up_fails(tmp_path: Path, auditor: str) -> None:
    done = audit(tmp_path, auditor)
    assert done.returncode == 1
    assert "nothing could be looked up" in done.stderr
    assert "requirements/" not in done.stdout


def test_every_lock_file_is_audited(tmp_path: Path) -> None:
    done = audit(tmp_path, REPORTING)
    assert done.returncode == 0, done.stderr
    assert [f"── requirements/{path.name}" in done.stdout for path in (ROOT / "requirements").glob("*.txt")]
    assert done.stdout.count("clean") == len(list((ROOT / "requirements").glob("*.txt")))


def test_a_vulnerable_lock_file_fails_the_audit(tmp_path: Path) -> None:
    assert audit(tmp_path, VULNERABLE).returncode == 1


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_our_own_workflows_keep_the_rules(workflow: Path) -> None:
    programs = Path(sys.executable).parent
    schema = [programs / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", workflow]
    rules = [programs / "zizmor", "--offline", "--persona", "auditor", "--no-progress", workflow]
    for command in (schema, rules):
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
