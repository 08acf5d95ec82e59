"""The record of what people did, as their platform team reads it: who, what, before and after."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from catalog.models import Person, Team
from events.models import ABOUT_PEOPLE, ACTS, Event

MAX_EXPORTED = 100_000
"""Lines of one export; a narrower filter reaches the rest."""
COLUMNS = ("time", "person", "type", "subject", "data")
RUN, TEAM = "run:", "team:"
_IN_OTHER_COLUMNS = {"repository", "login", "organisations"}

WORDS = {
    "onramp.address.rejected": "Pasted a URL that was refused",
    "onramp.corrections.saved": "Edited what was read of a repository",
    "onramp.membership.added": "Joined a team",
    "onramp.membership.removed": "Left a team",
    "onramp.onboarding.agreed": "Agreed for the team",
    "onramp.onboarding.started": "Started an onboarding",
    "onramp.person.departed": "Is on no team any more",
    "onramp.person.dispossessed": "Lost a login that another account has now",
    "onramp.person.renamed": "Got another login at the source host",
    "onramp.person.signed_in": "Signed in",
    "onramp.person.signed_out": "Signed out",
    "onramp.plan.left": "Left a plan without starting it",
    "onramp.plan.rejected": "Requested a plan that was refused",
    "onramp.plan.shown": "Created a plan",
    "onramp.refused": "Was refused for lack of rights",
    "onramp.run.cancelled": "Cancelled a run",
    "onramp.run.rerun": "Re-ran from a step",
    "onramp.settings.entered": "Entered values of variables",
    "onramp.step.retry_requested": "Retried or checked a step",
    "onramp.team.skipped": "A team at the source host was skipped",
    "onramp.token.created": "Created an API token",
    "onramp.token.revoked": "Revoked an API token",
    "onramp.undo.started": "Started an undo",
}
"""What a person did, by event type; another type is shown by its name."""


@dataclass(frozen=True)
class Line:
    """One act. `run` is the id of the run it is about, where it is about one."""

    at: datetime
    person: str
    action: str
    subject: str
    run: str
    facts: dict[str, str]


def of(reader: Person, person: str = "", text: str = "") -> QuerySet[Event]:
    """What people of the organisations that this platform engineer works for did, the newest first; by one person, or about what
    contains a text."""
    events = Event.objects.filter(ACTS).filter(_within(reader))
    if person:
        events = events.filter(Q(person=person) | (ABOUT_PEOPLE & Q(data__login=person)))
    if text:
        events = events.filter(
            Q(subject__icontains=text) | Q(type__icontains=text) | Q(data__repository__icontains=text)
        )
    return events.order_by("-id")


def _within(reader: Person) -> Q:
    """What concerned the reader's organisations at the time; see `events.log.record`."""
    governed = Team.objects.with_member(reader).filter(is_platform=True)
    within = Q(pk__in=[])
    for slug in governed.values_list("organisation__slug", flat=True):
        within |= Q(data__contains={"organisations": [slug]})
    return within


def line(event: Event) -> Line:
    """An event as the page shows it."""
    facts = {name: _shown(value) for name, value in event.data.items() if _is_told(name, value)}
    about = event.subject.removeprefix(RUN) if event.subject.startswith(RUN) else ""
    person = event.person or str(event.data.get("login", ""))
    subject = str(event.data.get("repository", "")) or ("" if about else event.subject.removeprefix(TEAM))
    return Line(event.time, person, WORDS.get(event.type, event.type), subject, about, facts)


def _is_told(name: str, value: object) -> bool:
    return name not in _IN_OTHER_COLUMNS and value not in (None, "", [], {})


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def as_json_lines(events: QuerySet[Event]) -> Iterator[str]:
    """One JSON object a line, in the fields of COLUMNS; https://jsonlines.org"""
    for event in events[:MAX_EXPORTED].iterator():
        yield json.dumps(dict(zip(COLUMNS, _row(event), strict=True)), ensure_ascii=False) + "\n"


def as_csv(events: QuerySet[Event]) -> Iterator[str]:
    """RFC 4180, with a line of headings. A cell that a spreadsheet would execute begins with a quotation mark."""
    yield _csv_line(COLUMNS)
    for event in events[:MAX_EXPORTED].iterator():
        time, person, kind, subject, data = _row(event)
        yield _csv_line([_inert(str(cell)) for cell in (time, person, kind, subject, json.dumps(data))])


def _row(event: Event) -> tuple[str, str, str, str, dict[str, object]]:
    return event.time.isoformat(), event.person, event.type, event.subject, event.data


def _inert(cell: str) -> str:
    """https://owasp.org/www-community/attacks/CSV_Injection"""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _csv_line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()
