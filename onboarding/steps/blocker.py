"""The step of a blocker's own run: keeps one ticket where the platform must act, and checks the condition before anything
resumes."""

from django.utils import timezone

from engine.context import Work
from engine.models import Move
from engine.outcomes import Done, Outcome, Retry, Wait
from engine.registry import StepKind
from events.log import record
from integrations.errors import Denied, IntegrationError
from integrations.issues import Ticket, issues
from integrations.secrets import redact
from onboarding.blockers import causes, lifecycle, tickets
from onboarding.blockers.causes import Check
from onboarding.models import Blocker, BlockerState
from onboarding.reactions import messages
from onboarding.steps import polling, ticket_comments, ticket_effects


def perform(work: Work) -> Outcome:
    """A blocker's step never fails and is never blocked itself: nobody would watch over that."""
    try:
        return _check(work)
    except (IntegrationError, Retry) as error:
        message = redact(error.message if isinstance(error, Retry) else str(error))
        work.log(message)
        _tell_without_ticket(work)
        return Wait(f"Onramp cannot update the ticket right now: {message}.", polling.next_check(work), Move.PLATFORM)


def _tell_without_ticket(work: Work) -> None:
    """The alarm must not depend on the tool that may be what is broken."""
    blocker = Blocker.objects.get(pk=work.run.pk)
    if blocker.owner == Move.PLATFORM and not blocker.ticket_id and blocker.state == BlockerState.OPEN:
        with work.transaction():
            messages.notify_platform(blocker)


def _check(work: Work) -> Outcome:
    blocker = Blocker.objects.select_related("organisation", "team").get(pk=work.run.pk)
    if blocker.state != BlockerState.OPEN:
        return _finish(work, blocker)
    if not blocker.blocked_steps.exists():
        return close(work, blocker, BlockerState.ABANDONED, "Nothing waits for this any more.")
    check = _condition(blocker)
    if check.holds and not blocker.is_disputed:
        return close(work, blocker, BlockerState.CLEARED, _cleared_by(work, blocker, check))
    if blocker.owner != Move.PLATFORM:
        return Wait(check.message, polling.next_check(work), Move.TEAM)
    return _follow_ticket(work, blocker, check)


def _follow_ticket(work: Work, blocker: Blocker, check: Check) -> Outcome:
    """The condition does not hold, or cannot clear the blocker any more: follow the platform team's ticket."""
    ticket = ticket_effects.current(work, blocker)
    comments = issues().comments(ticket.id)
    with work.transaction():
        tickets.store_comments(blocker, comments)
    if ticket.declined:
        return close(work, blocker, BlockerState.DECLINED, _reason(work, blocker, ticket))
    ticket_comments.name_waiting_runs(work, blocker)
    closing = ticket_effects.record_closing(work, ticket)
    if check.holds and ticket.done:
        return close(work, blocker, BlockerState.CLEARED, f"{ticket.key} was closed. {check.message}")
    message = check.message
    if check.holds:
        message = f"{lifecycle.disputed_message(blocker)}. What Onramp can check says: {check.message}"
    elif ticket.done:
        ticket_comments.answer_closing(work, blocker, closing, check)
        message = f"{ticket.key} was closed, but: {check.message}"
    return Wait(message, polling.next_check(work), Move.PLATFORM, [(ticket.key, ticket.url)])


def _condition(blocker: Blocker) -> Check:
    """A source that does not answer leaves the question open; it never resumes anything."""
    try:
        return causes.check(blocker.kind, blocker.facts)
    except IntegrationError as error:
        return Check(False, f"Onramp could not check whether this is cleared: {error}.")


def _reason(work: Work, blocker: Blocker, ticket: Ticket) -> str:
    """Why it will not be done: the last comment that somebody else wrote on the ticket."""
    comment = blocker.comments.exclude(external_id__in=ticket_comments.own_comments(work)).last()
    quote = f" {comment.author}: “{comment.body}”" if comment else ""
    return f"{ticket.key} was closed as “{ticket.resolution}”.{quote}"


def _cleared_by(work: Work, blocker: Blocker, check: Check) -> str:
    """How it cleared: after the ticket was closed, or without anybody's help that we know of."""
    if not blocker.ticket_id:
        return check.message
    try:
        ticket = issues().read(blocker.ticket_id)
    except IntegrationError as error:
        work.log(f"could not read the ticket: {error}")
        return check.message
    if ticket is not None and ticket.done:
        return f"{ticket.key} was closed. {check.message}"
    return f"It cleared before the ticket was closed. {check.message}"


def close(work: Work, blocker: Blocker, state: BlockerState, message: str) -> Outcome:
    """Close the blocker and resume (or end) its steps in one commit; then say so on the ticket."""
    with work.transaction():
        row = Blocker.objects.select_for_update().get(pk=blocker.pk)
        if state == BlockerState.ABANDONED and row.blocked_steps.exists():
            return Wait("A step has started to wait for this meanwhile.", 0)
        row.state, row.closing_message, row.closed_at = state, message[:250], timezone.now()
        row.save(update_fields=["state", "closing_message", "closed_at"])
        if state == BlockerState.DECLINED:
            lifecycle.decline(row, message)
        elif state == BlockerState.CLEARED:
            lifecycle.resume(row, f"Resumed {timezone.now():%H:%M}: {message}")
        record(f"onramp.blocker.{state}", f"run:{row.pk}", message=message)
    return _finish(work, Blocker.objects.get(pk=blocker.pk))


def _finish(work: Work, blocker: Blocker) -> Outcome:
    """Comment on the ticket how it ended, and close it where nobody did."""
    if blocker.ticket_id and blocker.state != BlockerState.DECLINED:
        ticket = _visible_ticket(work, blocker)
        if ticket is not None:
            message = f"{blocker.closing_message}\nOnramp no longer waits for this ticket."
            ticket_comments.comment(work, blocker, "end", message)
            ticket_effects.close(work, ticket)
    return Done(blocker.closing_message or "Cleared.")


def _visible_ticket(work: Work, blocker: Blocker) -> Ticket | None:
    """None where it was deleted or is hidden: nobody can be told there any more."""
    try:
        return issues().read(blocker.ticket_id)
    except Denied as error:
        if error.credentials:
            raise
        work.log(str(error))
        return None


STEP = StepKind("clear", "Clear the cause", "issues", (), perform, never_fails=True)
