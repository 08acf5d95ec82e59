"""Programs that check generated files: each function returns one line per finding."""

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml

KUBERNETES = ("1.34", "1.35", "1.36", "1.37")
"""The current release and the three before it."""

HADOLINT_IGNORED = ("DL3008",)
"""Pinned versions of Debian packages: its mirrors keep only the newest one, so a pinned one soon fails to build."""

CHECKOV_SKIPPED = {
    "CKV_DOCKER_2": "the cluster's probes check health; a HEALTHCHECK would be a second opinion",
    "CKV_K8S_43": "the pipeline names the image by its digest when it applies the manifest",
    "CKV_K8S_14": "the same: the placeholder is not a tag",
    "CKV_K8S_15": "an image named by digest is the same whenever it is pulled",
    "CKV2_K8S_6": "the platform applies the namespace's policies before",
    "CKV_K8S_35": "applications read variables, so values come from a Secret as variables",
    "CKV_K8S_10": "false positive: requests are set",
}
BIN = Path(sys.executable).parent


def schema(workflows: Sequence[Path]) -> list[str]:
    """By GitHub's schema of workflows."""
    return _batches("check-jsonschema", ["--builtin-schema", "vendor.github-workflows"], workflows)


def zizmor(workflows: Sequence[Path]) -> list[str]:
    return _batches("zizmor", ["--offline", "--persona", "auditor", "--no-progress"], workflows)


def hadolint(dockerfiles: Sequence[Path]) -> list[str]:
    ignored = [word for rule in HADOLINT_IGNORED for word in ("--ignore", rule)]
    return _batches("hadolint", ["--no-color", *ignored], dockerfiles)


def shellcheck(workflows: Iterable[Path], folder: Path) -> list[str]:
    """The run blocks of all workflows, each distinct text once."""
    texts = sorted({step["run"] for path in workflows for job in _jobs(path) for step in job["steps"] if "run" in step})
    scripts = []
    for number, text in enumerate(texts):
        scripts.append(folder / f"run-{number}.sh")
        scripts[-1].write_text(f"#!/bin/bash\nset -eo pipefail\n{text}\n")
    return _batches("shellcheck", ["--format", "gcc", "--severity", "style"], scripts)


def kubernetes(manifests: Iterable[Path]) -> list[str]:
    findings = []
    for path in manifests:
        for document in yaml.safe_load_all(path.read_text()):
            for version in KUBERNETES:
                try:
                    kubernetes_validate.validate(document, version, strict=True)
                except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
                    findings.append(f"{path.name} for {version}: {str(error)[:200]}")
    return findings


def checkov(program: Path, folder: Path) -> list[str]:
    """Of the Dockerfiles and manifests below the folder."""
    skipped = ",".join(CHECKOV_SKIPPED)
    command = [
        str(program),
        "--directory",
        str(folder),
        "--framework",
        "dockerfile",
        "kubernetes",
        "--compact",
        "--quiet",
        "--output",
        "json",
        "--skip-check",
        skipped,
        "--skip-download",
    ]
    output = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    reports = json.loads(output) if output.strip() else []
    findings = []
    for report in reports if isinstance(reports, list) else [reports]:
        for check in report.get("results", {}).get("failed_checks", []):
            findings.append(f"{check['check_id']} {check['check_name']}: {check['file_path']}")
    return findings


def _batches(program: str, options: list[str], files: Sequence[Path]) -> list[str]:
    """The program's findings, run on a hundred files at a time."""
    findings: list[str] = []
    for start in range(0, len(files), 100):
        names = [str(path) for path in files[start : start + 100]]
        result = subprocess.run([str(BIN / program), *options, *names], capture_output=True, text=True, check=False)
        if result.returncode:
            findings += [line for line in (result.stdout + result.stderr).splitlines() if line.strip()]
    return findings


def _jobs(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load(path.read_text())["jobs"].values())
