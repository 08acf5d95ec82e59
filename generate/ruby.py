"""Ruby in pipelines and images. https://github.com/ruby/setup-ruby, https://hub.docker.com/_/ruby"""

import shlex

from generate.images import BaseImage
from generate.pinned_actions import PinnedAction, default_version
from generate.toolchain import Step, TravisLanguage
from stacks import Command, Component
from stacks.ruby_version import RUNTIME

MEMORY = ("128Mi", "512Mi")
EDITIONS: dict[str, str] = {}
TRAVIS = TravisLanguage("ruby", "rvm", caches=("bundler",))
_RUBY = BaseImage("ruby:{}-slim", {"3.4": "sha256:634fb60b00d033da01c2062f2f067cd29f4d16a26ed0c0aa37e4e24ae2374628"})
_SETUP = PinnedAction("ruby/setup-ruby", "09a7688d3b55cf0e976497ff046b70949eeaccfd", "v1.288.0")
_LIBRARIES = {
    "postgresql": ("libpq-dev", "libpq5"),
    "mysql": ("default-libmysqlclient-dev", "libmariadb3"),
    "sqlite": ("libsqlite3-dev", "libsqlite3-0"),
}
"""Kind of server or store → (the package that builds its client, the package that runs it)."""
_ENVIRONMENT = (
    "ENV BUNDLE_DEPLOYMENT=1 BUNDLE_PATH=/usr/local/bundle BUNDLE_WITHOUT=development:test HOME=/tmp "
    "RACK_ENV=production RAILS_ENV=production RAILS_LOG_TO_STDOUT=1 BOOTSNAP_CACHE_DIR=/tmp"
)


def refusal(component: Component) -> str:
    if component.lock_file or not component.package_manager:
        return ""
    return "Bundler installs the gems of an image only from a lock file, and none is committed"


def steps(component: Component) -> list[Step]:
    """Ruby, with the gems of the lock file in the cache."""
    folder = {"working-directory": component.folder} if component.folder else {}
    gems = {"bundler-cache": True} if component.lock_file else {}
    return [{"uses": _SETUP.reference, "with": _version(component) | folder | gems}]


def image(component: Component) -> list[str]:
    """Two stages: compilers and headers stay out of the final image."""
    name = _RUBY.reference(component.version or RUNTIME.default)
    if not component.package_manager:
        return [f"FROM {name}", "WORKDIR /app", "ENV HOME=/tmp", "COPY . ."]
    libraries = [_LIBRARIES[need] for need in component.needs if need in _LIBRARIES]
    manifests = [f"COPY {' '.join(component.manifests)} ./", "RUN bundle install", "COPY . ."]
    return [
        f"FROM {name} AS build",
        "WORKDIR /app",
        _apt_install(["build-essential", "libyaml-dev", *(headers for headers, _ in libraries)]),
        _ENVIRONMENT,
        *(manifests if component.manifests else ["COPY . .", "RUN bundle install"]),
        *([f"RUN SECRET_KEY_BASE_DUMMY=1 {shlex.join(component.build)}"] if component.build else []),
        "",
        f"FROM {name}",
        "WORKDIR /app",
        *([_apt_install([library for _, library in libraries])] if libraries else []),
        _ENVIRONMENT,
        "COPY --from=build /usr/local/bundle /usr/local/bundle",
        "COPY --from=build /app ./",
    ]


def command(component: Component) -> Command:
    """Rails writes its process ID to a file; it goes to /tmp, because the image's own file system is read-only."""
    start = component.start
    if component.framework == "rails" and start[:2] == ("sh", "-c") and "rails server" in start[2]:
        return ("sh", "-c", f"{start[2]} -P /tmp/server.pid")
    return start


def _version(component: Component) -> dict[str, str]:
    """The action finds the version file at the root of the repository without help."""
    if component.version_file and not component.root:
        return {}
    return {"ruby-version": component.version or default_version(RUNTIME.default)}


def _apt_install(packages: list[str]) -> str:
    install = f"apt-get install --yes --no-install-recommends {' '.join(packages)}"
    return f"RUN apt-get update && {install} && rm -rf /var/lib/apt/lists/*"
