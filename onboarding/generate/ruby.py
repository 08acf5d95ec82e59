"""Ruby in a pipeline and in an image. https://github.com/ruby/setup-ruby, https://hub.docker.com/_/ruby"""

import shlex
from typing import Any

from onboarding.generate.actions import pinned
from onboarding.generate.images import base
from onboarding.generate.text import noted
from onboarding.stacks import Command, Component
from onboarding.stacks.ruby import RUNTIME

MEMORY = ("128Mi", "512Mi")
_LIBRARIES = {
    "postgresql": ("libpq-dev", "libpq5"),
    "mysql": ("default-libmysqlclient-dev", "libmariadb3"),
    "sqlite": ("libsqlite3-dev", "libsqlite3-0"),
}
"""Server or store → the package to build its client with, and the one to run it."""
_ENVIRONMENT = (
    "ENV BUNDLE_DEPLOYMENT=1 BUNDLE_PATH=/usr/local/bundle BUNDLE_WITHOUT=development:test HOME=/tmp "
    "RACK_ENV=production RAILS_ENV=production RAILS_LOG_TO_STDOUT=1 BOOTSNAP_CACHE_DIR=/tmp"
)


def refuses(one: Component) -> str:
    return (
        ""
        if one.lock_file or not one.package_manager
        else "Bundler installs an image's gems only from a lock file, and none is committed"
    )


def steps(one: Component) -> list[dict[str, Any]]:
    """Ruby, with the gems of the lock file in the cache."""
    version = (
        {}
        if one.version_file and not one.root
        else {"ruby-version": one.version or noted(RUNTIME.default, "the repository names no version")}
    )
    folder = {"working-directory": one.folder} if one.folder else {}
    gems = {"bundler-cache": True} if one.lock_file else {}
    return [{"uses": noted(*pinned("ruby/setup-ruby")), "with": version | folder | gems}]


def image(one: Component) -> list[str]:
    """Two stages: compilers and headers stay out of what runs."""
    name = base("ruby", one.version or RUNTIME.default)
    if not one.package_manager:
        return [f"FROM {name}", "WORKDIR /app", "ENV HOME=/tmp", "COPY . ."]
    needed = [_LIBRARIES[each] for each in one.needs if each in _LIBRARIES]
    copied = (
        [f"COPY {' '.join(one.manifests)} ./", "RUN bundle install", "COPY . ."]
        if one.manifests
        else ["COPY . .", "RUN bundle install"]
    )
    return [
        f"FROM {name} AS build",
        "WORKDIR /app",
        _installed(["build-essential", "libyaml-dev", *(built for built, _ in needed)]),
        _ENVIRONMENT,
        *copied,
        *([f"RUN SECRET_KEY_BASE_DUMMY=1 {shlex.join(one.build)}"] if one.build else []),
        "",
        f"FROM {name}",
        "WORKDIR /app",
        *([_installed([runs for _, runs in needed])] if needed else []),
        _ENVIRONMENT,
        "COPY --from=build /usr/local/bundle /usr/local/bundle",
        "COPY --from=build /app ./",
    ]


def command(one: Component) -> Command:
    """Rails notes its process in a file, and the image's own file system cannot be written."""
    if one.framework == "rails" and one.start[:2] == ("sh", "-c") and "rails server" in one.start[2]:
        return ("sh", "-c", f"{one.start[2]} -P /tmp/server.pid")
    return one.start


def _installed(packages: list[str]) -> str:
    return f"RUN apt-get update && apt-get install --yes --no-install-recommends {' '.join(packages)} && rm -rf /var/lib/apt/lists/*"
