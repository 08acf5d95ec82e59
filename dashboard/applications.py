"""A team's applications, the broken first; each axis on its own, and what is unknown is said."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Case, Count, IntegerField, Min, Prefetch, Q, QuerySet, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.utils import timezone

from catalog.models import Application, Axis, Health, Person, Status, Team
from onboarding import generate
from onboarding.models import Onboarding, RunState

_WORDS = {
    Axis.BUILD: {Health.GOOD: "Green", Health.BAD: "Red", Health.BUSY: "Building"},
    Axis.DELIVERY: {Health.GOOD: "Deployed", Health.BAD: "Not deployed", Health.BUSY: "Deploying"},
    Axis.RUNTIME: {Health.GOOD: "Running", Health.BAD: "Down", Health.BUSY: "Starting"},
}
_SHAPES = {Health.GOOD: "done", Health.BAD: "problem", Health.BUSY: "going", Health.UNKNOWN: "unknown"}
STALE = 3
"""What was last seen so many looks ago is no longer called known."""


@dataclass(frozen=True)
class AxisView:
    axis: Axis
    word: str
    shape: str
    cause: str
    url: str
    since: datetime | None
    seen_at: datetime | None
    stale: bool


@dataclass(frozen=True)
class ApplicationView:
    application: Application
    axes: list[AxisView]
    run: Onboarding | None
    behind: list[str]
    """What the golden path brings since its files were written; empty where it is up to date."""

    @property
    def broken(self) -> bool:
        return any(axis.shape == "problem" for axis in self.axes)

    @property
    def causes(self) -> list[AxisView]:
        return [axis for axis in self.axes if axis.cause]


def teams_of(person: Person) -> QuerySet[Team]:
    """The teams whose pages this person may see, with how many applications each runs and how many are broken."""
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


def team_of(person: Person, slug: str) -> Team | None:
    return Team.objects.of(person).filter(slug=slug).select_related("organisation").order_by("pk").first()


def of(team: Team, text: str = "") -> QuerySet[Application]:
    """Sorted by the database: broken, then under way, then unknown, then well."""
    order = {Health.BAD: 0, Health.BUSY: 1, Health.UNKNOWN: 2, Health.GOOD: 3}
    rank = Case(
        *(When(statuses__health=health, then=Value(place)) for health, place in order.items()),
        default=Value(2),
        output_field=IntegerField(),
    )
    rows = Application.objects.filter(team=team, removed_at=None)
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(repository__name__icontains=text))
    runs = Onboarding.objects.select_related("run").annotate(edition=KeyTextTransform("template", "plan__content"))
    runs = runs.order_by("-run__created_at")
    return (
        rows.annotate(worst=Min(rank))
        .order_by("worst", "name")
        .select_related("repository", "team", "target")
        .prefetch_related("statuses", Prefetch("repository__onboardings", runs))
    )


def views(rows: Iterable[Application]) -> list[ApplicationView]:
    """As they are shown; needs what `of` fetched."""
    return [_view(row) for row in rows]


def _view(row: Application) -> ApplicationView:
    known = {status.axis: status for status in row.statuses.all()}
    run = next(iter(row.repository.onboardings.all()), None)
    return ApplicationView(row, [_axis(axis, known) for axis in Axis], run, _behind(row))


def _behind(row: Application) -> list[str]:
    """By the newest onboarding that was carried to its end; one that is under way brings it up to date anyway."""
    runs = list(row.repository.onboardings.all())
    if not runs or runs[0].run.state != RunState.DONE:
        return []
    return generate.since(getattr(runs[0], "edition", None) or "")


def _axis(axis: Axis, known: Mapping[str, Status]) -> AxisView:
    status = known.get(axis)
    if status is None:
        return AxisView(axis, "Unknown", "unknown", "", "", None, None, False)
    stale = timezone.now() - status.seen_at > timedelta(seconds=STALE * settings.ENV.portal_watch_seconds)
    word = _WORDS[axis].get(Health(status.health), "Unknown")
    return AxisView(
        axis=axis,
        word=f"{word}, last we saw" if stale and word != "Unknown" else word,
        shape="unknown" if stale else _SHAPES[Health(status.health)],
        cause=status.cause,
        url=status.url,
        since=status.since,
        seen_at=status.seen_at,
        stale=stale,
    )


def counted(team: Team) -> dict[str, int]:
    """How many there are and how many are broken, in one query."""
    rows = Application.objects.filter(team=team, removed_at=None)
    broken = Count("pk", filter=Q(statuses__health=Health.BAD), distinct=True)
    return dict(rows.aggregate(all=Count("pk", distinct=True), broken=broken))
