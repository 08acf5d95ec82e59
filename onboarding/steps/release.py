"""The build of the default branch: tests and images. Its deployment is the next step."""

from engine.context import Work
from engine.outcomes import Done, Outcome, Wait
from generate import DEPLOY_JOB_PREFIX
from integrations.pipelines import Build, BuildState, Job, pipelines
from onboarding.blockers import build as causes
from onboarding.blockers import lifecycle
from onboarding.steps import polling
from onboarding.steps.build import rerun_once
from onboarding.steps.errors import translates_errors_of
from onboarding.steps.kind import OnboardingStep, nothing
from onboarding.steps.results import MergeResult, ReleaseResult
from onboarding.steps.subject import Subject, subject_of


def newest_build(subject: Subject, work: Work) -> Build | None:
    """The build of the merge, or of a later commit on the default branch: that is what is deployed in the end."""
    latest = pipelines().latest(subject.name, subject.content.default_branch)
    merged = work.result(MergeResult).commit
    if latest is not None and latest.commit == merged:
        return latest
    of_merge = pipelines().build(subject.name, merged)
    return latest if latest and of_merge and latest.id > of_merge.id else of_merge


def failed(work: Work, subject: Subject, build: Build) -> Outcome:
    failure = pipelines().failure(subject.name, build.id)
    cause = causes.red_default_branch(subject.onboarding, build, failure)
    return rerun_once(work, subject, build) or lifecycle.blocked(cause, detail=causes.log_end(build, failure))


@translates_errors_of("pipelines")
def perform(work: Work) -> Outcome:
    subject = subject_of(work)
    build, branch = newest_build(subject, work), subject.content.default_branch
    if build is None:
        return Wait(f"Waiting for the pipeline of {branch} to start.", polling.next_check(work))
    links = [("Build", build.url)]
    jobs = [job for job in pipelines().jobs(subject.name, build.id) if not _deploys(job)]
    if build.state == BuildState.RED and (not jobs or any(job.state == BuildState.RED for job in jobs)):
        return failed(work, subject, build)
    if build.state == BuildState.GREEN or (jobs and all(job.state == BuildState.GREEN for job in jobs)):
        message = f"{branch} was tested and its images were built."
        return Done(message, ReleaseResult(build=build.id, commit=build.commit), links)
    done = sum(job.state != BuildState.RUNNING for job in jobs)
    message = f"{branch} is building ({done} of {len(jobs)} jobs done)."
    return Wait(message, polling.next_check(work), links=links)


def _deploys(job: Job) -> bool:
    return job.name.startswith(DEPLOY_JOB_PREFIX)


STEP = OnboardingStep(
    name="release",
    title="Default branch build",
    queue="pipelines",
    needs=("merge",),
    perform=perform,
    does="Follows the build of the default branch, which pushes the images.",
    creates=nothing,
)
