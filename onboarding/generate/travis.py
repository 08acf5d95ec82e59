"""The pipeline for Travis CI. https://config.travis-ci.com, https://docs.travis-ci.com/user/build-stages/

Travis gives its jobs no identity of their own: the registry's account comes from the repository's settings there.
"""

import shlex
from collections.abc import Sequence
from typing import Any

from onboarding.generate.files import File, Placement, below
from onboarding.generate.text import dumped
from onboarding.stacks import Component

PATH = ".travis.yml"
_HEADER = """\
# Tests and builds what is in this repository. Proposed by Onramp; it is yours to change.
# REGISTRY_USER and REGISTRY_TOKEN are variables of the repository's settings at Travis, not shown in logs.
"""
_LANGUAGES = {
    "python": ("python", "python", ("pip",)),
    "node": ("node_js", "node_js", ("npm",)),
    "java": ("java", "jdk", ()),
    "go": ("go", "go", ()),
    "ruby": ("ruby", "rvm", ("bundler",)),
    "php": ("php", "php", ()),
    "rust": ("rust", "rust", ("cargo",)),
}
"""Family → (Travis' language, its key for the version, what it caches)."""
_BUILD = """\
set -eu
printf '%s' "${REGISTRY_TOKEN}" | docker login --username "${REGISTRY_USER}" --password-stdin "${REGISTRY}"
docker build --file "${DOCKERFILE}" --tag "${IMAGE}:${TRAVIS_COMMIT}" "${CONTEXT}"
docker push "${IMAGE}:${TRAVIS_COMMIT}"
"""


def travis(components: Sequence[Component], placement: Placement) -> File:
    """One stage of tests, one of images; images are made of the default branch alone."""
    document = {
        "os": "linux",
        "dist": "jammy",
        "stages": ["test", {"name": "image", "if": f"branch = {_quoted(placement.default_branch)} AND type = push"}],
        "jobs": {"include": [job for one in components for job in (_test(one), _image(one, placement))]},
    }
    return File(PATH, _HEADER + dumped(document), "tests every commit and pushes the images of the default branch")


def _quoted(branch: str) -> str:
    """As a word of Travis' conditions. https://docs.travis-ci.com/user/conditions-v1"""
    plain = all(sign.isalnum() or sign in "-_./" for sign in branch)
    return branch if plain else '"' + branch.replace('"', "") + '"'


def _test(one: Component) -> dict[str, Any]:
    language, key, caches = _LANGUAGES.get(one.family, ("generic", "", ()))
    job: dict[str, Any] = {"stage": "test", "name": f"Test {one.name}", "language": language}
    if key and one.version:
        job[key] = [f"openjdk{one.version}" if key == "jdk" else one.version]
    if caches and one.package_manager in (*caches, "bundler"):
        job["cache"] = dict.fromkeys(caches, True)
    enter = [f"cd {shlex.quote(one.folder)}"] if one.folder else []
    job["install"] = [*enter, shlex.join(one.install)] if one.install else [*enter, "true"] if enter else "true"
    job["script"] = [shlex.join(one.test)] if one.test else [f"echo '{one.name} has no tests that could be found.'"]
    return job


def _image(one: Component, placement: Placement) -> dict[str, Any]:
    environment = {
        "REGISTRY": placement.registry_host,
        "IMAGE": placement.image_of(one.name),
        "CONTEXT": one.folder or ".",
        "DOCKERFILE": one.container_file or below(one.root, "Dockerfile"),
    }
    return {
        "stage": "image",
        "name": f"Image {one.name}",
        "language": "minimal",
        "services": ["docker"],
        "env": [f"{name}={shlex.quote(value)}" for name, value in environment.items()],
        "install": "true",
        "script": [_BUILD],
    }
