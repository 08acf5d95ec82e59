"""Node in pipelines and images. https://hub.docker.com/_/node, https://github.com/actions/setup-node"""

import shlex

from generate import node_packages, site
from generate.files import below
from generate.images import BaseImage
from generate.pinned_actions import PinnedAction, default_version
from generate.toolchain import Step, TravisLanguage
from stacks import Command, Component
from stacks.components import Role
from stacks.node_version import RUNTIME

MEMORY = ("64Mi", "128Mi")
EDITIONS: dict[str, str] = {}
TRAVIS = TravisLanguage("node_js", "node_js", caches=("npm",))
_NODE = BaseImage(
    "node:{}-slim",
    {
        "22": "sha256:c3de60bf2f9dd0ac6370e6117950ff62d6e339527e7472301c9c78a017978392",
        "24": "sha256:a9f5f7c91a432850b2a8a7797adf5eadb6c733ceed61167806cee7ea7fbc29df",
    },
)
_SETUP = PinnedAction("actions/setup-node", "6044e13b5dc448c55e2357c09f80417699197238", "v6.2.0")
_ENVIRONMENT = "ENV HOME=/tmp NODE_ENV=production npm_config_update_notifier=false"


def refusal(component: Component) -> str:
    return ""


def steps(component: Component) -> list[Step]:
    """Node, the package manager, the packages, and the build if there is one."""
    setup: list[Step] = [{"uses": _SETUP.reference, "with": _version(component) | node_packages.cache(component)}]
    if component.install:
        setup.append({"name": "Install packages", "run": shlex.join(component.install)})
    if component.build:
        setup.append({"name": "Build", "run": shlex.join(component.build)})
    return [*node_packages.manager_steps(component), *setup]


def image(component: Component) -> list[str]:
    """Two stages if there is something to build, so that the build tools stay out of the final image."""
    name = _NODE.reference(component.version or RUNTIME.default)
    if not component.build and component.workspace is None:
        return [
            f"FROM {name}",
            "WORKDIR /app",
            _ENVIRONMENT,
            *node_packages.manager_lines(component),
            *node_packages.install_lines(component, component.install_production),
        ]
    build_stage = [
        f"FROM {name} AS build",
        "WORKDIR /app",
        *node_packages.manager_lines(component),
        *node_packages.install_lines(component, component.install),
        *([f"RUN {shlex.join(component.build)}"] if component.build else []),
    ]
    if component.role == Role.SITE:
        return site.serve(build_stage, component, _site_folder(component))
    return [
        *build_stage,
        *node_packages.prune_lines(component),
        "",
        f"FROM {name}",
        "WORKDIR /app" + (f"/{component.inside}" if component.inside else ""),
        _ENVIRONMENT,
        *(node_packages.manager_lines(component) if command(component)[0] == component.package_manager else []),
        "COPY --from=build /app /app" if component.inside else "COPY --from=build /app ./",
    ]


def command(component: Component) -> Command:
    """npm runs the scripts of pnpm and yarn packages, too, and needs no download."""
    if component.role == Role.SITE:
        return site.command(component)
    if component.start[:2] in (("pnpm", "run"), ("yarn", "run")):
        return ("npm", "run", *component.start[2:])
    return component.start


def _version(component: Component) -> dict[str, str]:
    if component.version_file:
        return {"node-version-file": below(component.root, component.version_file)}
    return {"node-version": component.version or default_version(RUNTIME.default)}


def _site_folder(component: Component) -> str:
    """The folder of a built site's files in the build stage; a leading slash means relative to the workspace."""
    if component.output.startswith("/"):
        return f"/app{component.output}"
    return "/".join(filter(None, ("/app", component.inside, component.output)))
