"""The pull request's build: a red one is our move first, then the team's."""

from integrations.pipelines import Build, BuildState
from integrations.source import Pull
from onboarding import blocking, causes_build
from onboarding.causes import Cause
from onboarding.engine.effects import Made
from onboarding.engine.outcomes import Done, Outcome, Refused, Wait
from onboarding.engine.work import Work
from onboarding.steps import pauses
from onboarding.steps.journey import Journey, commits_of, journey, pipelines, source
from onboarding.steps.outside import changing, meets


@meets("pipelines")
def perform(work: Work) -> Outcome:
    own = journey(work)
    if not work.results["pull_request"]["number"]:
        return Done("No pull request is needed.")
    pull = source().pull(own.name, int(work.results["pull_request"]["number"]))
    if pull.merged:
        return Done("The pull request was merged.", {"merged": True})
    if not pull.open:
        return declined(pull)
    build = pipelines().build(own.name, pull.head)
    if build is None:
        return Wait("Waiting for the pipeline to start.", pauses.news(work))
    links = [("Build", build.url)]
    if build.state == BuildState.GREEN:
        says = f"The build of the pull request is green.{pushed_by_people(work, pull)}"
        return Done(says, {"build": build.id, "head": pull.head}, links)
    if build.state == BuildState.RUNNING:
        says = f"The pull request is being built{_jobs(own, build)}.{pushed_by_people(work, pull)}"
        return Wait(says, pauses.news(work), links=links)
    return once_more(work, own, build) or blocking.blocked(_cause(own, pull, build))


def declined(pull: Pull) -> Refused:
    says = f"Pull request #{pull.number} was closed without being merged, so this onboarding is declined. A new plan offers it again."
    return Refused(says, [(f"#{pull.number}", pull.url)])


def pushed_by_people(work: Work, pull: Pull) -> str:
    """A sentence where the pull request is no longer what the plan showed: it is people's then, and left as it is."""
    if pull.head in commits_of(work.run):
        return ""
    return f" Somebody pushed {pull.head[:7]} to it; Onramp leaves that as it is."


def once_more(work: Work, own: Journey, build: Build) -> Outcome | None:
    """A first red build is run again: it may have been chance. None where that was done already."""
    if build.attempt > 1:
        return None
    made = work.ensure("re-run", f"{own.name} build {build.id}", make=changing(lambda: _rerun(own, build)))
    work.log(f"build {build.id} is red; its failed jobs run once more")
    return Wait(
        "The build was red; its failed jobs run once more, in case it was chance.",
        pauses.news(work),
        links=[("Build", made.url)],
    )


def _rerun(own: Journey, build: Build) -> Made:
    pipelines().rerun(own.name, build.id)
    return Made({"build": build.id}, build.url)


def _jobs(own: Journey, build: Build) -> str:
    jobs = [one for one in pipelines().jobs(own.name, build.id) if not one.skipped]
    done = sum(one.state != BuildState.RUNNING for one in jobs)
    return f" ({done} of {len(jobs)} jobs done)" if jobs else ""


def _cause(own: Journey, pull: Pull, build: Build) -> Cause:
    return causes_build.red_pull(own.onboarding, pull.number, build, pipelines().failure(own.name, build.id))
