"""Fills an empty sandbox with the pretend company's repositories, projects and cluster. Safe to repeat."""

from sandbox.jira.models import Project


def fill() -> None:
    """Create what is missing of the samples; what is there stays as it is."""
    for key, name in (("PLAT", "Platform"), ("ACME", "Acme platform")):
        Project.objects.get_or_create(key=key, defaults={"name": name})
