"""The platform's queue: one entry per blocker, oldest first, with what it costs."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from catalog.models import Organisation, Team
from engine import runs
from engine.models import Move, Step
from onboarding.blockers import lifecycle
from onboarding.models import Blocker, BlockerState
from tests.conftest import Cast
from tests.pages import rows
from tests.pages.test_addresses import words


def test_an_empty_queue_explains_what_it_is_for(cast: Cast, pat: Client) -> None:
    assert "Nothing is waiting for you" in words(pat.get("/queue/").content)


def test_a_blocker_names_every_run_and_person_that_waits(cast: Cast, pat: Client) -> None:
    for name, person in (("one", cast.alice), ("two", cast.bob)):
        blocker = rows.block(cast, rows.onboarding(cast, name, person))
    rows.ticket(blocker)
    rows.comment(blocker, "Asked finance.")
    Step.objects.filter(blocked_by=blocker.pk).update(since=timezone.now() - timedelta(minutes=30))
    text = words(pat.get("/queue/").content)
    assert Blocker.objects.count() == 1
    for expected in (
        "acme/one",
        "acme/two",
        "alice, bob",
        "PLAT-1",
        "1 h in 2 runs",
        "Asked finance.",
        "A team's allowance is used up",
    ):
        assert expected in text, expected


def test_the_oldest_blocker_comes_first(cast: Cast, pat: Client) -> None:
    blocker = rows.block(cast, rows.onboarding(cast))
    older = _other(cast, "Cluster refuses", cast.acme)
    Blocker.objects.filter(pk=older.pk).update(opened_at=timezone.now() - timedelta(hours=2))
    text = words(pat.get("/queue/").content)
    assert text.index("Cluster refuses") < text.index(blocker.summary)


def test_blockers_of_another_organisation_are_hidden(cast: Cast, pat: Client) -> None:
    other = Organisation.objects.create(slug="umbrella", name="Umbrella", issues_project="UMB")
    blocker = _other(cast, "Only theirs", other)
    assert "Only theirs" not in words(pat.get("/queue/").content)
    assert pat.post(f"/blockers/{blocker.pk}/checks/").status_code == 404


def test_check_now_wakes_the_blocker(
    cast: Cast, pat: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    blocker = rows.block(cast, rows.onboarding(cast))
    Step.objects.filter(run=blocker.pk).update(
        state="waiting", due_at=timezone.now() + timedelta(hours=1), move=Move.PLATFORM
    )
    with django_capture_on_commit_callbacks(execute=True):
        assert "Checking now" in words(pat.post(f"/blockers/{blocker.pk}/checks/", follow=True).content)
    step = Step.objects.get(run=blocker.pk)
    assert step.due_at is not None
    assert step.due_at <= timezone.now()


def test_closed_blockers_are_listed_and_the_month_is_counted(cast: Cast, pat: Client) -> None:
    blocker = rows.block(cast, rows.onboarding(cast, "one"))
    rows.block(cast, rows.onboarding(cast, "two"))
    lifecycle.resume(blocker, "PLAT-1 was closed.")
    Blocker.objects.filter(pk=blocker.pk).update(
        state=BlockerState.CLEARED,
        closed_at=timezone.now() + timedelta(minutes=30),
        closing_message="PLAT-1 was closed.",
    )
    text = words(pat.get("/queue/").content)
    assert "Recently closed" in text
    assert "PLAT-1 was closed." in text
    assert "A team's allowance is used up 1 2" in text


def test_the_queue_needs_no_query_per_run(
    cast: Cast, pat: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(8):
        rows.block(cast, rows.onboarding(cast, f"service-{number}"))
    with django_assert_max_num_queries(17):
        pat.get("/queue/")


def _other(cast: Cast, summary: str, organisation: Organisation) -> Blocker:
    """A second blocker, for the platform team of an organisation."""
    run = runs.start("blocker")
    team = Team.objects.filter(organisation=organisation).first()
    return Blocker.objects.create(
        run=run,
        kind="cluster-refuses",
        fingerprint=summary,
        owner=Move.PLATFORM,
        organisation=organisation,
        team=team,
        summary=summary,
        explanation="It says no.",
        clears_when="It says yes.",
    )
