"""The words of a blocker's ticket, which must be understood without Onramp, and what pages keep of its comments."""

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse

from integrations.issues import Comment
from integrations.secrets import redact
from onboarding.blockers import lifecycle
from onboarding.models import Blocker, Onboarding, TicketComment

DEFAULT_PROJECT = "PLAT"


LISTED_RUNS = 40
LONGEST_EXPLANATION = 8_000


def shortened(text: str, longest: int) -> str:
    """The first whole lines of a text that is too long, with how many are left out."""
    if len(text) <= longest:
        return text
    kept = text[: longest - 100].rpartition("\n")[0] or text[: longest - 100]
    left_out = text[len(kept) :].strip().count("\n") + 1
    return f"{kept}\n\n… and {left_out} more line{'' if left_out == 1 else 's'}."


def project(blocker: Blocker) -> str:
    return blocker.organisation.issues_project if blocker.organisation else DEFAULT_PROJECT


def labels(blocker: Blocker) -> list[str]:
    return ["onramp", f"onramp-{blocker.kind}"]


def summary(blocker: Blocker) -> str:
    return redact(f"Onramp: {blocker.summary}")[:250]


def blocked_onboardings(blocker: Blocker) -> list[Onboarding]:
    """The onboardings that wait for this blocker, oldest first."""
    return list(
        Onboarding.objects.filter(run__in=blocker.blocked_steps.order_by().values("run"))
        .select_related("repository", "person", "team")
        .order_by("run__created_at")
    )


def url_of(onboarding: Onboarding) -> str:
    return absolute(reverse("onboarding", args=[onboarding.pk]))


def absolute(path: str) -> str:
    """The address of one of our pages, for texts outside the portal."""
    return f"{settings.ENV.origin}{path}"


def body(blocker: Blocker) -> str:
    """Cause, what clears it, the runs that wait, and what Onramp will do; short enough for every issue tracker."""
    onboardings = blocked_onboardings(blocker)
    lines = [
        f"* {onboarding.repository.full_name} ({onboarding.team or 'no team'}), started by {onboarding.person.username}: "
        f"{url_of(onboarding)}"
        for onboarding in onboardings[:LISTED_RUNS]
    ]
    if len(onboardings) > LISTED_RUNS:
        lines.append(f"* and {len(onboardings) - LISTED_RUNS} more")
    waiting = "\n".join(lines)
    return redact(
        f"*Cause*\n{blocker.summary}\n\n{shortened(blocker.explanation, LONGEST_EXPLANATION)}\n\n"
        f"*What clears it*\n{blocker.clears_when}\n\n"
        f"{_history(blocker)}"
        f"*Waiting runs*\n{waiting or '* none at the moment'}\n\n"
        f"*What Onramp does*\nOnramp checks the condition regularly and whenever this ticket changes. {_resuming(blocker)} Closing "
        "the ticket while the condition does not hold resumes nothing. Resolving it as “Won't Do” ends the waiting runs with your "
        "last comment as the reason.\n\n"
        f"{absolute(reverse('queue'))}"
    )


def _resuming(blocker: Blocker) -> str:
    if blocker.is_disputed:
        return (
            "It has held before, but the same error came back, so nothing resumes until you resolve this ticket. Then every waiting "
            "run tries again."
        )
    return "Once it holds, every waiting run resumes automatically, and Onramp comments here."


def _history(blocker: Blocker) -> str:
    """How the cause cleared earlier, each time a run returned to it."""
    if not blocker.clearings:
        return ""
    lines = "\n".join(
        f"* {clearing.at:%Y-%m-%d %H:%M} UTC: {clearing.message} {clearing.ticket_key}".rstrip()
        for clearing in blocker.clearings
    )
    return f"*Cleared earlier, but came back*\n{lines}\n\n"


def store_comments(blocker: Blocker, comments: Iterable[Comment]) -> None:
    """Comments on the ticket are shown on the pages of the runs that wait for it. In a transaction."""
    known = set(blocker.comments.values_list("external_id", flat=True))
    new = [
        TicketComment(
            blocker=blocker,
            external_id=comment.id,
            author=comment.author[:120],
            body=redact(comment.body),
            at=comment.at,
        )
        for comment in comments
        if comment.id not in known
    ]
    if new:
        TicketComment.objects.bulk_create(new, ignore_conflicts=True)
        lifecycle.touch_blocked(blocker)
