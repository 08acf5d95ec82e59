"""The pipeline can run: otherwise a pull request would wait for a build that nobody starts."""

from onboarding import blocking, causes_build
from onboarding.engine.outcomes import Done, Outcome
from onboarding.engine.work import Work
from onboarding.steps.journey import journey, pipelines
from onboarding.steps.outside import meets


@meets("pipelines")
def perform(work: Work) -> Outcome:
    own = journey(work)
    if not pipelines().enabled(own.name):
        return blocking.blocked(causes_build.pipelines_off(own.onboarding))
    files = [one.path for one in own.content.files if one.path.startswith(".github/")]
    return Done(f"Pipelines are allowed in {own.name}; the pull request brings {', '.join(files)}.")
