"""What tools refuse for reasons of their own: each is a cause, and its condition tries again what was refused."""

import pytest

from engine.models import Move, StepState
from onboarding.models import Blocker
from tests.journey.actors import PLENTY
from tests.journey.conftest import World
from tests.journey.engine import blocker_of, step, watch_of

ADMIN = "onramp-bot"
REPOSITORIES = "/github/api/v3/repos"
ORGANISATION = ("github-saml", "github-ip", "github-suspended", "github-token-policy")


@pytest.mark.parametrize("refusal", ORGANISATION)
def test_an_organisation_that_refuses_our_token_is_one_ticket(world: World, refusal: str) -> None:
    """The token itself is valid: what any account may ask is still answered."""
    earlier = world.actors.tickets("credentials")
    runs = [world.start(world.actors.repository()) for _ in range(2)]
    world.engine.limit_to("pipeline", "access")
    world.engine.drain()
    runs.append(world.start(world.actors.repository()))
    world.engine.limit_to("pull_request")
    world.sandbox.fault("refusal", REPOSITORIES, refusal=refusal)
    world.engine.poll(3)
    blockers = Blocker.objects.filter(kind="credentials")
    (blocker,) = blockers
    assert blocker.owner == Move.PLATFORM
    assert world.actors.tickets("credentials") == [*earlier, blocker.ticket_key]
    assert step(runs[2], "access").state == StepState.BLOCKED
    world.engine.poll(2)
    assert blockers.get().state == "open", "the rate limit answers, but the organisation still refuses"
    world.sandbox.behave()
    world.engine.poll(2)
    assert blockers.get().state == "cleared"
    assert step(runs[2], "access").state == StepState.DONE


def test_source_and_pipelines_with_one_token_share_a_ticket(world: World) -> None:
    first = world.start(world.actors.repository())
    world.engine.limit_to("access")
    world.engine.drain()
    second = world.start(world.actors.repository())
    world.sandbox.fault("refusal", REPOSITORIES, refusal="github-saml")
    world.engine.limit_to("pipeline")
    world.engine.drain()
    assert blocker_of(first, "pipeline") == blocker_of(second, "access")


def test_webhooks_need_more_than_the_right_to_write(world: World) -> None:
    name = world.actors.repository()
    world.actors.change_settings(name, "access", "write")
    run = world.start(name)
    world.engine.limit_to("access")
    world.engine.poll(3)
    blocker = blocker_of(run, "access")
    assert (blocker.kind, blocker.owner) == ("source-webhooks", Move.PLATFORM)
    assert "administrator of the repository" in blocker.explanation
    assert world.actors.tickets(name) == [blocker.ticket_key]
    assert "still cannot manage the webhooks" in watch_of(blocker).reason
    assert not blocker.history, "it has not cleared and come back"
    world.actors.change_settings(name, "access", "admin")
    world.engine.poll()
    assert step(run, "access").state == StepState.DONE


def test_a_branch_named_like_our_folder_is_named(world: World) -> None:
    name = world.actors.repository()
    world.actors.take_branch(name, "onramp")
    run = world.start(name)
    world.engine.limit_to("pull_request")
    world.engine.drain()
    blocker = blocker_of(run, "pull_request")
    assert (blocker.kind, blocker.owner) == ("branch-taken", Move.TEAM)
    assert blocker.summary == f"The branch onramp prevents the branch {run.plan.content['branch']}"
    world.engine.poll()
    assert watch_of(blocker).reason == "The branch onramp still exists."
    world.actors.github("DELETE", f"/repos/{name}/git/refs/heads/onramp")
    world.engine.poll()
    assert step(run, "pull_request").state == StepState.DONE


def test_a_ticket_that_is_hidden_is_not_opened_again(world: World) -> None:
    (run,) = world.blocked_by_allowance()
    blocker = blocker_of(run, "namespace")
    world.actors.press(blocker.ticket_key, "hide")
    world.engine.poll(3)
    assert "permission to see" in watch_of(blocker).reason
    blocker.refresh_from_db()
    assert blocker.generation == 1
    world.actors.press(blocker.ticket_key, "show")
    world.actors.grant("acme-storefront", PLENTY)
    world.engine.poll()
    assert step(run, "namespace").state == StepState.DONE
    assert world.actors.tickets(blocker.summary) == [blocker.ticket_key]


def test_a_blocker_whose_ticket_is_hidden_ends_all_the_same(world: World) -> None:
    (run,) = world.blocked_by_allowance()
    blocker = blocker_of(run, "namespace")
    world.actors.press(blocker.ticket_key, "hide")
    world.actors.grant("acme-storefront", PLENTY)
    world.engine.poll(2)
    assert step(run, "namespace").state == StepState.DONE
    assert watch_of(blocker).state == StepState.DONE


@pytest.mark.parametrize("refusal", ["jira-required-field", "jira-issue-type", "jira-archived"])
def test_people_are_told_when_no_ticket_can_be_opened(world: World, refusal: str) -> None:
    """Once, with the tool's words; and the run resumes as it would with a ticket."""
    world.sandbox.fault("refusal", "/jira/rest/api/2/issue", method="POST", refusal=refusal)
    (run,) = world.blocked_by_allowance()
    world.engine.limit_to("namespace")
    world.engine.poll(3)
    blocker = blocker_of(run, "namespace")
    assert not blocker.ticket_key
    messages = world.actors.chat_messages("#acme-platform", blocker.summary)
    assert len(messages) == 1
    assert "There is no ticket: Onramp cannot update the ticket right now: JIRA:" in messages[0]
    world.actors.grant("acme-storefront", PLENTY)
    world.engine.poll()
    assert step(run, "namespace").state == StepState.DONE


@pytest.mark.parametrize("refusal", ["kubernetes-webhook-down", "kubernetes-webhook-slow"])
def test_a_webhook_that_fails_for_one_kind_of_object_is_no_outage(world: World, refusal: str) -> None:
    """The API server answers all the while, so its condition tries the objects themselves."""
    run = world.start(world.actors.repository())
    world.engine.limit_to("namespace")
    path = f"/kubernetes/apis/networking.k8s.io/v1/namespaces/{world.namespace}/*"
    world.sandbox.fault("refusal", path, method="PATCH", refusal=refusal)
    world.engine.drain()
    assert "failed calling webhook" in step(run, "namespace").reason
    world.engine.fail_for_long(run, "namespace")
    world.engine.poll(3)
    blocker = blocker_of(run, "namespace")
    assert (blocker.kind, blocker.owner) == ("cluster-refuses", Move.PLATFORM)
    assert "policy.platform.example" in blocker.explanation
    assert not blocker.history, "it has not cleared and come back"
    world.sandbox.behave()
    world.engine.poll(2)
    assert step(run, "namespace").state == StepState.DONE


def test_an_object_that_a_webhook_denies_is_the_platforms(world: World) -> None:
    run = world.start(world.actors.repository())
    world.engine.limit_to("namespace")
    path = f"/kubernetes/apis/networking.k8s.io/v1/namespaces/{world.namespace}/*"
    world.sandbox.fault("refusal", path, method="PATCH", refusal="kubernetes-denied")
    world.engine.poll(2)
    blocker = blocker_of(run, "namespace")
    assert (blocker.kind, blocker.owner) == ("cluster-refuses", Move.PLATFORM)
    assert "every object needs the label cost-centre" in blocker.explanation
    assert "cost-centre" in watch_of(blocker).reason
    world.sandbox.behave()
    world.engine.poll(2)
    assert step(run, "namespace").state == StepState.DONE


def test_an_object_that_cannot_be_converted_is_wrong_and_not_an_outage(world: World) -> None:
    run = world.start(world.actors.repository())
    world.engine.limit_to("namespace")
    path = f"/kubernetes/apis/networking.k8s.io/v1/namespaces/{world.namespace}/*"
    world.sandbox.fault("refusal", path, method="PATCH", refusal="kubernetes-conversion")
    world.engine.drain()
    assert blocker_of(run, "namespace").kind == "cluster-refuses"


def test_a_webhook_without_dry_run_leaves_a_plan_possible(world: World) -> None:
    run = world.start(world.actors.repository())
    world.engine.limit_to("namespace")
    world.engine.drain()
    path = f"/kubernetes/apis/networking.k8s.io/v1/namespaces/{world.namespace}/*"
    world.sandbox.fault("refusal", path, method="PATCH", refusal="kubernetes-no-dry-run")
    objects = world.plan(run.repository.full_name).content["objects"]
    policies = [each for each in objects if each["kind"] == "NetworkPolicy"]
    assert {each["change"] for each in policies} == {"unchanged"}


@pytest.mark.parametrize("refusal", ["kubernetes-denied", "kubernetes-webhook-down"])
def test_a_cluster_that_cannot_be_asked_leaves_a_hole_in_the_plan(world: World, refusal: str) -> None:
    name = world.actors.repository()
    world.sandbox.fault("refusal", "/kubernetes/", refusal=refusal)
    plan = world.plan(name)
    ours = [each for each in plan.content["objects"] if each["change"] != "by-pipeline"]
    assert ours
    assert {each["change"] for each in ours} == {"unknown"}
    (warning,) = [text for text in plan.content["warnings"] if text.startswith("The cluster could not be asked")]
    assert "policy.platform.example" in warning
