"""The repository that a condition is about, as its source host reports it now."""

from catalog.models import Repository
from integrations.source import RepositoryFacts, identity
from onboarding.blockers.causes import Facts


def current(facts: Facts) -> RepositoryFacts:
    """Under whatever name it has by now. Raises IntegrationError."""
    row = Repository.objects.get(pk=facts["repository"])
    return identity.facts_of(row.full_name, row.external_id)
