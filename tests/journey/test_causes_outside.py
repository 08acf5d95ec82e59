"""Causes that any provider can give: refused credentials, a long outage, pipelines switched off."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from onboarding.engine import work
from onboarding.models import BlockerState, Move, Onboarding, Step, StepState
from tests.journey.conftest import World
from tests.journey.engine import blocker_of, step, watch_of
from tests.journey.hands import PLENTY

WRONG = "expired-0123456789"


@pytest.mark.fault(9, "token expired in the middle")
@pytest.mark.parametrize(
    ("capability", "variable", "place"),
    [
        ("source", "PORTAL_SOURCE_GITHUB_TOKEN", "access"),
        ("pipelines", "PORTAL_PIPELINES_ACTIONS_TOKEN", "pipeline"),
        ("cluster", "PORTAL_CLUSTER_KUBERNETES_TOKEN", "namespace"),
        ("logs", "PORTAL_LOGS_ELK_API_KEY", "logs"),
    ],
)
def test_refused_credentials_wait_for_valid_ones(
    world: World, monkeypatch: pytest.MonkeyPatch, capability: str, variable: str, place: str
) -> None:
    run = world.start(world.hands.repository())
    with monkeypatch.context() as patched:
        patched.setenv(variable, WRONG)
        world.configure()
        world.engine.only(place)
        world.engine.go()
        cause = blocker_of(run, place)
        assert (cause.kind, cause.fingerprint, cause.owner) == (
            "credentials",
            f"credentials:{capability}",
            Move.PLATFORM,
        )
        body = world.hands.ticket(cause.ticket_key)["description"]
        assert WRONG not in body
        assert capability in body
        world.engine.look()
        assert step(run, place).state == StepState.BLOCKED
    world.configure()
    world.engine.look()
    assert step(run, place).state == StepState.DONE
    cause.refresh_from_db()
    assert cause.state == BlockerState.CLEARED
    assert world.hands.ticket(cause.ticket_key)["status"]["name"] == "Done"


def failing_for(run: Onboarding, name: str, minutes: int) -> None:
    Step.objects.filter(run=run.pk, name=name).update(failing_since=Now() - timedelta(minutes=minutes))


@pytest.mark.fault(9, "5xx before doing it")
@pytest.mark.parametrize(
    ("capability", "path", "place"),
    [
        ("metrics", "/prometheus/", "metrics"),
        ("cluster", "/kubernetes/", "namespace"),
        ("source", "/github/", "access"),
    ],
)
def test_an_outage_is_a_pause_first_and_a_cause_when_it_lasts(
    world: World, capability: str, path: str, place: str
) -> None:
    run = world.start(world.hands.repository())
    world.engine.only(place)
    world.sandbox.fault("error-before", path)
    world.engine.go()
    failing = step(run, place)
    assert (failing.state, failing.move, failing.failures) == (StepState.WAITING, Move.MACHINE, 1)
    assert "Trying again by itself" in failing.reason
    failing_for(run, place, 11)
    world.engine.look()
    cause = blocker_of(run, place)
    assert (cause.fingerprint, cause.owner) == (f"provider-down:{capability}", Move.PLATFORM)
    assert world.hands.tickets(cause.summary) == [cause.ticket_key]
    world.engine.look()
    assert step(run, place).state == StepState.BLOCKED
    world.sandbox.behave()
    world.engine.look()
    assert step(run, place).state == StepState.DONE


def test_nobody_gives_up_before_an_outage_counts_as_long(world: World) -> None:
    """Twelve tries take about five minutes; ten must pass until the platform team is asked."""
    run = world.start(world.hands.repository())
    world.engine.only("metrics")
    world.sandbox.fault("error-before", "/prometheus/")
    world.engine.go()
    Step.objects.filter(run=run.pk, name="metrics").update(failures=work.MAX_FAILURES)
    failing_for(run, "metrics", 5)
    world.engine.look()
    assert step(run, "metrics").state == StepState.WAITING
    failing_for(run, "metrics", 11)
    world.engine.look()
    assert blocker_of(run, "metrics").kind == "provider-down"


@pytest.mark.fault(9, "429 with retry-after")
def test_a_rate_limit_is_a_wait_with_a_known_end_and_never_a_cause(world: World) -> None:
    run = world.start(world.hands.repository())
    world.engine.only("access")
    world.sandbox.fault("rate-limit", "/github/", seconds=600)
    world.engine.go()
    failing_for(run, "access", 60)
    Step.objects.filter(run=run.pk, name="access").update(failures=work.MAX_FAILURES)
    world.engine.look()
    waiting = step(run, "access")
    assert (waiting.state, waiting.blocker) == (StepState.WAITING, None)
    assert waiting.due_at is not None
    assert waiting.due_at - waiting.since > timedelta(minutes=9), "not before the limit ends"


@pytest.mark.parametrize("trouble", ["down", "credentials"])
def test_a_watch_outlives_the_outage_of_its_own_issue_tracker(
    world: World, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    if trouble == "down":
        world.sandbox.fault("error-before", "/jira/")
    else:
        monkeypatch.setenv("PORTAL_ISSUES_JIRA_TOKEN", WRONG)
        world.configure()
    (run,) = world.blocked_by_its_allowance()
    cause = blocker_of(run, "namespace")
    for _ in range(work.MAX_FAILURES + 2):
        Step.objects.filter(run=cause.pk).update(failing_since=Now() - timedelta(hours=2))
        world.engine.look()
    watch = watch_of(cause)
    assert (watch.state, watch.blocker) == (StepState.WAITING, None)
    assert "cannot be looked after" in watch.reason
    world.sandbox.behave()
    world.configure(PORTAL_ISSUES_JIRA_TOKEN="sandbox-jira-token")
    world.engine.look()
    cause.refresh_from_db()
    assert world.hands.tickets(str(run.pk)) == [cause.ticket_key]


def test_what_clears_while_the_issue_tracker_is_down_resumes_all_the_same(world: World) -> None:
    (run,) = world.blocked_by_its_allowance()
    cause = blocker_of(run, "namespace")
    world.sandbox.fault("error-before", "/jira/")
    world.hands.grant("storefront", PLENTY)
    world.engine.look()
    assert step(run, "namespace").state == StepState.DONE
    world.sandbox.behave()
    world.engine.look()
    assert watch_of(cause).state == StepState.DONE
    assert world.hands.ticket(cause.ticket_key)["status"]["name"] == "Done"
    assert len([one for one in world.hands.said(cause.ticket_key) if "no longer waits" in one]) == 1


def test_pipelines_that_are_switched_off_are_the_teams_to_allow(world: World) -> None:
    name = world.hands.repository()
    path = f"/repos/{name}/actions/permissions"
    world.hands.github("PUT", path, {"enabled": False}, person="onramp-bot")
    run = world.start(name)
    world.engine.only("pipeline")
    world.engine.go()
    cause = blocker_of(run, "pipeline")
    assert (cause.kind, cause.owner, cause.ticket_key) == ("pipelines-off", Move.TEAM, "")
    assert "Settings → Actions" in cause.explanation
    world.engine.look()
    assert step(run, "pipeline").state == StepState.BLOCKED
    assert not world.hands.tickets(name)
    world.hands.github("PUT", path, {"enabled": True}, person="onramp-bot")
    world.engine.look()
    assert step(run, "pipeline").state == StepState.DONE
