"""The team's move: review the pull request and merge it. Until somebody else pushes to it, Onramp keeps it mergeable."""

from datetime import timedelta

from engine.context import Work
from engine.effects import Made
from engine.models import Move
from engine.outcomes import Declined, Done, Outcome, Wait
from integrations.errors import Conflict
from integrations.source import Pull, identity, source
from onboarding.blockers import lifecycle
from onboarding.blockers import source as causes
from onboarding.models import EffectKind
from onboarding.steps import polling, whereabouts
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
    elsewhere = whereabouts.settle(work, subject, pull.repository)
    if elsewhere is not None:
        return elsewhere
    links = [(f"#{pull.number}", pull.url)]
    if not pull.open and not pull.merged:
        return declined(work, pull)
    branch, default_branch = subject.content.default_branch, pull.repository.default_branch
    if default_branch != branch:
        message = f"The default branch is {default_branch} now, but the files of this plan build and deploy {branch}. Create a new plan."
        return Declined(message, links)
    if pull.merged and (pull.base == branch or source().contains(subject.name, branch, pull.merge_commit)):
        return Done(f"Pull request #{pull.number} was merged.", MergeResult(commit=pull.merge_commit), links)
    if pull.merged:
        message = (
            f"Pull request #{pull.number} was merged into {pull.base}. Merge that into {branch}, which is what deploys."
        )
        return Wait(message, polling.next_check(work), Move.TEAM, links)
    if pull.repository.archived:
        return lifecycle.blocked(causes.archived(subject.repository, subject.team))
    message, move = _next_move(work, subject, pull)
    return Wait(f"{message}{foreign_push(work, pull)}", polling.next_check(work), move, links)


def _next_move(work: Work, subject: Subject, pull: Pull) -> tuple[str, Move]:
    """What an open pull request waits for, and whose move that is."""
    branch = subject.content.default_branch
    if pull.base != branch:
        return (
            f"Pull request #{pull.number} would be merged into {pull.base}. Change its base to {branch}, which is what deploys.",
            Move.TEAM,
        )
    updating = _keep_mergeable(work, subject, pull)
    if pull.conflicts:
        return (
            f"Pull request #{pull.number} conflicts with the current {branch}. Create a new plan: its pull request replaces this "
            "one. Or resolve the conflict in it.",
            Move.TEAM,
        )
    if updating:
        return updating, Move.MACHINE
    message = f"Review pull request #{pull.number} and merge it."
    unmet = source().unmet(subject.name, pull) if pull.blocked else []
    return f"{message} Before that, {'; '.join(unmet)}." if unmet else message, Move.TEAM


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
        facts = identity.facts_of(subject.name, subject.repository.external_id)
        source().update_branch(facts.full_name, pull.number, pull.head)
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
