"""Fills an empty sandbox with the simulated company's repositories, projects and cluster. Safe to repeat."""

from pathlib import Path

from sandbox.github import repositories
from sandbox.jira.models import Project
from sandbox.kubernetes import seed
from sandbox.world import cast

FILES = Path(__file__).parent / "files"
PROJECTS = (("PLAT", "Platform"), ("ACME", "Acme platform"))


def fill() -> None:
    """Create the missing samples. Existing ones are left unchanged."""
    for key, name in PROJECTS:
        Project.objects.get_or_create(key=key, defaults={"name": name})
    seed.fill()
    for repository in cast.REPOSITORIES:
        repositories.ensure(repository, files_of(repository.name))


def files_of(name: str) -> dict[str, bytes]:
    """The initial content of a sample repository: path → bytes."""
    root = FILES / name
    files = (path for path in sorted(root.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}
