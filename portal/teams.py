"""An import of teams with everything that follows from it: what is recorded, and whose sessions end."""

from collections.abc import Sequence

from django.db import transaction

from catalog import sync
from catalog.departures import Report
from catalog.entries import OrganisationEntry
from catalog.source_teams import Skipped
from events.log import record
from events.models import Event
from portal.sessions import end_sessions_of

SKIPPED = "onramp.team.skipped"


def synchronise(entries: Sequence[OrganisationEntry]) -> Report:
    """People who left are out even if the rest fails. Raises SyncFailed, IntegrationError."""
    imports = sync.read(entries)
    with transaction.atomic():
        departures = sync.apply_departures(imports)
        _record(departures)
    with transaction.atomic():
        report = sync.apply(imports)
        _record(report)
    for failure in (each.failure for each in imports if each.failure is not None):
        raise failure
    return departures + report


def _record(report: Report) -> None:
    for login, team in report.joined:
        record("onramp.membership.added", f"team:{team}", login=login, team=team)
    for login, team in report.left:
        record("onramp.membership.removed", f"team:{team}", login=login, team=team)
    for person in report.departed:
        sessions = end_sessions_of(person)
        record("onramp.person.departed", f"person:{person.username}", login=person.username, sessions_ended=sessions)
    for skipped in report.skipped:
        _record_skipped(skipped)


def _record_skipped(skipped: Skipped) -> None:
    """Once for each reason, not at every import."""
    subject = f"source-team:{skipped.team}"
    last = Event.objects.filter(subject=subject, type=SKIPPED).order_by("-id").first()
    if last is None or last.data.get("reason") != skipped.reason:
        record(SKIPPED, subject, reason=skipped.reason)
