"""Blockers that any provider can cause: rejected credentials, a long outage, disabled pipelines."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models.functions import Now

from catalog.models import Organisation, Team
from engine import execution
from engine.models import Move, RunState, Step, StepState
from integrations import providers
from onboarding.blockers import lifecycle, tickets
from onboarding.models import BlockerState, Onboarding
from tests.journey.actors import PLENTY
from tests.journey.conftest import World
from tests.journey.engine import blocker_of, step, watch_of

WRONG = "expired-0123456789"


@pytest.mark.fault(9, "token expired in the middle")
@pytest.mark.parametrize(
    ("capability", "variable", "name"),
    [
        ("source", "PORTAL_SOURCE_GITHUB_TOKEN", "access"),
        ("pipelines", "PORTAL_PIPELINES_GITHUB_ACTIONS_TOKEN", "pipeline"),
        ("cluster", "PORTAL_CLUSTER_KUBERNETES_TOKEN", "namespace"),
        ("logs", "PORTAL_LOGS_ELK_API_KEY", "logs"),
    ],
)
def test_rejected_credentials_block_until_they_are_valid(
    world: World, monkeypatch: pytest.MonkeyPatch, capability: str, variable: str, name: str
) -> None:
    run = world.start(world.actors.repository())
    with monkeypatch.context() as patched:
        patched.setenv(variable, WRONG)
        world.configure()
        world.engine.limit_to(name)
        world.engine.drain()
        blocker = blocker_of(run, name)
        assert (blocker.kind, blocker.fingerprint, blocker.owner) == (
            "credentials",
            f"credentials:{providers.credential(capability)}:acme",
            Move.PLATFORM,
        )
        body = world.actors.ticket(blocker.ticket_key)["description"]
        assert WRONG not in body
        assert capability in body
        world.engine.poll()
        assert step(run, name).state == StepState.BLOCKED
    world.configure()
    world.engine.poll()
    assert step(run, name).state == StepState.DONE
    blocker.refresh_from_db()
    assert blocker.state == BlockerState.CLEARED
    assert world.actors.ticket(blocker.ticket_key)["status"]["name"] == "Done"


def set_failing_for(run: Onboarding, name: str, minutes: int) -> None:
    Step.objects.filter(run=run.pk, name=name).update(failing_since=Now() - timedelta(minutes=minutes))


@pytest.mark.fault(9, "5xx before doing it")
@pytest.mark.parametrize(
    ("capability", "path", "name"),
    [
        ("metrics", "/prometheus/", "metrics"),
        ("cluster", "/kubernetes/", "namespace"),
        ("source", "/github/", "access"),
    ],
)
def test_an_outage_pauses_a_step_and_blocks_it_when_it_lasts(
    world: World, capability: str, path: str, name: str
) -> None:
    run = world.start(world.actors.repository())
    world.engine.limit_to(name)
    world.sandbox.fault("error-before", path)
    world.engine.drain()
    failing = step(run, name)
    assert (failing.state, failing.move, failing.failures) == (StepState.WAITING, Move.MACHINE, 1)
    assert "Retrying automatically" in failing.reason
    set_failing_for(run, name, 11)
    world.engine.poll()
    blocker = blocker_of(run, name)
    assert (blocker.fingerprint, blocker.owner) == (f"provider-down:{capability}:acme", Move.PLATFORM)
    assert world.actors.tickets(blocker.summary) == [blocker.ticket_key]
    world.engine.poll()
    assert step(run, name).state == StepState.BLOCKED
    world.sandbox.behave()
    world.engine.poll()
    assert step(run, name).state == StepState.DONE


def test_a_provider_blocks_the_runs_of_each_organisation_separately(world: World) -> None:
    """Each platform team's ticket names its runs only, and declining it ends only those."""
    ours, theirs = (world.start(world.actors.repository()) for _ in range(2))
    globex = Organisation.objects.create(slug="globex", name="Globex", issues_project="PLAT")
    team = Team.objects.create(organisation=globex, slug="storefront", name="Globex's storefront")
    world.sandbox.fault("error-before", "/prometheus/")
    world.engine.limit_to("metrics")
    world.engine.drain()
    Onboarding.objects.filter(pk=theirs.pk).update(team=team)
    for run in (ours, theirs):
        set_failing_for(run, "metrics", 11)
    world.engine.poll()
    first, second = blocker_of(ours, "metrics"), blocker_of(theirs, "metrics")
    assert [blocker.organisation.slug for blocker in (first, second) if blocker.organisation] == ["acme", "globex"]
    assert theirs.repository.full_name not in tickets.body(first)
    with transaction.atomic():
        lifecycle.decline(second, "not now")
    ours.run.refresh_from_db()
    theirs.run.refresh_from_db()
    assert (ours.run.state, theirs.run.state) == (RunState.ACTIVE, RunState.DECLINED)


def test_a_step_does_not_fail_before_an_outage_counts_as_long(world: World) -> None:
    """Twelve attempts take about five minutes, but only an outage of ten minutes opens a ticket."""
    run = world.start(world.actors.repository())
    world.engine.limit_to("metrics")
    world.sandbox.fault("error-before", "/prometheus/")
    world.engine.drain()
    Step.objects.filter(run=run.pk, name="metrics").update(failures=execution.MAX_FAILURES)
    set_failing_for(run, "metrics", 5)
    world.engine.poll()
    assert step(run, "metrics").state == StepState.WAITING
    set_failing_for(run, "metrics", 11)
    world.engine.poll()
    assert blocker_of(run, "metrics").kind == "provider-down"


@pytest.mark.fault(9, "429 with retry-after")
def test_a_rate_limit_is_waited_for_and_never_blocks(world: World) -> None:
    run = world.start(world.actors.repository())
    world.engine.limit_to("access")
    world.sandbox.fault("rate-limit", "/github/", seconds=600)
    world.engine.drain()
    set_failing_for(run, "access", 60)
    Step.objects.filter(run=run.pk, name="access").update(failures=execution.MAX_FAILURES)
    world.engine.poll()
    waiting = step(run, "access")
    assert (waiting.state, waiting.blocked_by) == (StepState.WAITING, None)
    assert waiting.due_at is not None
    assert waiting.due_at - waiting.since > timedelta(minutes=9), "it waits until the limit ends"


@pytest.mark.parametrize("failure", ["down", "credentials"])
def test_a_blocker_is_watched_while_the_issue_tracker_is_down(
    world: World, monkeypatch: pytest.MonkeyPatch, failure: str
) -> None:
    if failure == "down":
        world.sandbox.fault("error-before", "/jira/")
    else:
        monkeypatch.setenv("PORTAL_ISSUES_JIRA_TOKEN", WRONG)
        world.configure()
    (run,) = world.blocked_by_allowance()
    blocker = blocker_of(run, "namespace")
    for _ in range(execution.MAX_FAILURES + 2):
        Step.objects.filter(run=blocker.pk).update(failing_since=Now() - timedelta(hours=2))
        world.engine.poll()
    watch = watch_of(blocker)
    assert (watch.state, watch.blocked_by) == (StepState.WAITING, None)
    assert "cannot update the ticket" in watch.reason
    world.sandbox.behave()
    world.configure(PORTAL_ISSUES_JIRA_TOKEN="sandbox-jira-token")
    world.engine.poll()
    blocker.refresh_from_db()
    assert world.actors.tickets(str(run.pk)) == [blocker.ticket_key]


def test_a_blocker_that_clears_while_the_issue_tracker_is_down_resumes_its_runs(world: World) -> None:
    (run,) = world.blocked_by_allowance()
    blocker = blocker_of(run, "namespace")
    world.sandbox.fault("error-before", "/jira/")
    world.actors.grant("acme-storefront", PLENTY)
    world.engine.poll()
    assert step(run, "namespace").state == StepState.DONE
    world.sandbox.behave()
    world.engine.poll()
    assert watch_of(blocker).state == StepState.DONE
    assert world.actors.ticket(blocker.ticket_key)["status"]["name"] == "Done"
    assert len([comment for comment in world.actors.comments(blocker.ticket_key) if "no longer waits" in comment]) == 1


def test_the_team_must_enable_disabled_pipelines(world: World) -> None:
    name = world.actors.repository()
    path = f"/repos/{name}/actions/permissions"
    world.actors.github("PUT", path, {"enabled": False}, person="onramp-bot")
    run = world.start(name)
    world.engine.limit_to("pipeline")
    world.engine.drain()
    blocker = blocker_of(run, "pipeline")
    assert (blocker.kind, blocker.owner, blocker.ticket_key) == ("pipelines-off", Move.TEAM, "")
    assert "Settings → Actions" in blocker.explanation
    world.engine.poll()
    assert step(run, "pipeline").state == StepState.BLOCKED
    assert not world.actors.tickets(name)
    world.actors.github("PUT", path, {"enabled": True}, person="onramp-bot")
    world.engine.poll()
    assert step(run, "pipeline").state == StepState.DONE
