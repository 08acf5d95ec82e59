"""The team's move: review the pull request and merge it. Until somebody else pushes to it, Onramp keeps it mergeable."""

from datetime import timedelta

from engine.context import Work
from engine.effects import Made
from engine.models import Move
from engine.outcomes import Done, Outcome, Wait
from integrations.errors import Conflict
from integrations.source import Pull, identity, source
from onboarding.models import EffectKind
from onboarding.steps import polling
from onboarding.steps.build import declined, foreign_push
from onboarding.steps.errors import ensure, translates_errors_of
from onboarding.steps.kind import OnboardingStep, nothing
from onboarding.steps.results import MergeResult, PullRequestResult
from onboarding.steps.subject import Subject, commits_of, subject_of

UPDATE_TIMEOUT = timedelta(minutes=5)
"""By then a requested update has arrived, or never will."""


@translates_errors_of("source")
def perform(work: Work) -> Outcome:
    subject, number = subject_of(work), work.result(PullRequestResult).number
    if not number:
        return Done("Nothing to merge.", MergeResult(commit=subject.content.head))
    pull = source().pull(subject.name, number)
    links = [(f"#{pull.number}", pull.url)]
    if pull.merged:
        return Done(f"Pull request #{pull.number} was merged.", MergeResult(commit=pull.merge_commit), links)
    if not pull.open:
        return declined(pull)
    updating = _keep_mergeable(work, subject, pull)
    message, move = f"Review pull request #{pull.number} and merge it.", Move.TEAM
    if pull.conflicts:
        message = (
            f"Pull request #{pull.number} conflicts with the current {subject.content.default_branch}. Create a new plan: its "
            "pull request replaces this one. Or resolve the conflict in it."
        )
    elif updating:
        message, move = updating, Move.MACHINE
    return Wait(f"{message}{foreign_push(work, pull)}", polling.next_check(work), move, links)


def _keep_mergeable(work: Work, subject: Subject, pull: Pull) -> str:
    """Where the default branch moved on and a rule requires its commits in the pull request, merge them into it. Returns a
    sentence about the update in progress, if any."""
    _record_update(work, subject, pull)
    if not pull.behind or pull.head not in commits_of(work.run):
        return ""
    name = f"{subject.name}#{pull.number} at {pull.head[:12]}"
    requested = work.step.known_effects.get((EffectKind.PULL_REQUEST_UPDATE, name))
    if requested and requested.made_at and work.now() - requested.made_at > UPDATE_TIMEOUT:
        return ""

    def update() -> Made:
        identity.facts_of(subject.name, subject.repository.external_id)
        source().update_branch(subject.name, pull.number, pull.head)
        return Made({"before": pull.head}, pull.url)

    try:
        # Harmless to repeat: it only happens at this head.
        ensure(work, source().name, EffectKind.PULL_REQUEST_UPDATE, name, create=update)
    except Conflict:
        return ""  # somebody was faster: the next check finds what they pushed
    return f"{subject.content.default_branch} has moved on; Onramp is updating pull request #{pull.number}."


def _record_update(work: Work, subject: Subject, pull: Pull) -> None:
    """The host creates the commit of an update some time after the request; a merge on top of the head it was requested at is
    that commit."""
    if pull.head in commits_of(work.run):
        return
    requested_at = {
        str(effect.reference["before"])
        for (kind, _), effect in work.step.known_effects.items()
        if kind == EffectKind.PULL_REQUEST_UPDATE and "before" in effect.reference
    }
    if not requested_at:
        return
    first, *others = source().parents(subject.name, pull.head)
    if first in requested_at and len(others) == 1:
        name = f"{subject.name} updated to {pull.head[:12]}"
        work.ensure(EffectKind.COMMIT, name, create=lambda: Made({"sha": pull.head}))


STEP = OnboardingStep(
    name="merge",
    title="Merge",
    queue="source",
    needs=("build", "configuration"),
    perform=perform,
    does="Waits until the pull request is reviewed and merged.",
    creates=nothing,
    owner=Move.TEAM,
)
