"""A repository by its id as well as its name: another repository can take a name as soon as it is free."""

from integrations.errors import Missing
from integrations.source import RepositoryFacts, source_reader


class AnotherRepository(Missing):
    """The name belongs to a repository with another id."""


def facts_of(full_name: str, id: str) -> RepositoryFacts:
    """What the host reports of this repository, whose name may differ by now. Raises Missing where it is gone, and every other
    IntegrationError."""
    try:
        facts = source_reader().repository(full_name)
    except Missing:
        facts = None
    return facts if facts is not None and facts.id == id else source_reader().repository_by_id(id)


def another(full_name: str) -> AnotherRepository:
    return AnotherRepository(source_reader().name, f"{full_name} is another repository than before")


def permission_of(full_name: str, id: str, login: str) -> str:
    """The person's permission in this repository, as `SourceReader.permission` has it. Raises as `facts_of` does."""
    return source_reader().permission(facts_of(full_name, id).full_name, login)
