"""An import of teams with everything that follows from it: what is recorded, and whose sessions end."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from catalog import sync
from catalog.departures import Report
from catalog.models import Team
from events.log import record
from portal.sessions import end_sessions_of


def synchronise(entries: Sequence[sync.OrganisationEntry]) -> Report:
    """Raises sync.SyncFailed, IntegrationError."""
    with transaction.atomic():
        report = sync.synchronise(entries)
        for login, team in report.joined:
            record("onramp.membership.added", f"team:{team}", login=login, team=team)
        for login, team in report.left:
            record("onramp.membership.removed", f"team:{team}", login=login, team=team)
        for person in report.departed:
            teams = [key for login, key in report.left if login == person.username]
            organisations = sorted(set(Team.objects.filter(key__in=teams).values_list("organisation__slug", flat=True)))
            sessions = end_sessions_of(person)
            facts: dict[str, Any] = {"sessions_ended": sessions, "organisations": organisations}
            record("onramp.person.departed", f"person:{person.username}", login=person.username, **facts)
    return report
