"""PHP in a pipeline and in an image, behind Apache. https://github.com/shivammathur/setup-php, https://hub.docker.com/_/php"""

import shlex
from typing import Any

from onboarding.generate.actions import pinned
from onboarding.generate.images import base
from onboarding.generate.text import noted
from onboarding.stacks import Command, Component
from onboarding.stacks.php import RUNTIME

MEMORY = ("96Mi", "256Mi")
_EXTENSIONS = {"postgresql": "pdo_pgsql", "mysql": "pdo_mysql"}


def refuses(one: Component) -> str:
    return (
        ""
        if one.start[:2] == ("php", "-S")
        else "its Procfile starts something else than a web server below its document root"
    )


def steps(one: Component) -> list[dict[str, Any]]:
    version = one.version or noted(RUNTIME.default, "the repository names no version")
    options = {"php-version": version, "coverage": "none", "tools": "composer:v2"}
    found: list[dict[str, Any]] = [{"uses": noted(*pinned("shivammathur/setup-php")), "with": options}]
    if one.install:
        found.append({"name": "Install packages", "run": shlex.join(one.install)})
    return found


def image(one: Component) -> list[str]:
    """Packages are installed in a stage of their own; Apache listens above 1024 and writes below /tmp alone."""
    version = one.version or RUNTIME.default
    installed = (*one.install_production, "--ignore-platform-reqs", "--no-scripts")
    first = [f"FROM {base('composer')} AS build", "WORKDIR /app", "COPY . .", f"RUN {shlex.join(installed)}", ""]
    extensions = [_EXTENSIONS[each] for each in one.needs if each in _EXTENSIONS]
    root = "/app" if one.output == "." else f"/app/{one.output}"
    return [
        *(first if one.install_production else []),
        f"FROM {base('php', version)}",
        "WORKDIR /app",
        f"ENV APACHE_DOCUMENT_ROOT={root} APACHE_RUN_DIR=/tmp APACHE_LOCK_DIR=/tmp APACHE_PID_FILE=/tmp/apache2.pid",
        *([_compiled(extensions)] if extensions else []),
        f"RUN sed -ri -e 's!/var/www/html!{root}!g' /etc/apache2/sites-available/*.conf && sed -ri -e 's!/var/www/!{root}!g' /etc/apache2/apache2.conf && sed -ri -e 's!^Listen 80$!Listen {one.port}!' /etc/apache2/ports.conf && sed -ri -e 's!:80>!:{one.port}>!' /etc/apache2/sites-available/000-default.conf && a2enmod rewrite",
        "COPY --from=build /app ./" if one.install_production else "COPY . .",
    ]


def command(one: Component) -> Command:
    return ("apache2-foreground",)


def _compiled(extensions: list[str]) -> str:
    header = (
        "apt-get update && apt-get install --yes --no-install-recommends libpq-dev && "
        if "pdo_pgsql" in extensions
        else ""
    )
    return f"RUN {header}docker-php-ext-install {' '.join(extensions)} && rm -rf /var/lib/apt/lists/*"
