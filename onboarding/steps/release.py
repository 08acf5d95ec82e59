"""The build of the default branch: tests and images. Its deployment is the next step."""

from integrations.pipelines import Build, BuildState, Job
from onboarding import blocking, causes_build
from onboarding.engine.outcomes import Done, Outcome, Wait
from onboarding.engine.work import Work
from onboarding.generate import DEPLOY_JOB_PREFIX
from onboarding.steps import pauses
from onboarding.steps.build import once_more
from onboarding.steps.journey import Journey, journey, pipelines
from onboarding.steps.outside import meets


def newest(own: Journey, work: Work) -> Build | None:
    """The build of the merge, or of a later commit on the default branch: what is deployed in the end."""
    latest = pipelines().latest(own.name, own.content.default_branch)
    merged = str(work.results["merge"]["commit"])
    if latest is not None and latest.commit == merged:
        return latest
    of_merge = pipelines().build(own.name, merged)
    return latest if latest and of_merge and latest.id > of_merge.id else of_merge


def red(work: Work, own: Journey, build: Build) -> Outcome:
    failure = pipelines().failure(own.name, build.id)
    return once_more(work, own, build) or blocking.blocked(causes_build.red_default(own.onboarding, build, failure))


@meets("pipelines")
def perform(work: Work) -> Outcome:
    own = journey(work)
    build = newest(own, work)
    branch = own.content.default_branch
    if build is None:
        return Wait(f"Waiting for the pipeline of {branch} to start.", pauses.news(work))
    links = [("Build", build.url)]
    jobs = [one for one in pipelines().jobs(own.name, build.id) if not _deploys(one)]
    if build.state == BuildState.RED and (not jobs or any(one.state == BuildState.RED for one in jobs)):
        return red(work, own, build)
    if build.state == BuildState.GREEN or (jobs and all(one.state == BuildState.GREEN for one in jobs)):
        return Done(
            f"{branch} was tested and its images were built.", {"build": build.id, "commit": build.commit}, links
        )
    done = sum(one.state != BuildState.RUNNING for one in jobs)
    return Wait(f"{branch} is being built ({done} of {len(jobs)} jobs done).", pauses.news(work), links=links)


def _deploys(job: Job) -> bool:
    return job.name.startswith(DEPLOY_JOB_PREFIX)
