"""The platform's queue: by cause, the oldest first, with what it costs."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from catalog.models import Organisation, Team
from onboarding import blocking
from onboarding.engine import progress
from onboarding.models import Blocker, BlockerState, Move, Step
from tests.conftest import Cast
from tests.pages import rows
from tests.pages.test_addresses import words


def test_an_empty_queue_says_what_it_is_for(cast: Cast, pat: Client) -> None:
    assert "Nobody waits for you" in words(pat.get("/queue/").content)


def test_one_cause_names_every_run_and_person_that_it_holds(cast: Cast, pat: Client) -> None:
    for name, person in (("one", cast.alice), ("two", cast.bob)):
        blocker = rows.block(cast, rows.onboarding(cast, name, person))
    rows.ticket(blocker)
    rows.comment(blocker, "Asked finance.")
    Step.objects.filter(blocker=blocker).update(since=timezone.now() - timedelta(minutes=30))
    said = words(pat.get("/queue/").content)
    assert Blocker.objects.count() == 1
    for expected in (
        "acme/one",
        "acme/two",
        "alice, bob",
        "PLAT-1",
        "1 h in 2 runs",
        "Asked finance.",
        "A team’s allowance is used up",
    ):
        assert expected in said, expected


def test_the_oldest_cause_comes_first(cast: Cast, pat: Client) -> None:
    blocker = rows.block(cast, rows.onboarding(cast))
    older = _other(cast, "Cluster refuses", cast.acme)
    Blocker.objects.filter(pk=older.pk).update(opened_at=timezone.now() - timedelta(hours=2))
    said = words(pat.get("/queue/").content)
    assert said.index("Cluster refuses") < said.index(blocker.summary)


def test_another_company_s_causes_are_not_ours(cast: Cast, pat: Client) -> None:
    other = Organisation.objects.create(slug="umbrella", name="Umbrella", issues_project="UMB")
    blocker = _other(cast, "Theirs alone", other)
    assert "Theirs alone" not in words(pat.get("/queue/").content)
    assert pat.post(f"/blockers/{blocker.pk}/looks/").status_code == 404


def test_looking_now_wakes_the_watch(cast: Cast, pat: Client) -> None:
    blocker = rows.block(cast, rows.onboarding(cast))
    Step.objects.filter(run=blocker.pk).update(
        state="waiting", due_at=timezone.now() + timedelta(hours=1), move=Move.PLATFORM
    )
    assert "Looking now" in words(pat.post(f"/blockers/{blocker.pk}/looks/", follow=True).content)
    step = Step.objects.get(run=blocker.pk)
    assert step.due_at is not None
    assert step.due_at <= timezone.now()


def test_what_was_cleared_is_told_and_the_month_is_counted(cast: Cast, pat: Client) -> None:
    blocker = rows.block(cast, rows.onboarding(cast, "one"))
    rows.block(cast, rows.onboarding(cast, "two"))
    blocking.resume(blocker, "PLAT-1 was closed.")
    Blocker.objects.filter(pk=blocker.pk).update(
        state=BlockerState.CLEARED, closed_at=timezone.now() + timedelta(minutes=30), ends_with="PLAT-1 was closed."
    )
    said = words(pat.get("/queue/").content)
    assert "Ended lately" in said
    assert "PLAT-1 was closed." in said
    assert "A team’s allowance is used up 1 2" in said


def test_the_queue_costs_the_same_for_one_run_and_for_many(
    cast: Cast, pat: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(8):
        rows.block(cast, rows.onboarding(cast, f"service-{number}"))
    with django_assert_max_num_queries(17):
        pat.get("/queue/")


def _other(cast: Cast, summary: str, organisation: Organisation) -> Blocker:
    """A second cause, for the platform team of an organisation."""
    run = progress.start("blocker")
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
