"""Telling people, at most twice a run and once a cause: when it is their move, and when it is ready."""

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from onboarding.engine import progress
from onboarding.models import (
    Blocker,
    BlockerState,
    Message,
    MessageKind,
    Move,
    Onboarding,
    Run,
    RunState,
    Step,
    StepState,
)

RUN_KIND = "message"


def on_change(run: Run, step: Step | None) -> None:
    """Called in the transaction of every change of a step: what of it is worth a message?"""
    if run.state == RunState.DONE:
        _tell(MessageKind.READY, onboarding=run.onboarding)
    elif step is not None and step.move == Move.TEAM and step.state in needing():
        _tell(MessageKind.NEEDS_YOU, onboarding=run.onboarding)


def needing() -> list[str]:
    """The states in which a step whose move is the team's needs somebody."""
    return [StepState.WAITING, StepState.BLOCKED, StepState.FAILED]


def tell_platform(blocker: Blocker) -> None:
    """A new cause with its ticket, to the platform team, once."""
    _tell(MessageKind.NEW_CAUSE, blocker=blocker)


def _tell(kind: MessageKind, *, onboarding: Onboarding | None = None, blocker: Blocker | None = None) -> None:
    if Message.objects.filter(kind=kind, onboarding=onboarding, blocker=blocker).exists():
        return
    run = progress.start(RUN_KIND)
    Message.objects.create(run=run, kind=kind, onboarding=onboarding, blocker=blocker, text="")


def still_true(message: Message) -> bool:
    """Whether what it says is still so: nobody is told of a move that somebody made meanwhile."""
    if message.kind == MessageKind.NEEDS_YOU and message.onboarding:
        run = message.onboarding.run
        return run.state == RunState.ACTIVE and run.steps.filter(state__in=needing(), move=Move.TEAM).exists()
    if message.kind == MessageKind.NEW_CAUSE and message.blocker:
        return message.blocker.state == BlockerState.OPEN
    return True


def withdraw(message: Message) -> bool:
    """Forget a message that was never sent, so that a later move is told; False where it has become true again."""
    with transaction.atomic():
        if message.onboarding is not None:
            progress.lock(message.onboarding.pk)  # a change of the run under way must not find this row and rely on it
            if still_true(message):
                return False
        sent = message.run.steps.filter(effects__isnull=False).exists()
        if not sent:
            Message.objects.filter(pk=message.pk).delete()
        return True


def watched(message: Message) -> bool:
    """Whoever would be told has the page open: it says so itself."""
    if message.onboarding is None:
        return False
    recent = Now() - settings.ENV.presence
    return message.onboarding.run.presences.filter(Q(person=message.onboarding.person), seen_at__gt=recent).exists()


def words(message: Message) -> tuple[str, str]:
    """(text, address) as of now."""
    base = settings.ENV.portal_url
    if message.blocker is not None:
        ticket = f" ({message.blocker.ticket_key})" if message.blocker.ticket_key else ""
        return f"New cause for the platform team{ticket}: {message.blocker.summary}.", f"{base}/queue/"
    assert message.onboarding is not None
    name, url = message.onboarding.repository.full_name, f"{base}/onboardings/{message.onboarding.pk}/"
    if message.kind == MessageKind.READY:
        return f"{name} is onboarded: it is built, deployed and observed.", url
    step = message.onboarding.run.steps.filter(state__in=needing(), move=Move.TEAM).first()
    return f"It is your move for {name}: {step.reason if step else 'look at its page.'}", url
