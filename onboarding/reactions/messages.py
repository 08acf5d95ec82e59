"""Writing to people, once for each cause: when it is their move, and when the application is ready."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse

from engine import runs
from engine.models import Move, Run, RunState, Step, StepState
from onboarding.models import Blocker, BlockerState, Message, MessageKind, Onboarding, RunKind

ASK_AGAIN_AFTER = timedelta(days=1)
NEEDS_PERSON = (StepState.WAITING, StepState.BLOCKED, StepState.FAILED)
"""The states in which a step whose move is the team's needs a person."""


def on_change(run: Run, step: Step | None) -> None:
    """Called in the transaction of every change of a step."""
    if run.state == RunState.DONE:
        _send(MessageKind.READY, onboarding=run.onboarding)
    elif step is not None and step.move == Move.TEAM and step.state in NEEDS_PERSON:
        if run.onboarding.agreed_by_id is None:
            _send(MessageKind.NEEDS_TEAM, onboarding=run.onboarding)
        else:
            _send(MessageKind.NEEDS_YOU, onboarding=run.onboarding, about=_about(step))


def _about(step: Step) -> str:
    """The step, and the cause that it waits for."""
    cause = Blocker.objects.filter(pk=step.blocked_by_id).values_list("fingerprint", flat=True).first()
    return f"{step.name} {cause or ''}".strip()[:300]


def notify_platform(blocker: Blocker) -> None:
    """Tell the platform team of a new blocker with its ticket, once."""
    _send(MessageKind.NEW_BLOCKER, blocker=blocker)


def _send(
    kind: MessageKind, *, onboarding: Onboarding | None = None, blocker: Blocker | None = None, about: str = ""
) -> None:
    same = Message.objects.filter(kind=kind, onboarding=onboarding, blocker=blocker, about=about)
    if same.exists() or _asked_lately(kind, onboarding):
        return
    run = runs.start(RunKind.MESSAGE)
    Message.objects.create(run=run, kind=kind, onboarding=onboarding, blocker=blocker, about=about, text="")


def _asked_lately(kind: MessageKind, onboarding: Onboarding | None) -> bool:
    """Whether this team was asked about this repository before: a run that is started again does not ring again."""
    if kind != MessageKind.NEEDS_TEAM or onboarding is None:
        return False
    same = Message.objects.filter(
        kind=kind, onboarding__repository=onboarding.repository_id, onboarding__team=onboarding.team_id
    )
    return same.filter(run__created_at__gt=Now() - ASK_AGAIN_AFTER).exists()


def still_true(message: Message) -> bool:
    """Whether the message still applies: a move that somebody has made meanwhile is not announced."""
    if message.kind == MessageKind.NEEDS_TEAM and message.onboarding:
        return message.onboarding.run.state == RunState.ACTIVE and message.onboarding.agreed_by_id is None
    if message.kind == MessageKind.NEEDS_YOU and message.onboarding:
        return message.onboarding.run.state == RunState.ACTIVE and _step_of(message) is not None
    if message.kind == MessageKind.NEW_BLOCKER and message.blocker:
        return message.blocker.state == BlockerState.OPEN
    return True


def _step_of(message: Message) -> Step | None:
    """The step that the message is about, as long as it needs the team for that."""
    assert message.onboarding is not None
    name = message.about.partition(" ")[0]
    step = message.onboarding.run.steps.filter(name=name, state__in=NEEDS_PERSON, move=Move.TEAM).first()
    return step if step is not None and _about(step) == message.about else None


def withdraw(message: Message) -> bool:
    """Delete a message that was never sent, so that a later move is announced; False where it has become true again. In a
    transaction."""
    if message.onboarding is not None:
        runs.lock(message.onboarding.pk)  # a concurrent change of the run must not find this row and rely on it
        if still_true(message):
            return False
    sent = message.run.steps.filter(effects__isnull=False).exists()
    if not sent:
        Message.objects.filter(pk=message.pk).delete()
    return True


def is_for_team(message: Message) -> bool:
    """Whether it goes to the channel of the team, and not to the person who started the run."""
    return message.kind == MessageKind.NEEDS_TEAM


def is_watching(message: Message) -> bool:
    """Whether the recipient has the page open, which shows the same."""
    if message.onboarding is None or is_for_team(message):
        return False
    recent = Now() - settings.ENV.presence
    return message.onboarding.run.presences.filter(Q(person=message.onboarding.person), seen_at__gt=recent).exists()


def compose(message: Message) -> tuple[str, str]:
    """(text, URL) as of now."""
    if message.blocker is not None:
        blocker = message.blocker
        ticket = f" ({blocker.ticket_key})" if blocker.ticket_key else ""
        text = f"New blocker for the platform team{ticket}: {blocker.summary}."
        if not blocker.ticket_key:
            watch = blocker.run.steps.first()
            text += f" There is no ticket: {watch.reason if watch else 'it could not be opened'}"
        return text, f"{settings.ENV.origin}{reverse('queue')}"
    assert message.onboarding is not None
    name = message.onboarding.repository.full_name
    url = f"{settings.ENV.origin}{reverse('onboarding', args=[message.onboarding.pk])}"
    if message.kind == MessageKind.READY:
        return f"{name} is onboarded: it is built, deployed and monitored.", url
    if message.kind == MessageKind.NEEDS_TEAM:
        starter = message.onboarding.person
        return (
            f"{starter} wants to deploy {name} into the namespace of {message.onboarding.team}: agree or cancel.",
            url,
        )
    step = _step_of(message)
    return f"Your move on {name}: {step.reason if step else 'see its page.'}", url
