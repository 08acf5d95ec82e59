"""People are told when it is their move and when it is ready: once, by chat and by mail, and not while they look."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from catalog.models import Membership, Person
from onboarding import actions
from onboarding.models import Message, MessageKind, Onboarding, Presence, StepState
from tests.journey.conftest import World
from tests.journey.engine import ALICE_IN_CHAT, blocker_of
from tests.journey.hands import PLENTY

ALICE = "alice@acme.example"


def archived(world: World) -> tuple[Onboarding, str]:
    """A run whose next move is the team's."""
    name = world.hands.repository()
    run = world.start(name)
    world.hands.github("PATCH", f"/repos/{name}", {"archived": True}, person="onramp-bot")
    world.engine.only("access", "pipeline")
    return run, name


def told(world: World, name: str) -> tuple[int, int]:
    """How often alice was told of this repository by (chat, mail)."""
    return len(world.hands.chats(ALICE_IN_CHAT, name)), len(world.hands.letters(ALICE, name))


def watches(world: World, run: Onboarding) -> None:
    Presence.objects.update_or_create(run=run.run, person=world.alice, defaults={"seen_at": Now()})


def leaves(run: Onboarding) -> None:
    Presence.objects.filter(run=run.run).update(seen_at=Now() - timedelta(hours=1))


def test_whose_move_it_is_is_told_once_by_chat_and_mail(world: World) -> None:
    run, name = archived(world)
    world.engine.go()
    world.engine.look(3)
    assert told(world, name) == (1, 1)
    (letter,) = world.hands.letters(ALICE, name)
    assert letter.startswith("It is your move")
    assert "archived" in letter
    assert f"/onboardings/{run.pk}/" in world.hands.chats(ALICE_IN_CHAT, name)[0]


def test_the_next_move_of_the_same_run_is_not_told_again(world: World) -> None:
    run, name = archived(world)
    world.engine.go()
    world.hands.github("PATCH", f"/repos/{name}", {"archived": False}, person="onramp-bot")
    world.hands.github("PUT", f"/repos/{name}/actions/permissions", {"enabled": False}, person="onramp-bot")
    world.engine.look(2)
    assert blocker_of(run, "pipeline").kind == "pipelines-off"
    assert told(world, name) == (1, 1)


def test_nobody_is_told_while_looking_at_the_page(world: World) -> None:
    run, name = archived(world)
    watches(world, run)
    world.engine.go()
    world.engine.look(2)
    assert told(world, name) == (0, 0)
    leaves(run)
    world.engine.look(2)
    assert told(world, name) == (1, 1)


def test_a_move_that_was_made_while_looking_does_not_use_up_the_message(world: World) -> None:
    run, name = archived(world)
    watches(world, run)
    world.engine.go()
    world.hands.github("PATCH", f"/repos/{name}", {"archived": False}, person="onramp-bot")
    world.engine.only("access")
    world.engine.look(2)
    leaves(run)
    world.engine.look(2)
    assert told(world, name) == (0, 0), "nobody is told of a move that is made already"
    world.hands.github("PUT", f"/repos/{name}/actions/permissions", {"enabled": False}, person="onramp-bot")
    world.engine.only("pipeline")
    world.engine.look(2)
    assert blocker_of(run, "pipeline").kind == "pipelines-off"
    assert told(world, name) == (1, 1)


def test_somebody_elses_open_page_does_not_silence_the_message(world: World) -> None:
    run, name = archived(world)
    bob = Person.objects.create_user("bob", "bob@acme.example")
    Presence.objects.create(run=run.run, person=bob, seen_at=Now())
    world.engine.go()
    assert told(world, name) == (1, 1)


def test_a_cancelled_run_tells_nobody(world: World) -> None:
    run, name = archived(world)
    watches(world, run)
    world.engine.go()
    actions.cancel(world.alice, run)
    leaves(run)
    world.engine.look(2)
    assert told(world, name) == (0, 0)


def test_a_new_cause_is_told_to_the_platform_channel_once(world: World) -> None:
    runs = world.blocked_by_its_allowance(2)
    cause = blocker_of(runs[0], "namespace")
    world.engine.look()
    world.hands.press(cause.ticket_key, "delete")
    world.engine.look(2)
    said = world.hands.chats("#platform", cause.summary)
    assert len(said) == 1
    assert "New cause" in said[0]
    assert not world.hands.chats(ALICE_IN_CHAT, cause.summary), "it is not alice's move"
    world.hands.grant("storefront", PLENTY)
    world.engine.look(2)
    assert len(world.hands.chats("#platform", cause.summary)) == 1


@pytest.mark.parametrize("lost", ["error-after", "reset-after"])
def test_a_lost_answer_is_not_a_reason_to_say_it_again(world: World, lost: str) -> None:
    _, name = archived(world)
    world.sandbox.fault(lost, "/slack/api/chat.postMessage", times=1)
    world.engine.go()
    world.engine.look(3)
    assert told(world, name) == (1, 1)
    assert Message.objects.get(kind=MessageKind.NEEDS_YOU).sent_at is not None


def test_what_the_chat_did_not_take_is_said_again_once_it_does(world: World) -> None:
    _, name = archived(world)
    world.sandbox.fault("rate-limit", "/slack/api/", seconds=1, times=1)
    world.engine.go()
    world.engine.look(3)
    assert told(world, name) == (1, 1)


def test_somebody_whom_the_chat_does_not_know_is_told_by_mail(world: World) -> None:
    name = world.hands.repository()
    dora = Person.objects.create_user("bob", "dora@elsewhere.example")
    assert Membership.objects.filter(login="bob").exists()
    run = world.start(name, dora)
    world.hands.github("PATCH", f"/repos/{name}", {"archived": True}, person="onramp-bot")
    world.engine.only("access")
    world.engine.go()
    assert len(world.hands.letters("dora@elsewhere.example", name)) == 1
    tell = Message.objects.get(onboarding=run).run.steps.get()
    assert tell.state == StepState.DONE
