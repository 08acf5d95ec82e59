"""The watch over a blocker: one ticket where the platform must act, and the condition looked at before anything resumes."""

import functools
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from events.log import record
from integrations import providers
from integrations.errors import IntegrationError, Missing
from integrations.issues import Issues, Ticket
from integrations.secrets import redact
from onboarding import blocking, causes, messages, ticketing
from onboarding.causes import Check
from onboarding.engine.effects import Made
from onboarding.engine.outcomes import Done, Outcome, Retry, Wait
from onboarding.engine.work import Work
from onboarding.models import Blocker, BlockerState, Move, Run, StepState
from onboarding.steps import pauses
from onboarding.steps.outside import changing


def issues() -> Issues:
    found: Issues = providers.provider("issues")
    return found


def perform(work: Work) -> Outcome:
    """A watch never ends in an error and waits for no other cause: who would watch over it?"""
    try:
        return _watch(work)
    except (IntegrationError, Retry) as error:
        says = redact(error.says if isinstance(error, Retry) else str(error))
        work.log(says)
        return Wait(f"The ticket cannot be looked after at the moment: {says}.", pauses.news(work), Move.PLATFORM)


def _watch(work: Work) -> Outcome:
    blocker = Blocker.objects.select_related("organisation", "team").get(pk=work.run.pk)
    if blocker.state != BlockerState.OPEN:
        return _farewell(work, blocker)
    if not blocker.steps.filter(state=StepState.BLOCKED).exists():
        return _end(work, blocker, BlockerState.LEFT, "Nobody waits for this any more.")
    check = _check(blocker)
    if check.holds:
        return _end(work, blocker, BlockerState.CLEARED, _how(work, blocker, check))
    if blocker.owner != Move.PLATFORM:
        return Wait(check.says, pauses.news(work), Move.TEAM)
    ticket = _audited(work, blocker, _ticket(work, blocker))
    ticketing.keep_comments(blocker, issues().comments(ticket.id))
    if ticket.declined:
        return _end(work, blocker, BlockerState.REFUSED, _reason(work, blocker, ticket))
    _say_who_waits(work, blocker)
    closing = _notice(work, ticket)
    if ticket.done:
        _answer(work, blocker, closing, check)
        return Wait(
            f"{ticket.key} was closed, but: {check.says}", pauses.news(work), Move.PLATFORM, [(ticket.key, ticket.url)]
        )
    return Wait(check.says, pauses.news(work), Move.PLATFORM, [(ticket.key, ticket.url)])


def _reason(work: Work, blocker: Blocker, ticket: Ticket) -> str:
    """Why it will not be done: the last thing that somebody other than ourselves said on the ticket."""
    said = blocker.comments.exclude(external_id__in=_own_comments(work)).last()
    words = f" {said.author}: “{said.body}”" if said else ""
    return f"{ticket.key} was closed as “{ticket.resolution}”.{words}"


def _check(blocker: Blocker) -> Check:
    """A source that does not answer leaves the question open; it never resumes anything."""
    try:
        return causes.check(blocker.kind, blocker.facts)
    except IntegrationError as error:
        return Check(False, f"Whether this is cleared could not be seen: {error}.")


def _how(work: Work, blocker: Blocker, check: Check) -> str:
    """After whose doing it cleared: the ticket's, or nobody's that we know of."""
    if not blocker.ticket_id:
        return check.says
    try:
        ticket = issues().read(blocker.ticket_id)
    except IntegrationError as error:
        work.log(f"the ticket could not be read: {error}")
        return check.says
    if ticket is not None and ticket.done:
        return f"{ticket.key} was closed. {check.says}"
    return f"It cleared by itself. {check.says}"


def _end(work: Work, blocker: Blocker, state: BlockerState, says: str) -> Outcome:
    """Close the blocker and let its steps go on (or end), in one commit; then say so on the ticket."""
    with transaction.atomic():
        row = Blocker.objects.select_for_update().get(pk=blocker.pk)
        if state == BlockerState.LEFT and row.steps.filter(state=StepState.BLOCKED).exists():
            return Wait("Somebody came to wait for this meanwhile.", 0)
        row.state, row.ends_with, row.closed_at = state, says[:250], timezone.now()
        row.save(update_fields=["state", "ends_with", "closed_at"])
        if state == BlockerState.REFUSED:
            blocking.refuse(row, says)
        elif state == BlockerState.CLEARED:
            blocking.resume(row, f"Resumed {timezone.now():%H:%M}: {says}")
        record(f"onramp.blocker.{state}", f"run:{row.pk}", says=says)
    return _farewell(work, Blocker.objects.get(pk=blocker.pk))


def _farewell(work: Work, blocker: Blocker) -> Outcome:
    """The ticket hears how it ended, and is closed where nobody did."""
    if blocker.ticket_id and blocker.state != BlockerState.REFUSED:
        ticket = issues().read(blocker.ticket_id)
        if ticket is not None:
            _comment(work, blocker, "end", f"{blocker.ends_with}\nOnramp no longer waits for this ticket.")
        if ticket is not None:
            _closed(work, ticket)
    return Done(blocker.ends_with or "Cleared.")


def _closed(work: Work, ticket: Ticket) -> None:
    """Nothing of ours where somebody else has closed it; where that may have been a try of ours, it is recorded as such."""
    if ticket.done and ("closing", ticket.key) not in work.step.known_effects:
        return
    work.ensure(
        "closing",
        ticket.key,
        look=lambda: Made({}, ticket.url) if ticket.done else None,
        make=changing(lambda: _close(ticket)),
        looks_first=False,
    )


def _close(ticket: Ticket) -> Made:
    issues().close(ticket.id)
    return Made({}, ticket.url)


def _ticket(work: Work, blocker: Blocker) -> Ticket:
    """The blocker's ticket as it is now; a deleted one is opened anew, a moved one is followed."""
    if blocker.ticket_id:
        found = issues().read(blocker.ticket_id)
        if found is not None:
            if found.key != blocker.ticket_key:
                work.log(f"{blocker.ticket_key} was moved and is {found.key} now")
                _remember(blocker, found)
            return found
        work.log(f"{blocker.ticket_key} was deleted; the cause is still there, so it is opened anew")
        return _open(work, blocker, blocker.generation + 1)
    return _open(work, blocker, blocker.generation)


def _audited(work: Work, blocker: Blocker, ticket: Ticket) -> Ticket:
    """JIRA has no idempotency key, and its search lags: long after it was opened, look once whether there are two.

    The oldest is kept, the others are closed with a word.
    """
    settled = work.now() - timedelta(seconds=2 * settings.ENV.portal_issues_settle_seconds)
    if blocker.opened_at > settled or work.step.result.get("audited") == ticket.id:
        return ticket
    oldest, *younger = issues().find(_mark(blocker, blocker.generation)) or [ticket]
    for one in younger:
        work.log(f"{one.key} is a double of {oldest.key}")
        work.ensure("double", one.key, make=changing(functools.partial(_close_double, one, oldest)))
    if oldest.id != ticket.id:
        _remember(blocker, oldest)
    _keep(work, work.step.result | {"audited": oldest.id})
    return oldest


def _close_double(double: Ticket, kept: Ticket) -> Made:
    issues().close(double.id, f"This is a double of {kept.key} ({kept.url}), which Onramp keeps.")
    return Made({"kept": kept.key}, double.url)


def _mark(blocker: Blocker, generation: int) -> str:
    """How a ticket is found again by JIRA's search."""
    return f"onramp-{blocker.pk}-{generation}"


def _open(work: Work, blocker: Blocker, generation: int) -> Ticket:
    mark = _mark(blocker, generation)
    project = ticketing.project(blocker)

    def make() -> Made:
        named = sorted(str(run.pk) for run in ticketing.waiting_runs(blocker))
        _keep(work, work.step.result | {"named": named})
        ticket = issues().create(
            project=project,
            summary=ticketing.summary(blocker),
            body=ticketing.body(blocker),
            labels=ticketing.labels(blocker),
            mark=mark,
        )
        return Made({"id": ticket.id}, ticket.url)

    def look() -> Made | None:
        found = issues().find(mark)
        return Made({"id": found[0].id}, found[0].url) if found else None

    settle = timedelta(seconds=settings.ENV.portal_issues_settle_seconds)
    made = work.ensure("ticket", mark, look=look, make=changing(make), settle=settle)
    ticket = issues().read(str(made.reference["id"]))
    if ticket is None:
        raise Missing("jira", "the ticket that was just opened is gone")
    blocker.generation = generation
    _remember(blocker, ticket)
    with transaction.atomic():
        messages.tell_platform(blocker)
    return ticket


def _remember(blocker: Blocker, ticket: Ticket) -> None:
    blocker.ticket_id, blocker.ticket_key, blocker.ticket_url = ticket.id, ticket.key, ticket.url
    blocker.save(update_fields=["ticket_id", "ticket_key", "ticket_url", "generation"])
    Run.objects.filter(pk=blocker.pk).update(topic=f"issues:{ticket.id}")
    ticketing.show_on_steps(blocker)


def _notice(work: Work, ticket: Ticket) -> str:
    """Which closing this is: each is answered once, and our own answer is no change.

    JIRA says when it was closed, so that reopening and closing again between two looks is seen; where it does not say,
    the closings that were seen are counted.
    """
    seen = dict(work.step.result)
    if ticket.done and not seen.get("done"):
        seen["closings"] = int(seen.get("closings", 0)) + 1
    seen["done"] = ticket.done
    _keep(work, seen)
    return ticket.changed.isoformat() if ticket.changed else str(seen.get("closings", 0))


def _keep(work: Work, seen: dict[str, object]) -> None:
    work.step.result = seen
    work.step.save(update_fields=["result"])


def _say_who_waits(work: Work, blocker: Blocker) -> None:
    """Each further run that joins is named on the ticket, once; the first ones stand in its description."""
    named = set(work.step.result.get("named", []))
    for run in ticketing.waiting_runs(blocker):
        if str(run.pk) not in named:
            text = f"{run.repository.full_name} waits for this too: {ticketing.run_url(run)}"
            _comment(work, blocker, f"waits {run.pk}", text)
        named.add(str(run.pk))
    _keep(work, work.step.result | {"named": sorted(named)})


def _answer(work: Work, blocker: Blocker, closing: str, check: Check) -> None:
    """Closed without being cleared is answered, once per closing."""
    text = (
        "This was closed, but the condition does not hold yet, so nothing was resumed.\n"
        f"{check.says}\nWhat clears it: {blocker.clears_when}"
    )
    _comment(work, blocker, f"closing {closing} answered", text)


def _comment(work: Work, blocker: Blocker, occasion: str, text: str) -> None:
    """Once per occasion, also after a lost answer: what is looked for is ours by its words, and not known yet."""
    name = f"{blocker.ticket_id} {occasion}"

    def look() -> Made | None:
        known = _own_comments(work)
        said = (one for one in issues().comments(blocker.ticket_id) if one.id not in known)
        found = next((one for one in said if one.body.split() == text.split()), None)
        return Made({"id": found.id}) if found else None

    def make() -> Made:
        return Made({"id": issues().comment(blocker.ticket_id, text)})

    work.ensure("comment", name, look=look, make=changing(make), looks_first=False)


def _own_comments(work: Work) -> list[str]:
    """The ids of what we said on the ticket."""
    said = (one for one in work.step.known_effects.values() if one.kind == "comment")
    return [str(one.reference["id"]) for one in said if "id" in one.reference]
