"""The pipeline for Travis CI. https://config.travis-ci.com, https://docs.travis-ci.com/user/build-stages/

Travis gives its jobs no identity of their own, so the registry's account comes from the repository's settings there.
"""

import shlex
from collections.abc import Sequence
from typing import Any

from generate.files import File, Placement, below
from generate.toolchain import TravisLanguage
from generate.toolchains import TOOLCHAINS
from generate.yaml_text import dump
from stacks import Component

PATH = ".travis.yml"
_HEADER = """\
# Tests and builds this repository. Proposed by Onramp; change it as you like.
# Set REGISTRY_USER and REGISTRY_TOKEN in the repository's settings on Travis CI, hidden in logs.
"""
_BUILD = """\
set -eu
printf '%s' "${REGISTRY_TOKEN}" | docker login --username "${REGISTRY_USER}" --password-stdin "${REGISTRY}"
docker build --file "${DOCKERFILE}" --tag "${IMAGE}:${TRAVIS_COMMIT}" "${CONTEXT}"
docker push "${IMAGE}:${TRAVIS_COMMIT}"
"""


def travis(components: Sequence[Component], placement: Placement) -> File:
    """A stage of tests, then a stage of images, which are only built on the default branch."""
    branch = _quoted(placement.default_branch)
    document = {
        "os": "linux",
        "dist": "jammy",
        "stages": ["test", {"name": "image", "if": f"branch = {branch} AND type = push"}],
        "jobs": {"include": [job for each in components for job in (_test(each), _image(each, placement))]},
    }
    return File(PATH, _HEADER + dump(document), "tests every commit and pushes the images of the default branch")


def _quoted(branch: str) -> str:
    """The branch as a word in a condition. https://docs.travis-ci.com/user/conditions-v1"""
    plain = all(character.isalnum() or character in "-_./" for character in branch)
    return branch if plain else '"' + branch.replace('"', "") + '"'


def _test(component: Component) -> dict[str, Any]:
    toolchain = TOOLCHAINS.get(component.family)
    language = toolchain.TRAVIS if toolchain else TravisLanguage()
    job: dict[str, Any] = {"stage": "test", "name": f"Test {component.name}", "language": language.name}
    if language.version_key and component.version:
        job[language.version_key] = [f"{language.version_prefix}{component.version}"]
    if component.package_manager in language.caches:
        job["cache"] = dict.fromkeys(language.caches, True)
    enter = [f"cd {shlex.quote(component.folder)}"] if component.folder else []
    install = [shlex.join(component.install)] if component.install else ["true"]
    job["install"] = [*enter, *install] if enter or component.install else "true"
    job["script"] = [shlex.join(component.test) if component.test else f"echo 'No tests found for {component.name}.'"]
    return job


def _image(component: Component, placement: Placement) -> dict[str, Any]:
    environment = {
        "REGISTRY": placement.registry_host,
        "IMAGE": placement.image_of(component.name),
        "CONTEXT": component.folder or ".",
        "DOCKERFILE": component.container_file or below(component.root, "Dockerfile"),
    }
    return {
        "stage": "image",
        "name": f"Image {component.name}",
        "language": "minimal",
        "services": ["docker"],
        "env": [f"{name}={shlex.quote(value)}" for name, value in environment.items()],
        "install": "true",
        "script": [_BUILD],
    }
