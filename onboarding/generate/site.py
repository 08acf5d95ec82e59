"""A site behind nginx, as a user without rights. https://github.com/nginx/docker-nginx-unprivileged"""

from typing import Any

from onboarding.generate.images import base
from onboarding.stacks import Command, Component

MEMORY = ("16Mi", "64Mi")


def refuses(one: Component) -> str:
    return "it is made by Hugo, which the golden path does not bring along" if one.build else ""


def steps(one: Component) -> list[dict[str, Any]]:
    return []


def image(one: Component) -> list[str]:
    return served([], one, one.output)


def command(one: Component) -> Command:
    return ("nginx", "-g", "daemon off;")


def served(built: list[str], one: Component, files: str) -> list[str]:
    """The image that hands out `files`: of the stage `build`, where there is one, else of the context. A page that is not
    there is the application's own start page where a build made the files: it shows what belongs to the address."""
    source = f"--from=build {files}" if built else files if files != "." else "."
    missing = "/index.html" if built else "=404"
    server = f"server {{ listen {one.port}; root /usr/share/nginx/html; location / {{ try_files \\$uri \\$uri/ {missing}; }} }}"
    return [
        *built,
        *([""] if built else []),
        f"FROM {base('nginx')}",
        f'RUN printf "%s\\n" "{server}" > /etc/nginx/conf.d/default.conf',
        f"COPY {source} /usr/share/nginx/html",
    ]
