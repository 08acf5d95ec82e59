"""An import of teams with everything that follows from it: what is recorded, and whose sessions end."""

from collections.abc import Sequence

from django.db import transaction

from catalog import sync
from catalog.departures import Report
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
            sessions = end_sessions_of(person)
            record(
                "onramp.person.departed", f"person:{person.username}", login=person.username, sessions_ended=sessions
            )
    return report
