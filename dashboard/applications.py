"""A team's applications, broken ones first; each axis is shown separately, and unknown is shown as unknown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Case, Count, IntegerField, Min, Prefetch, Q, QuerySet, Value, When
from django.db.models.fields.json import KeyTransform
from django.utils import timezone

import generate
from catalog.models import Application, Axis, Health, Person, Status, Team
from engine.models import RunState
from onboarding.models import Onboarding

_WORDS = {
    Axis.BUILD: {Health.GOOD: "Passing", Health.BAD: "Failing", Health.BUSY: "Building"},
    Axis.DELIVERY: {Health.GOOD: "Deployed", Health.BAD: "Not deployed", Health.BUSY: "Deploying"},
    Axis.RUNTIME: {Health.GOOD: "Running", Health.BAD: "Down", Health.BUSY: "Starting"},
}
_ICONS = {Health.GOOD: "done", Health.BAD: "problem", Health.BUSY: "going", Health.UNKNOWN: "unknown"}
_SORT_ORDER = {Health.BAD: 0, Health.BUSY: 1, Health.UNKNOWN: 2, Health.GOOD: 3}
STALE_AFTER = 3
"""After this many missed checks, a status is shown as unknown."""


@dataclass(frozen=True)
class AxisView:
    axis: Axis
    word: str
    icon: str
    cause: str
    url: str
    since: datetime | None
    seen_at: datetime | None


@dataclass(frozen=True)
class ApplicationView:
    application: Application
    axes: list[AxisView]
    run: Onboarding | None
    updates: list[str]
    """What the golden path has added since its files were written; empty where they are up to date."""

    @property
    def broken(self) -> bool:
        return any(axis.icon == "problem" for axis in self.axes)

    @property
    def problems(self) -> list[AxisView]:
        return [axis for axis in self.axes if axis.cause]


def teams_of(person: Person) -> QuerySet[Team]:
    """The teams whose pages this person may see, each with the number of its applications and of the broken ones."""
    running = Q(applications__removed_at=None, applications__isnull=False)
    broken = running & Q(applications__statuses__health=Health.BAD)
    return (
        Team.objects.of(person)
        .filter(is_platform=False)
        .select_related("organisation")
        .annotate(
            running=Count("applications", filter=running, distinct=True),
            broken=Count("applications", filter=broken, distinct=True),
        )
        .order_by("-broken", "slug")
    )


def team_of(person: Person, key: str) -> Team | None:
    return Team.objects.of(person).filter(key=key).select_related("organisation").first()


def of(team: Team, text: str = "") -> QuerySet[Application]:
    """The team's applications, sorted by the database: broken, in progress, unknown, healthy."""
    rank = Case(
        *(When(statuses__health=health, then=Value(position)) for health, position in _SORT_ORDER.items()),
        default=Value(_SORT_ORDER[Health.UNKNOWN]),
        output_field=IntegerField(),
    )
    rows = Application.objects.filter(team=team, removed_at=None)
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(repository__name__icontains=text))
    runs = Onboarding.objects.select_related("run").annotate(editions=KeyTransform("editions", "plan__content"))
    runs = runs.order_by("-run__created_at")
    return (
        rows.annotate(worst=Min(rank))
        .order_by("worst", "name")
        .select_related("repository", "team", "target")
        .prefetch_related("statuses", Prefetch("repository__onboardings", runs))
    )


def views(rows: Iterable[Application]) -> list[ApplicationView]:
    """The applications as the page shows them; needs what `of` prefetched."""
    return [_view(row) for row in rows]


def _view(row: Application) -> ApplicationView:
    statuses = {status.axis: status for status in row.statuses.all()}
    run = next(iter(row.repository.onboardings.all()), None)
    return ApplicationView(row, [_axis(axis, statuses.get(axis)) for axis in Axis], run, _updates(row))


def _updates(row: Application) -> list[str]:
    """Judged by the newest onboarding, if it finished; one in progress brings the files up to date anyway."""
    runs = list(row.repository.onboardings.all())
    if not runs or runs[0].run.state != RunState.DONE:
        return []
    return generate.since(getattr(runs[0], "editions", None) or {})


def _axis(axis: Axis, status: Status | None) -> AxisView:
    if status is None:
        return AxisView(axis, "Unknown", "unknown", "", "", None, None)
    stale = timezone.now() - status.seen_at > timedelta(seconds=STALE_AFTER * settings.ENV.portal_watch_seconds)
    word = _WORDS[axis].get(Health(status.health), "Unknown")
    return AxisView(
        axis=axis,
        word=f"{word} when last checked" if stale and word != "Unknown" else word,
        icon="unknown" if stale else _ICONS[Health(status.health)],
        cause=status.cause,
        url=status.url,
        since=status.since,
        seen_at=status.seen_at,
    )


def counts(team: Team) -> dict[str, int]:
    """`all`: how many applications the team has; `broken` and `not_onboarded`: how many of them are so. One query."""
    rows = Application.objects.filter(team=team, removed_at=None)
    broken = Count("pk", filter=Q(statuses__health=Health.BAD), distinct=True)
    not_onboarded = Count("pk", filter=Q(onboarded_at=None), distinct=True)
    return dict(rows.aggregate(all=Count("pk", distinct=True), broken=broken, not_onboarded=not_onboarded))
