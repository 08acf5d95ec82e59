"""PHP in pipelines and images, behind Apache. https://github.com/shivammathur/setup-php,
https://hub.docker.com/_/php"""

import shlex

from generate.images import BaseImage
from generate.pinned_actions import PinnedAction, default_version
from generate.toolchain import Step, TravisLanguage
from stacks import Command, Component
from stacks.php_version import RUNTIME

MEMORY = ("96Mi", "256Mi")
EDITIONS: dict[str, str] = {}
TRAVIS = TravisLanguage("php", "php")
_PHP = BaseImage("php:{}-apache", {"8.4": "sha256:5f8050825b2f3de4efb0d81149c86643a9ee9c0a74ed4595ca2ad69ebfeb35fb"})
_COMPOSER = BaseImage("composer:2", {"": "sha256:5946476338742b200bb9ff88f8be56275ddae4b3949c72305cb0dbf10cfcb760"})
_SETUP = PinnedAction("shivammathur/setup-php", "44454db4f0199b8b9685a5d763dc37cbf79108e1", "v2.36.0")
_EXTENSIONS = {"postgresql": "pdo_pgsql", "mysql": "pdo_mysql"}


def refusal(component: Component) -> str:
    if component.start[:2] == ("php", "-S"):
        return ""
    return "its Procfile starts something other than a web server for its document root"


def steps(component: Component) -> list[Step]:
    version = component.version or default_version(RUNTIME.default)
    options = {"php-version": version, "coverage": "none", "tools": "composer:v2"}
    install = {"name": "Install packages", "run": shlex.join(component.install)}
    return [{"uses": _SETUP.reference, "with": options}, *([install] if component.install else [])]


def image(component: Component) -> list[str]:
    """Packages are installed in a stage of their own. Apache listens above port 1024 and writes only below /tmp."""
    root = "/app" if component.output == "." else f"/app/{component.output}"
    extensions = [_EXTENSIONS[need] for need in component.needs if need in _EXTENSIONS]
    return [
        *(_packages(component) if component.install_production else []),
        f"FROM {_PHP.reference(component.version or RUNTIME.default)}",
        "WORKDIR /app",
        f"ENV APACHE_DOCUMENT_ROOT={root} APACHE_RUN_DIR=/tmp APACHE_LOCK_DIR=/tmp APACHE_PID_FILE=/tmp/apache2.pid",
        *([_install(extensions)] if extensions else []),
        f"RUN {' && '.join(_apache(root, component.port))}",
        "COPY --from=build /app ./" if component.install_production else "COPY . .",
    ]


def command(component: Component) -> Command:
    return ("apache2-foreground",)


def _packages(component: Component) -> list[str]:
    install = (*component.install_production, "--ignore-platform-reqs", "--no-scripts")
    return [f"FROM {_COMPOSER.reference()} AS build", "WORKDIR /app", "COPY . .", f"RUN {shlex.join(install)}", ""]


def _install(extensions: list[str]) -> str:
    headers = (
        "apt-get update && apt-get install --yes --no-install-recommends libpq-dev && "
        if "pdo_pgsql" in extensions
        else ""
    )
    return f"RUN {headers}docker-php-ext-install {' '.join(extensions)} && rm -rf /var/lib/apt/lists/*"


def _apache(root: str, port: int) -> list[str]:
    """The commands that give Apache its document root and its port."""
    return [
        f"sed -ri -e 's!/var/www/html!{root}!g' /etc/apache2/sites-available/*.conf",
        f"sed -ri -e 's!/var/www/!{root}!g' /etc/apache2/apache2.conf",
        f"sed -ri -e 's!^Listen 80$!Listen {port}!' /etc/apache2/ports.conf",
        f"sed -ri -e 's!:80>!:{port}>!' /etc/apache2/sites-available/000-default.conf",
        "a2enmod rewrite",
    ]
