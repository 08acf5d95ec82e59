"""The one ticket of a blocker: opened, followed, deduplicated, closed."""

import functools
from datetime import timedelta

from django.conf import settings

from engine.context import Work
from engine.effects import Made
from engine.models import Run
from integrations.errors import Denied, Missing
from integrations.issues import Ticket, issues
from onboarding.blockers import lifecycle, tickets
from onboarding.models import Blocker, EffectKind
from onboarding.reactions import messages
from onboarding.steps import polling
from onboarding.steps.errors import ensure

UNSEEN = timedelta(days=1)


def current(work: Work, blocker: Blocker) -> Ticket:
    """The blocker's only ticket as it is now; a deleted one is opened again, a moved one is followed."""
    return _deduplicated(work, blocker, _existing(work, blocker))


def _existing(work: Work, blocker: Blocker) -> Ticket:
    if not blocker.ticket_id:
        return _open(work, blocker, blocker.generation)
    ticket = _seen(work, blocker)
    if ticket is None:
        work.log(f"{blocker.ticket_key} was deleted while the cause remains; opening a new one")
        return _open(work, blocker, blocker.generation + 1)
    if ticket.key != blocker.ticket_key:
        work.log(f"{blocker.ticket_key} was moved and is {ticket.key} now")
        _save(work, blocker, ticket)
    return ticket


def _seen(work: Work, blocker: Blocker) -> Ticket | None:
    """None where it was deleted, or could not be seen for so long that it counts as that: it may only be hidden."""
    try:
        ticket = issues().read(blocker.ticket_id)
    except Denied as error:
        if error.credentials or not polling.has_lasted(work, f"unseen: {blocker.ticket_id}", UNSEEN):
            raise
        return None
    polling.forget(work)
    return ticket


def _deduplicated(work: Work, blocker: Blocker, ticket: Ticket) -> Ticket:
    """The issue tracker has no idempotency key and its search lags: long after the ticket was opened, check once whether
    there are two. The oldest is kept, the others are closed with a comment."""
    settled = work.now() - timedelta(seconds=2 * settings.ENV.portal_issues_settle_seconds)
    if blocker.opened_at > settled or work.step.result.get("audited") == ticket.id:
        return ticket
    oldest, *younger = issues().find(_marker(blocker, blocker.generation)) or [ticket]
    for duplicate in younger:
        work.log(f"{duplicate.key} duplicates {oldest.key}")
        close_duplicate = functools.partial(_close_duplicate, duplicate, oldest)
        ensure(work, issues().name, EffectKind.TICKET_DUPLICATE, duplicate.key, create=close_duplicate)
    if oldest.id != ticket.id:
        _save(work, blocker, oldest)
    work.remember(audited=oldest.id)
    return oldest


def _close_duplicate(duplicate: Ticket, kept: Ticket) -> Made:
    issues().close(duplicate.id, f"This duplicates {kept.key} ({kept.url}), which Onramp keeps.")
    return Made({"kept": kept.key}, duplicate.url)


def _marker(blocker: Blocker, generation: int) -> str:
    """What the issue tracker's search finds the ticket by."""
    return f"onramp-{blocker.pk}-{generation}"


def _open(work: Work, blocker: Blocker, generation: int) -> Ticket:
    marker = _marker(blocker, generation)

    def create() -> Made:
        work.remember(named=sorted(str(onboarding.pk) for onboarding in tickets.blocked_onboardings(blocker)))
        ticket = issues().create(
            project=tickets.project(blocker),
            summary=tickets.summary(blocker),
            body=tickets.body(blocker),
            labels=tickets.labels(blocker),
            marker=marker,
        )
        return Made({"id": ticket.id}, ticket.url)

    def find() -> Made | None:
        existing = issues().find(marker)
        return Made({"id": existing[0].id}, existing[0].url) if existing else None

    visible_after = timedelta(seconds=settings.ENV.portal_issues_settle_seconds)
    tracker = issues().name
    made = ensure(work, tracker, EffectKind.TICKET, marker, find=find, create=create, visible_after=visible_after)
    ticket = issues().read(str(made.reference["id"]))
    if ticket is None:
        raise Missing(issues().name, "the ticket that was just opened is gone")
    blocker.generation = generation
    with work.transaction():
        _save(work, blocker, ticket)
        messages.notify_platform(blocker)
    return ticket


def _save(work: Work, blocker: Blocker, ticket: Ticket) -> None:
    blocker.ticket_id, blocker.ticket_key, blocker.ticket_url = ticket.id, ticket.key, ticket.url
    with work.transaction():
        blocker.save(update_fields=["ticket_id", "ticket_key", "ticket_url", "generation"])
        Run.objects.filter(pk=blocker.pk).update(topic=f"issues:{ticket.id}")
        lifecycle.link_from_steps(blocker)


def record_closing(work: Work, ticket: Ticket) -> str:
    """Identifies the closing of the ticket, so that each is answered once and our own answer is no change.

    The issue tracker says when the ticket was closed, so that reopening and closing again between two checks is seen; where
    it does not say, the closings that were seen are counted.
    """
    seen = work.step.result
    closings = int(seen.get("closings", 0)) + (1 if ticket.done and not seen.get("done") else 0)
    work.remember(done=ticket.done, closings=closings)
    return ticket.changed.isoformat() if ticket.changed else str(closings)


def close(work: Work, ticket: Ticket) -> None:
    """Nothing where somebody else has closed it; where that may have been a try of ours, it is recorded as such."""
    if ticket.done and (EffectKind.TICKET_CLOSING, ticket.key) not in work.step.known_effects:
        return

    def create() -> Made:
        issues().close(ticket.id)
        return Made({}, ticket.url)

    ensure(
        work,
        issues().name,
        EffectKind.TICKET_CLOSING,
        ticket.key,
        find=lambda: Made({}, ticket.url) if ticket.done else None,
        create=create,
        find_first=False,
    )
