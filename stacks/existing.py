"""Pipelines, deployments and builds that a repository already has. Onramp lists them in the plan and changes none."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import patterns

_MAX_SHOWN = 4
_FILES: Mapping[str, tuple[str, str]] = {
    ".travis.yml": ("pipeline", "a Travis CI pipeline"),
    ".gitlab-ci.yml": ("pipeline", "a GitLab pipeline"),
    ".circleci/config.yml": ("pipeline", "a CircleCI pipeline"),
    "azure-pipelines.yml": ("pipeline", "an Azure pipeline"),
    "bitbucket-pipelines.yml": ("pipeline", "a Bitbucket pipeline"),
    "Jenkinsfile": ("pipeline", "a Jenkins pipeline"),
    ".drone.yml": ("pipeline", "a Drone pipeline"),
    "fiaas.yml": ("deployment", "a FIAAS deployment"),
    "score.yaml": ("deployment", "a Score workload"),
    "render.yaml": ("deployment", "a Render blueprint"),
    "railway.json": ("deployment", "a Railway deployment"),
    "railway.toml": ("deployment", "a Railway deployment"),
    "fly.toml": ("deployment", "a Fly.io deployment"),
    "app.json": ("deployment", "a Heroku application"),
    "heroku.yml": ("deployment", "a Heroku build"),
    "app.yaml": ("deployment", "an App Engine application"),
    "vercel.json": ("deployment", "a Vercel deployment"),
    "netlify.toml": ("deployment", "a Netlify deployment"),
    "skaffold.yaml": ("deployment", "a Skaffold deployment"),
    "Tiltfile": ("deployment", "a Tilt development setup"),
    "docker-compose.yml": ("compose", "services for development"),
    "docker-compose.yaml": ("compose", "services for development"),
    "compose.yml": ("compose", "services for development"),
    "compose.yaml": ("compose", "services for development"),
    "catalog-info.yaml": ("catalog", "a software catalog entry"),
    "BUILD.bazel": ("build", "a Bazel build"),
    "MODULE.bazel": ("build", "a Bazel build"),
    "WORKSPACE": ("build", "a Bazel build"),
    "WORKSPACE.bazel": ("build", "a Bazel build"),
    "pants.toml": ("build", "a Pants build"),
}
_WORKFLOW = patterns.compile(r"\.github/workflows/[^/]+\.ya?ml")
_CHART = patterns.compile(r"(?:[\w.-]+/){0,3}Chart\.yaml")
_KUSTOMIZATION = patterns.compile(r"(?:[\w.-]+/){0,4}kustomization\.ya?ml")


@dataclass(frozen=True)
class ExistingFile:
    """`kind` is pipeline, deployment, compose, catalog or build; `description` is a noun phrase."""

    path: str
    kind: str
    description: str


def find(paths: Iterable[str], ours: str) -> tuple[ExistingFile, ...]:
    """All existing files, by kind and path. `ours` is the path of the workflow that Onramp writes."""
    files = []
    for path in paths:
        if path in _FILES:
            files.append(ExistingFile(path, *_FILES[path]))
        elif path.startswith(".github/") and _WORKFLOW.fullmatch(path) and path != ours:
            files.append(ExistingFile(path, "pipeline", "a GitHub Actions workflow"))
        elif path.endswith("Chart.yaml") and _CHART.fullmatch(path):
            files.append(ExistingFile(path, "deployment", "a Helm chart"))
        elif "kustomization.y" in path and _KUSTOMIZATION.fullmatch(path):
            files.append(ExistingFile(path, "deployment", "a Kustomize deployment"))
    return tuple(sorted(files, key=lambda file: (file.kind, file.path)))


def advice(files: Iterable[ExistingFile]) -> list[str]:
    """Warnings for the plan: each kind stays unchanged, and may do the same as the new pipeline."""
    by_kind: dict[str, list[ExistingFile]] = {}
    for file in files:
        by_kind.setdefault(file.kind, []).append(file)
    warnings = []
    if "pipeline" in by_kind:
        warnings.append(
            f"{_listed(by_kind['pipeline'])}: Onramp does not change existing pipelines. "
            "If one tests or deploys the same code, remove that part once the new pipeline is green."
        )
    if "deployment" in by_kind:
        warnings.append(
            f"{_listed(by_kind['deployment'])}: Onramp does not change existing deployments, and the new pipeline "
            "does not replace them."
        )
    if "build" in by_kind:
        warnings.append(
            f"{_listed(by_kind['build'])}: Onramp does not use this build. It builds from the languages' manifests; "
            "if that does not fit, add a Dockerfile to the component."
        )
    return warnings


def _listed(files: list[ExistingFile]) -> str:
    shown = [f"{file.path} ({file.description})" for file in files[:_MAX_SHOWN]]
    more = len(files) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
