"""The team's move: to look at the pull request and merge it. Until somebody else pushes to it, it is kept mergeable."""

from datetime import timedelta

from integrations.errors import Conflict
from integrations.source import Pull
from onboarding.engine.effects import Made
from onboarding.engine.outcomes import Done, Outcome, Wait
from onboarding.engine.work import Work
from onboarding.models import Move
from onboarding.steps import pauses
from onboarding.steps.build import declined, pushed_by_people
from onboarding.steps.journey import Journey, commits_of, journey, source
from onboarding.steps.outside import changing, meets

UPDATE = "update of a pull request"
SOON = timedelta(minutes=5)
"""By then an update that was asked for is there, or never will be."""


@meets("source")
def perform(work: Work) -> Outcome:
    own = journey(work)
    if not work.results["pull_request"]["number"]:
        return Done("Nothing is to be merged.", {"commit": own.content.head})
    pull = source().pull(own.name, int(work.results["pull_request"]["number"]))
    links = [(f"#{pull.number}", pull.url)]
    if pull.merged:
        return Done(f"Pull request #{pull.number} was merged.", {"commit": pull.merge_commit}, links)
    if not pull.open:
        return declined(pull)
    says, move = _kept_mergeable(work, own, pull), Move.TEAM
    if pull.conflicts:
        says = (
            f"Pull request #{pull.number} conflicts with what {own.content.default_branch} holds meanwhile. Plan the "
            "repository again: the new pull request takes the place of this one. Or resolve the conflict in it."
        )
    elif says:
        move = Move.MACHINE
    says = says or f"Look at pull request #{pull.number} and merge it."
    return Wait(f"{says}{pushed_by_people(work, pull)}", pauses.news(work), move, links)


def _kept_mergeable(work: Work, own: Journey, pull: Pull) -> str:
    """Where the default branch moved on and its rule wants all of that in the pull request first: bring it there. Returns
    what is being done, if anything."""
    _note_update(work, own, pull)
    if not pull.behind or pull.head not in commits_of(work.run):
        return ""
    branch, name = own.content.default_branch, f"{own.name}#{pull.number} at {pull.head[:12]}"
    asked = work.step.known_effects.get((UPDATE, name))
    if asked and asked.made_at and work.now() - asked.made_at > SOON:
        return ""

    def update() -> Made:
        source().update_branch(own.name, pull.number, pull.head)
        return Made({"before": pull.head}, pull.url)

    try:
        # Harmless to repeat: it is done at this head alone.
        work.ensure(UPDATE, name, make=changing(update))
    except Conflict:
        return ""  # somebody was faster: the next look finds what they pushed
    return f"{branch} has moved on; pull request #{pull.number} is being brought up to date."


def _note_update(work: Work, own: Journey, pull: Pull) -> None:
    """The host makes the commit of an update some time after it was asked to; a merge on top of what it was asked at is that."""
    if pull.head in commits_of(work.run):
        return
    asked = {str(one.reference["before"]) for (kind, _), one in work.step.known_effects.items() if kind == UPDATE}
    if not asked:
        return
    before, *others = source().parents(own.name, pull.head)
    if before in asked and len(others) == 1:
        work.ensure("commit", f"{own.name} updated to {pull.head[:12]}", make=lambda: Made({"sha": pull.head}))
