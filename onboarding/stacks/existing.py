"""What a repository holds already of pipelines and deployments: read, said, and respected."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from onboarding.stacks.components import Evidence
from onboarding.stacks.folder import Folder, as_lines, as_table, as_text

MAX_WORKFLOWS = 6
_FILES: Mapping[str, tuple[str, str]] = {
    ".travis.yml": ("pipeline", "a pipeline of Travis CI"),
    ".gitlab-ci.yml": ("pipeline", "a pipeline of GitLab"),
    ".circleci/config.yml": ("pipeline", "a pipeline of CircleCI"),
    "azure-pipelines.yml": ("pipeline", "a pipeline of Azure"),
    "bitbucket-pipelines.yml": ("pipeline", "a pipeline of Bitbucket"),
    "Jenkinsfile": ("pipeline", "a pipeline of Jenkins"),
    ".drone.yml": ("pipeline", "a pipeline of Drone"),
    "fiaas.yml": ("deployment", "a deployment by FIAAS"),
    "score.yaml": ("deployment", "a workload in Score"),
    "render.yaml": ("deployment", "a blueprint of Render"),
    "railway.json": ("deployment", "a deployment to Railway"),
    "railway.toml": ("deployment", "a deployment to Railway"),
    "fly.toml": ("deployment", "a deployment to Fly.io"),
    "app.json": ("deployment", "an application of Heroku"),
    "heroku.yml": ("deployment", "a build of Heroku"),
    "app.yaml": ("deployment", "an application of App Engine"),
    "vercel.json": ("deployment", "a deployment to Vercel"),
    "netlify.toml": ("deployment", "a deployment to Netlify"),
    "skaffold.yaml": ("deployment", "a deployment by Skaffold"),
    "Tiltfile": ("deployment", "a development set-up of Tilt"),
    "docker-compose.yml": ("compose", "services for development"),
    "docker-compose.yaml": ("compose", "services for development"),
    "compose.yml": ("compose", "services for development"),
    "compose.yaml": ("compose", "services for development"),
    "catalog-info.yaml": ("catalog", "an entry of a software catalog"),
    "BUILD.bazel": ("build", "a build by Bazel"),
    "MODULE.bazel": ("build", "a build by Bazel"),
    "WORKSPACE": ("build", "a build by Bazel"),
    "WORKSPACE.bazel": ("build", "a build by Bazel"),
    "pants.toml": ("build", "a build by Pants"),
}
COMPOSE = ("docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml")
_READ = {
    *COMPOSE,
    "fiaas.yml",
    "score.yaml",
    "app.json",
    "fly.toml",
    "render.yaml",
    "railway.json",
    "railway.toml",
    ".travis.yml",
    "catalog-info.yaml",
}
_WORKFLOW = re.compile(r"\.github/workflows/[^/]+\.ya?ml")
_CHART = re.compile(r"(?:[\w.-]+/){0,3}Chart\.yaml")
_KUSTOMIZATION = re.compile(r"(?:[\w.-]+/){0,4}kustomization\.ya?ml")
_IMAGES = {
    "postgresql": r"postgres|postgis|timescaledb", "mysql": r"mysql|mariadb|percona", "mongodb": r"mongo",
    "redis": r"redis|valkey|keydb", "kafka": r"kafka|redpanda", "rabbitmq": r"rabbitmq", "elasticsearch": r"elasticsearch|opensearch",
    "nats": r"\bnats\b", "memcached": r"memcached",
}  # fmt: skip


@dataclass(frozen=True)
class Existing:
    """A file that is there already. `kind` is pipeline, deployment, compose, catalog or build."""

    path: str
    kind: str
    says: str


def wanted(present: Collection[str]) -> list[str]:
    """Those of these files whose text is of use."""
    found = [path for path in sorted(_READ) if path in present]
    return found + sorted(path for path in present if _WORKFLOW.fullmatch(path))[:MAX_WORKFLOWS]


def existing(paths: Iterable[str], ours: str) -> tuple[Existing, ...]:
    """All of them, by kind and path; `ours` is the workflow that would be written."""
    found = []
    for path in paths:
        if path in _FILES:
            found.append(Existing(path, *_FILES[path]))
        elif _WORKFLOW.fullmatch(path) and path != ours:
            found.append(Existing(path, "pipeline", "a workflow of GitHub Actions"))
        elif _CHART.fullmatch(path):
            found.append(Existing(path, "deployment", "a chart of Helm"))
        elif _KUSTOMIZATION.fullmatch(path):
            found.append(Existing(path, "deployment", "a deployment by Kustomize"))
    return tuple(sorted(found, key=lambda one: (one.kind, one.path)))


def advice(found: Iterable[Existing]) -> list[str]:
    """What the plan says of them: none is touched, and which two would do the same."""
    by_kind: dict[str, list[Existing]] = {}
    for one in found:
        by_kind.setdefault(one.kind, []).append(one)
    said = []
    if "pipeline" in by_kind:
        said.append(
            f"{_listed(by_kind['pipeline'])}: left as they are. Where one of them tests or deploys the same, "
            "take that part out of it once the new pipeline is green."
        )
    if "deployment" in by_kind:
        said.append(
            f"{_listed(by_kind['deployment'])}: left as they are. What they deploy is not taken over by the new pipeline."
        )
    if "build" in by_kind:
        said.append(
            f"{_listed(by_kind['build'])}: Onramp reads the languages' own manifests and builds without it; "
            "give a component a Dockerfile of its own where that does not fit."
        )
    return said


def _listed(found: list[Existing]) -> str:
    shown = [f"{one.path} ({one.says})" for one in found[:4]]
    more = len(found) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def servers(folder: Folder) -> dict[str, Evidence]:
    """The kinds of servers that the compose file starts for development: kind → where it says so."""
    file = folder.has(*COMPOSE)
    if not file:
        return {}
    found = {}
    for name, service in as_table(folder.yaml(file).get("services")).items():
        image = as_text(as_table(service).get("image"))
        for kind, pattern in _IMAGES.items():
            if image and re.search(pattern, image.partition(":")[0]) and kind not in found:
                found[kind] = Evidence(
                    folder.path(file), None, f"starts {kind} for development (service {str(name)[:40]})"
                )
    return found


def declared(folder: Folder) -> dict[str, Evidence]:
    """Variables that deployment files say the application needs: name → where."""
    found: dict[str, Evidence] = {}
    for name, value in as_table(folder.json("app.json").get("env")).items():
        required = not isinstance(value, dict) or value.get("required", True)
        if re.fullmatch(r"[A-Z][A-Z0-9_]*", str(name)) and required and not as_text(as_table(value).get("value")):
            found[str(name)] = Evidence(folder.path("app.json"), None, f"says that {name} is needed")
    secrets = as_table(folder.yaml("fiaas.yml").get("secrets"))
    for name in as_lines(list(secrets)):
        if re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
            found[name] = Evidence(folder.path("fiaas.yml"), None, f"says that {name} is needed")
    return found
