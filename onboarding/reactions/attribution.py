"""Which organisations an act concerns, written into its event: people and teams change later, the record does not."""

import uuid

from django.db.models import QuerySet

from catalog.models import Organisation, Repository, Team
from onboarding.models import Onboarding

RUN, TEAM = "run:", "team:"


def organisations_of(subject: str, logins: set[str]) -> list[str]:
    """Slugs. The organisation of the run, team or repository; where that is of none, those that these people are on a team of."""
    teams = _teams_of(subject)
    if teams is None or not teams.exists():
        teams = Team.objects.filter(memberships__login__in=logins)
    return sorted(Organisation.objects.filter(teams__in=teams).distinct().values_list("slug", flat=True))


def _teams_of(subject: str) -> QuerySet[Team] | None:
    if subject.startswith(RUN):
        run = uuid.UUID(subject.removeprefix(RUN))
        runs = Onboarding.objects.filter(pk=run) | Onboarding.objects.filter(undos__run=run)
        return Team.objects.filter(onboardings__in=runs)
    if subject.startswith(TEAM):
        return Team.objects.filter(key=subject.removeprefix(TEAM))
    owner, slash, name = subject.partition("/")
    if not slash:
        return None
    named = Repository.objects.filter(owner__iexact=owner, name__iexact=name, name_lost_at=None)
    return Team.objects.filter(repositories__in=named)
