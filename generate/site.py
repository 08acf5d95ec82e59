"""Static sites, served by nginx as an unprivileged user. https://github.com/nginx/docker-nginx-unprivileged"""

from generate.images import BaseImage
from generate.toolchain import Step, TravisLanguage
from stacks import Command, Component

MEMORY = ("16Mi", "64Mi")
EDITIONS: dict[str, str] = {}
TRAVIS = TravisLanguage()
_NGINX = BaseImage(
    "nginxinc/nginx-unprivileged:1.29-alpine",
    {"": "sha256:0c79d56aee561a1d81c63f00eee5fb5fe29279560cdc55e91425133104c7fbe6"},
)


def refusal(component: Component) -> str:
    return "it is built with Hugo, which the golden path does not install" if component.build else ""


def steps(component: Component) -> list[Step]:
    return []


def image(component: Component) -> list[str]:
    return serve([], component, component.output)


def command(component: Component) -> Command:
    return ("nginx", "-g", "daemon off;")


def serve(build_stage: list[str], component: Component, files: str) -> list[str]:
    """Lines of a Dockerfile that serves `files`: from the stage `build` if there is one, else from the build context.

    A page that does not exist gets the start page of a site that was built, because such an application routes
    addresses in the browser; any other site answers 404.
    """
    source = f"--from=build {files}" if build_stage else files
    fallback = "/index.html" if build_stage else "=404"
    location = f"location / {{ try_files \\$uri \\$uri/ {fallback}; }}"
    server = f"server {{ listen {component.port}; root /usr/share/nginx/html; {location} }}"
    return [
        *build_stage,
        *([""] if build_stage else []),
        f"FROM {_NGINX.reference()}",
        f'RUN printf "%s\\n" "{server}" > /etc/nginx/conf.d/default.conf',
        f"COPY {source} /usr/share/nginx/html",
    ]
