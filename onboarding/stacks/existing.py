"""What a repository holds already of pipelines and deployments: read, said, and respected."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from onboarding.stacks.components import Component, Evidence, Setting
from onboarding.stacks.folder import Folder, as_table, as_text

READ = (
    *("docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml", "fiaas.yml", "score.yaml"),
    *("railway.json", "railway.toml", "railpack.json", "nixpacks.toml"),
    *("render.yaml", "fly.toml", "app.json", "app.yaml"),
)
"""Files of other platforms that may lie in each component's folder, and whose text tells something of it."""

_PATH = re.compile(r"/[\w./~%-]{0,200}")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
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
COMPOSE = READ[:4]
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


def existing(paths: Iterable[str], ours: str) -> tuple[Existing, ...]:
    """All of them, by kind and path; `ours` is the workflow that would be written."""
    found = []
    for path in paths:
        if path in _FILES:
            found.append(Existing(path, *_FILES[path]))
        elif path.startswith(".github/") and _WORKFLOW.fullmatch(path) and path != ours:
            found.append(Existing(path, "pipeline", "a workflow of GitHub Actions"))
        elif path.endswith("Chart.yaml") and _CHART.fullmatch(path):
            found.append(Existing(path, "deployment", "a chart of Helm"))
        elif "kustomization.y" in path and _KUSTOMIZATION.fullmatch(path):
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


def completed(one: Component, folder: Folder) -> Component:
    """The component with what the folder's compose and deployment files say besides: servers that it needs, variables."""
    one = _as_deployed(one, folder)
    found = _servers(folder)
    known = {each.name for each in one.settings}
    declared = tuple(each for each in _declared(folder) if each.name not in known)
    return replace(
        one,
        needs=tuple(dict.fromkeys((*one.needs, *found))),
        settings=tuple(sorted((*one.settings, *declared), key=lambda each: each.name)),
        evidence=(*one.evidence, *found.values()),
    )


def _as_deployed(one: Component, folder: Folder) -> Component:
    """With the port and the paths under which it runs elsewhere already.

    https://github.com/fiaas/fiaas-deploy-daemon/blob/master/docs/v3_spec.md, https://docs.score.dev/docs/score-specification/
    """
    fiaas, score = folder.yaml("fiaas.yml"), folder.yaml("score.yaml")
    ports = fiaas.get("ports")
    served = [as_table(each) for each in ports] if isinstance(ports, list) else []
    served += [as_table(each) for each in as_table(as_table(score.get("service")).get("ports")).values()]
    port = next(
        (value for each in served for value in (each.get("target_port"), each.get("targetPort")) if _is_port(value)),
        None,
    )
    health = as_text(as_table(as_table(as_table(fiaas.get("healthchecks")).get("liveness")).get("http")).get("path"))
    file = "fiaas.yml" if fiaas else "score.yaml"
    evidence = one.evidence
    if port is not None:
        evidence = (*evidence, Evidence(folder.path(file), None, f"runs on port {port}"))
    if _PATH.fullmatch(health):
        evidence = (*evidence, Evidence(folder.path(file), None, f"is asked for its health at {health}"))
    return replace(
        one,
        port=one.port if port is None else port,
        health_path=health if _PATH.fullmatch(health) else one.health_path,
        evidence=evidence,
    )


def _is_port(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 65536


def _servers(folder: Folder) -> dict[str, Evidence]:
    """The kinds of servers that the compose file starts for development: kind → where it says so."""
    file = folder.has(*COMPOSE)
    found: dict[str, Evidence] = {}
    for name, service in as_table(folder.yaml(file).get("services")).items() if file else ():
        image = as_text(as_table(service).get("image")).partition(":")[0]
        for kind, pattern in _IMAGES.items():
            if image and kind not in found and re.search(pattern, image):
                says = f"starts {kind} for development (service {str(name)[:40]})"
                found[kind] = Evidence(folder.path(file), None, says)
    return found


def _declared(folder: Folder) -> list[Setting]:
    """Variables that deployment files say the application needs.

    https://devcenter.heroku.com/articles/app-json-schema#env
    """
    found = []
    for name, value in as_table(folder.json("app.json").get("env")).items():
        table = as_table(value)
        given = as_text(table.get("value")) or (value if isinstance(value, str) else "")
        made = table.get("required") is False or table.get("generator")
        if _VARIABLE.fullmatch(str(name)) and not given and not made:
            place = Evidence(folder.path("app.json"), None, f"says that {name} is needed")
            found.append(Setting(str(name), None, False, place, required=True))
    return found


def start(folder: Folder) -> tuple[str, Evidence] | None:
    """The command that a platform's own file starts it with, and where it says so."""
    for file, command in (
        ("railway.json", as_table(folder.json("railway.json").get("deploy")).get("startCommand")),
        ("railway.toml", as_table(folder.toml("railway.toml").get("deploy")).get("startCommand")),
        ("railpack.json", as_table(folder.json("railpack.json").get("deploy")).get("startCommand")),
        ("nixpacks.toml", as_table(folder.toml("nixpacks.toml").get("start")).get("cmd")),
        ("render.yaml", _of_render(folder)),
        ("fly.toml", as_table(folder.toml("fly.toml").get("processes")).get("app")),
        ("app.yaml", _of_app_engine(folder)),
    ):
        if as_text(command):
            return as_text(command), Evidence(folder.path(file), None, f"starts with: {as_text(command)[:200]}")
    return None


def _of_app_engine(folder: Folder) -> str:
    """https://cloud.google.com/appengine/docs/standard/reference/app-yaml; other things have files of this name, too."""
    said = folder.yaml("app.yaml")
    return as_text(said.get("entrypoint")) if as_text(said.get("runtime")) else ""


def _of_render(folder: Folder) -> str:
    services = folder.yaml("render.yaml").get("services")
    tables = [as_table(one) for one in services] if isinstance(services, list) else []
    return next((as_text(one.get("startCommand")) for one in tables if one.get("type") == "web"), "")
