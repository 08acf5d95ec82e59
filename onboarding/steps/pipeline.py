"""The pipeline can run: otherwise a pull request would wait for a build that nobody starts."""

from engine.context import Work
from engine.outcomes import Done, Outcome
from integrations.pipelines import pipelines
from onboarding.blockers import build as causes
from onboarding.blockers import lifecycle
from onboarding.steps.errors import translates_errors_of
from onboarding.steps.kind import OnboardingStep, nothing
from onboarding.steps.subject import subject_of


@translates_errors_of("pipelines")
def perform(work: Work) -> Outcome:
    subject = subject_of(work)
    if not pipelines().enabled(subject.name):
        return lifecycle.blocked(causes.pipelines_off(subject.onboarding))
    prefix = pipelines().configuration_prefix
    files = [file.path for file in subject.content.files if file.path.startswith(prefix)]
    return Done(f"Pipelines are enabled in {subject.name}; the pull request adds {', '.join(files)}.")


STEP = OnboardingStep(
    name="pipeline",
    title="Pipeline",
    queue="pipelines",
    needs=("access",),
    perform=perform,
    does="Checks that pipelines can run in the repository.",
    creates=nothing,
)
