"""A repository by its id as well as its name: another repository can take a name as soon as it is free."""

from integrations.errors import Missing
from integrations.source import RepositoryFacts, source_reader


class AnotherRepository(Missing):
    """The name belongs to a repository with another id."""


def facts_of(full_name: str, id: str) -> RepositoryFacts:
    """What the host reports of this repository. Raises AnotherRepository and every other IntegrationError."""
    facts = source_reader().repository(full_name)
    if facts.id != id:
        raise AnotherRepository(source_reader().name, f"{full_name} is another repository than before")
    return facts


def permission_of(full_name: str, id: str, login: str) -> str:
    """The person's permission in this repository, as `SourceReader.permission` has it. Raises as `facts_of` does."""
    return source_reader().permission(facts_of(full_name, id).full_name, login)
