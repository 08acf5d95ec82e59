"""The pipeline deploys, not Onramp: this step checks that the cluster runs what the build produced."""

from engine.context import Work
from engine.outcomes import Done, Outcome, Wait
from integrations.cluster import cluster
from integrations.pipelines import BuildState
from onboarding.steps import following, polling
from onboarding.steps.errors import translates_errors_of
from onboarding.steps.kind import OnboardingStep, nothing
from onboarding.steps.release import failed, newest_build
from onboarding.steps.restoring import restored
from onboarding.steps.results import DeployResult
from onboarding.steps.subject import Subject, subject_of


@translates_errors_of("cluster")
def perform(work: Work) -> Outcome:
    subject = subject_of(work)
    followed, build, latest = newest_build(subject, work)
    if build is None:
        return following.absent(work, subject, followed, latest)
    links = [("Build", build.url)]
    problems = _problems(subject)
    if build.state == BuildState.RED:
        work.log("; ".join(problems) or "the cluster reports no problem")
        return restored(work, subject, build) or failed(work, subject, build)
    stopped = following.stopped(work, subject, followed, build)
    if stopped is not None:
        return stopped
    if build.state == BuildState.RUNNING or problems:
        message = "The pipeline is deploying" + (f": {'; '.join(problems)}." if problems else ".")
        return Wait(message, polling.next_check(work), links=links)
    message = f"The pipeline deployed {build.commit[:7]} to {subject.content.namespace}."
    return Done(message, DeployResult(commit=build.commit), links)


def _problems(subject: Subject) -> list[str]:
    """Why applications do not run the newest revision yet, in the cluster's words; empty where all do."""
    problems = []
    for application in subject.applications:
        workload = cluster().workload(application.namespace, application.name)
        if workload is None:
            problems.append(f"{application.name} does not exist yet")
        elif not workload.available or not workload.current:
            problems.append(f"{application.name}: {workload.message}")
    return problems


STEP = OnboardingStep(
    name="deploy",
    title="Deployment",
    queue="cluster",
    needs=("release",),
    perform=perform,
    does="Follows the pipeline's deployment.",
    creates=nothing,
)
