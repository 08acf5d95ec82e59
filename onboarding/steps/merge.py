"""The team's move: to look at the pull request and merge it."""

from onboarding.engine.outcomes import Done, Outcome, Wait
from onboarding.engine.work import Work
from onboarding.models import Move
from onboarding.steps import pauses
from onboarding.steps.build import declined, pushed_by_people
from onboarding.steps.journey import journey, source
from onboarding.steps.outside import meets


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
    says = f"Look at pull request #{pull.number} and merge it.{pushed_by_people(work, pull)}"
    return Wait(says, pauses.news(work), Move.TEAM, links)
