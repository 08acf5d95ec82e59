"""A stage of a build."""

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from sandbox.github.ci.image.dockerfile import DockerfileError
from sandbox.registry import images as registry

STACKS = {
    "python": ("python", "uv"),
    "node": ("node", "bun"),
    "go": ("golang",),
    "java": ("maven", "temurin", "openjdk", "gradle"),
}


@dataclass
class Stage(registry.Built):
    """An image during its build. `command` holds the arguments of the entry point."""

    entrypoint: list[str] = field(default_factory=list)

    def path(self, image_path: str) -> Path:
        """The location of an image path on disk. Relative paths are below the working directory."""
        pure = PurePosixPath(self.workdir) / image_path
        parts = [part for part in pure.parts[1:] if part not in (".", "")]
        if ".." in parts:
            raise DockerfileError(f"{image_path}: the sandbox does not follow '..' in an image")
        return self.root.joinpath(*parts)


def stack_of(reference: str) -> str:
    """`python`, `node`, `go`, `java` or `other`, by the name of a base image."""
    name = reference.partition("@")[0].lower()
    return next((stack for stack, marks in STACKS.items() if any(mark in name for mark in marks)), "other")
