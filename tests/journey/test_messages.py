"""Onramp tells people when they must act and when an application is ready: once, unless they have its page open."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from catalog.models import Membership, Person, Team
from engine.models import StepState
from onboarding.actions import onboardings
from onboarding.models import Message, MessageKind, Onboarding, Presence
from tests.conftest import signed_up
from tests.journey.actors import PLENTY
from tests.journey.conftest import World
from tests.journey.engine import ALICE_IN_CHAT, blocker_of

ALICE = "alice@acme.example"


def start_archived(world: World) -> tuple[Onboarding, str]:
    """A run whose next move is the team's."""
    name = world.actors.repository()
    run = world.start(name)
    world.actors.github("PATCH", f"/repos/{name}", {"archived": True}, person="onramp-bot")
    world.engine.limit_to("access", "pipeline")
    return run, name


def messages_to_alice(world: World, name: str) -> tuple[int, int]:
    """The number of messages about this repository by (chat, email)."""
    return len(world.actors.chat_messages(ALICE_IN_CHAT, name)), len(world.actors.email_subjects(ALICE, name))


def open_page(world: World, run: Onboarding) -> None:
    Presence.objects.update_or_create(run=run.run, person=world.alice, defaults={"seen_at": Now()})


def close_page(run: Onboarding) -> None:
    Presence.objects.filter(run=run.run).update(seen_at=Now() - timedelta(hours=1))


def test_a_persons_move_is_announced_once_by_chat_and_once_by_email(world: World) -> None:
    run, name = start_archived(world)
    world.engine.drain()
    world.engine.poll(3)
    assert messages_to_alice(world, name) == (1, 1)
    (subject,) = world.actors.email_subjects(ALICE, name)
    assert subject.startswith("Your move on ")
    assert "archived" in subject
    assert f"/onboardings/{run.pk}/" in world.actors.chat_messages(ALICE_IN_CHAT, name)[0]


def test_the_next_move_of_the_same_run_is_announced_once(world: World) -> None:
    run, name = start_archived(world)
    world.engine.drain()
    world.actors.github("PATCH", f"/repos/{name}", {"archived": False}, person="onramp-bot")
    world.actors.github("PUT", f"/repos/{name}/actions/permissions", {"enabled": False}, person="onramp-bot")
    world.engine.poll(2)
    assert blocker_of(run, "pipeline").kind == "pipelines-off"
    assert messages_to_alice(world, name) == (2, 2)
    world.engine.poll(2)
    assert messages_to_alice(world, name) == (2, 2)


def test_a_person_with_the_page_open_gets_no_message(world: World) -> None:
    run, name = start_archived(world)
    open_page(world, run)
    world.engine.drain()
    world.engine.poll(2)
    assert messages_to_alice(world, name) == (0, 0)
    close_page(run)
    world.engine.poll(2)
    assert messages_to_alice(world, name) == (1, 1)


def test_a_move_made_with_the_page_open_does_not_use_up_the_message(world: World) -> None:
    run, name = start_archived(world)
    open_page(world, run)
    world.engine.drain()
    world.actors.github("PATCH", f"/repos/{name}", {"archived": False}, person="onramp-bot")
    world.engine.limit_to("access")
    world.engine.poll(2)
    close_page(run)
    world.engine.poll(2)
    assert messages_to_alice(world, name) == (0, 0), "a move that was made already is not announced"
    world.actors.github("PUT", f"/repos/{name}/actions/permissions", {"enabled": False}, person="onramp-bot")
    world.engine.limit_to("pipeline")
    world.engine.poll(2)
    assert blocker_of(run, "pipeline").kind == "pipelines-off"
    assert messages_to_alice(world, name) == (1, 1)


def test_another_persons_open_page_does_not_suppress_the_message(world: World) -> None:
    run, name = start_archived(world)
    bob = signed_up("bob", "bob@acme.example")
    Presence.objects.create(run=run.run, person=bob, seen_at=Now())
    world.engine.drain()
    assert messages_to_alice(world, name) == (1, 1)


def test_a_cancelled_run_sends_no_message(world: World) -> None:
    run, name = start_archived(world)
    open_page(world, run)
    world.engine.drain()
    onboardings.cancel(world.alice, run)
    close_page(run)
    world.engine.poll(2)
    assert messages_to_alice(world, name) == (0, 0)


def test_a_new_blocker_is_announced_once_in_the_platform_channel(world: World) -> None:
    runs = world.blocked_by_allowance(2)
    blocker = blocker_of(runs[0], "namespace")
    world.engine.poll()
    world.actors.press(blocker.ticket_key, "delete")
    world.engine.poll(2)
    messages = world.actors.chat_messages("#acme-platform", blocker.summary)
    assert len(messages) == 1
    assert "New blocker" in messages[0]
    assert not world.actors.chat_messages(ALICE_IN_CHAT, blocker.summary), "it is not Alice's move"
    world.actors.grant("acme-storefront", PLENTY)
    world.engine.poll(2)
    assert len(world.actors.chat_messages("#acme-platform", blocker.summary)) == 1


@pytest.mark.parametrize("lost", ["error-after", "reset-after"])
def test_a_lost_answer_does_not_repeat_the_message(world: World, lost: str) -> None:
    _, name = start_archived(world)
    world.sandbox.fault(lost, "/slack/api/chat.postMessage", times=1)
    world.engine.drain()
    world.engine.poll(3)
    assert messages_to_alice(world, name) == (1, 1)
    assert Message.objects.get(kind=MessageKind.NEEDS_YOU).sent_at is not None


def test_a_message_that_the_chat_rejected_is_sent_later(world: World) -> None:
    _, name = start_archived(world)
    world.sandbox.fault("rate-limit", "/slack/api/", seconds=1, times=1)
    world.engine.drain()
    world.engine.poll(3)
    assert messages_to_alice(world, name) == (1, 1)


def test_a_person_without_a_chat_account_gets_an_email(world: World) -> None:
    name = world.actors.repository()
    dora = signed_up("bob", "dora@elsewhere.example")
    assert Membership.objects.filter(login="bob").exists()
    run = world.start(name, dora)
    world.actors.github("PATCH", f"/repos/{name}", {"archived": True}, person="onramp-bot")
    world.engine.limit_to("access")
    world.engine.drain()
    assert len(world.actors.email_subjects("dora@elsewhere.example", name)) == 1
    notification = Message.objects.get(onboarding=run).run.steps.get()
    assert notification.state == StepState.DONE


def test_the_team_that_has_to_agree_is_told_in_its_channel(world: World) -> None:
    name = world.actors.repository(person="onramp-bot")
    world.actors.github("PUT", f"/repos/{name}/collaborators/alice", {"permission": "push"}, person="onramp-bot")
    world.actors.push(name, {"CODEOWNERS": "* @acme/payments\n"})
    world.start(name)
    world.engine.drain()
    world.engine.poll()
    (message,) = world.actors.chat_messages("#acme-payments", name)
    assert "agree or cancel" in message
    assert not world.actors.chat_messages(ALICE_IN_CHAT, name)


@pytest.mark.parametrize("taken_over", [False, True], ids=["", "by somebody who has the login now"])
def test_without_a_channel_the_platform_team_gets_mail(world: World, taken_over: bool) -> None:
    Team.objects.filter(is_platform=True).update(channel="")
    pat = signed_up("pat", "pat@acme.example")
    if taken_over:
        Membership.objects.filter(login="pat").update(account_id="5")
        Person.objects.filter(pk=pat.pk).update(account_id="666")
    (run,) = world.blocked_by_allowance()
    blocker = blocker_of(run, "namespace")
    world.engine.poll(2)
    assert len(world.actors.email_subjects("pat@acme.example", blocker.summary)) == (0 if taken_over else 1)
