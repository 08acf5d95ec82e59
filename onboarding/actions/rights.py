"""Who can act on a run: members of its team and of its platform team, and people with write access to its repository.

Having started a run gives no right but to see it, because people leave teams.
"""

from django.core.exceptions import PermissionDenied

from catalog.models import Person, Repository
from events.log import record
from integrations import http
from integrations.errors import IntegrationError, Missing
from integrations.providers import NotConfigured
from integrations.source import identity
from onboarding.models import Onboarding
from onboarding.plans.preflight import CAN_WRITE


class NoRight(PermissionDenied):
    """This person may see the run, but not act on it; the message says what is missing."""


def require(person: Person, onboarding: Onboarding) -> None:
    """Raises NoRight, and records the refusal."""
    team, repository = onboarding.team, onboarding.repository
    if team is not None and person.speaks_for(team):
        return
    if _may_write(person, repository):
        return
    record("onramp.refused", f"run:{onboarding.pk}", person=person.username, repository=repository.full_name)
    raise NoRight(
        f"You are not on {team or 'its team'} and cannot write to {repository.full_name}: you can only look at this run."
    )


def _may_write(person: Person, repository: Repository) -> bool:
    name = repository.full_name
    try:
        with http.read_only():
            return identity.permission_of(name, repository.external_id, person.username) in CAN_WRITE
    except Missing:
        return False
    except (IntegrationError, NotConfigured) as error:
        raise NoRight(
            f"You are not on its team, and Onramp could not check whether you may write to {name}: {error}."
        ) from error
