"""The build of the default branch: tests and images. Its deployment is the next step."""

from engine.context import Work
from engine.outcomes import Done, Outcome, Wait
from generate import DEPLOY_JOB_PREFIX
from integrations.pipelines import Build, BuildState, Job, pipelines
from integrations.source import source
from integrations.source.identity import another
from onboarding.blockers import build as causes
from onboarding.blockers import lifecycle
from onboarding.blockers.build import Followed
from onboarding.steps import following, polling
from onboarding.steps.build import rerun_once
from onboarding.steps.errors import translates_errors_of
from onboarding.steps.kind import OnboardingStep, nothing
from onboarding.steps.results import MergeResult, ReleaseResult
from onboarding.steps.subject import Subject, subject_of


def newest_build(subject: Subject, work: Work) -> tuple[Followed, Build | None, Build | None]:
    """(what is followed; its build; the newest build of the branch). A build of a later commit counts as well, because that is
    what is deployed in the end, and because a merge queue builds only the last of several merges."""
    latest = pipelines().latest(subject.name, subject.content.default_branch)
    if latest is not None and latest.repository not in ("", subject.repository.external_id):
        raise another(subject.name)
    followed = Followed(subject.content.default_branch, work.result(MergeResult).commit)
    if latest is not None and latest.commit == followed.commit:
        return followed, latest, latest
    of_merge = pipelines().build(subject.name, followed.commit)
    if latest is None or (of_merge is not None and latest.id < of_merge.id):
        return followed, of_merge, latest
    contains = source().contains(subject.name, latest.commit, followed.commit)
    return followed, latest if contains else of_merge, latest


def failed(work: Work, subject: Subject, build: Build) -> Outcome:
    failure = pipelines().failure(subject.name, build.id)
    cause = causes.red_default_branch(subject.onboarding, build, failure)
    return rerun_once(work, subject, build) or lifecycle.blocked(cause, detail=causes.log_end(build, failure))


@translates_errors_of("pipelines")
def perform(work: Work) -> Outcome:
    subject = subject_of(work)
    (followed, build, latest), branch = newest_build(subject, work), subject.content.default_branch
    if build is None:
        return following.absent(work, subject, followed, latest)
    links = [("Build", build.url)]
    jobs = [job for job in pipelines().jobs(subject.name, build.id) if not _deploys(job)]
    if build.state == BuildState.RED and (not jobs or any(job.state == BuildState.RED for job in jobs)):
        return failed(work, subject, build)
    if build.state == BuildState.GREEN or (jobs and all(job.state == BuildState.GREEN for job in jobs)):
        message = f"{branch} was tested and its images were built."
        return Done(message, ReleaseResult(build=build.id, commit=build.commit), links)
    stopped = following.stopped(work, subject, followed, build)
    if stopped is not None:
        return stopped
    done = sum(job.state.has_ended for job in jobs)
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
