"""The words of a ticket, which must stand alone, and what the pages keep of it."""

from collections.abc import Iterable

from django.conf import settings

from integrations.issues import Comment
from integrations.secrets import redact
from onboarding.engine import progress
from onboarding.models import Blocker, Onboarding, Run, StepState, TicketComment

DEFAULT_PROJECT = "PLAT"


def project(blocker: Blocker) -> str:
    return blocker.organisation.issues_project if blocker.organisation else DEFAULT_PROJECT


def labels(blocker: Blocker) -> list[str]:
    return ["onramp", f"onramp-{blocker.kind}"]


def summary(blocker: Blocker) -> str:
    return redact(f"Onramp: {blocker.summary}")[:250]


def waiting_runs(blocker: Blocker) -> list[Onboarding]:
    """The onboardings that this cause holds, oldest first."""
    runs = blocker.steps.filter(state=StepState.BLOCKED).values("run")
    return list(
        Onboarding.objects.filter(run__in=runs)
        .select_related("repository", "person", "team")
        .order_by("run__created_at")
    )


def run_url(onboarding: Onboarding) -> str:
    return f"{settings.ENV.portal_url}/onboardings/{onboarding.pk}/"


def body(blocker: Blocker) -> str:
    """Cause, objects, what clears it, who waits, what Onramp will check."""
    waits = "\n".join(
        f"* {one.repository.full_name} ({one.team or 'no team'}), started by {one.person.username}: {run_url(one)}"
        for one in waiting_runs(blocker)
    )
    return redact(
        f"*Cause*\n{blocker.summary}\n\n{blocker.explanation}\n\n"
        f"*What clears it*\n{blocker.clears_when}\n\n"
        f"*Who waits*\n{waits or '* nobody at the moment'}\n\n"
        "*What Onramp does*\nIt looks at the condition itself, regularly and when this ticket changes. Once it holds, every waiting "
        "run goes on, and this ticket is told. Closing the ticket without it resumes nothing. Resolving it as “Won't Do” ends the waiting "
        f"runs with your last comment's reason.\n\n{settings.ENV.portal_url}/queue/"
    )


def keep_comments(blocker: Blocker, comments: Iterable[Comment]) -> None:
    """What was said on the ticket is shown on the pages of the runs that wait for it."""
    new = [
        TicketComment(blocker=blocker, external_id=one.id, author=one.author[:120], body=redact(one.body), at=one.at)
        for one in comments
    ]
    known = set(blocker.comments.values_list("external_id", flat=True))
    unseen = [one for one in new if one.external_id not in known]
    if unseen:
        TicketComment.objects.bulk_create(unseen, ignore_conflicts=True)
        _touch_runs(blocker)


def show_on_steps(blocker: Blocker) -> None:
    """Every step that waits links to the ticket."""
    blocker.steps.filter(state=StepState.BLOCKED).update(links=[[blocker.ticket_key, blocker.ticket_url]])
    _touch_runs(blocker)


def _touch_runs(blocker: Blocker) -> None:
    for run in Run.objects.filter(steps__blocker=blocker).distinct():
        progress.touch(run)
