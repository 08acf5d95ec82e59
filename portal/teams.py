"""An import of teams with everything that follows from it: what is recorded, and whose sessions end."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from catalog import sync
from catalog.departures import Report
from catalog.entries import OrganisationEntry
from catalog.models import Team
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
        facts: dict[str, Any] = {
            "sessions_ended": end_sessions_of(person),
            "organisations": _left(report, person.username),
        }
        record("onramp.person.departed", f"person:{person.username}", login=person.username, **facts)
    for skipped in report.skipped:
        _record_skipped(skipped)


def _left(report: Report, login: str) -> list[str]:
    """The organisations whose teams this person left."""
    teams = [key for each, key in report.left if each == login]
    return sorted(set(Team.objects.filter(key__in=teams).values_list("organisation__slug", flat=True)))


def _record_skipped(skipped: Skipped) -> None:
    """Once for each reason, not at every import."""
    subject = f"source-team:{skipped.team}"
    last = Event.objects.filter(subject=subject, type=SKIPPED).order_by("-id").first()
    if last is None or last.data.get("reason") != skipped.reason:
        record(SKIPPED, subject, reason=skipped.reason)
