"""The pull request's build: a failed one is re-run once automatically, then it is the team's move."""

from engine.context import Work
from engine.effects import Made
from engine.outcomes import Declined, Done, Outcome, Wait
from integrations.errors import Conflict, Denied, Invalid
from integrations.pipelines import Build, BuildState, pipelines
from integrations.secrets import redact
from integrations.source import Pull, identity, source
from onboarding.blockers import build as causes
from onboarding.blockers import lifecycle
from onboarding.blockers.build import Followed
from onboarding.models import EffectKind
from onboarding.steps import following, polling, whereabouts
from onboarding.steps.errors import ensure, translates_errors_of
from onboarding.steps.kind import OnboardingStep, nothing
from onboarding.steps.results import BuildResult, PullRequestResult
from onboarding.steps.subject import Subject, commits_of, subject_of


@translates_errors_of("pipelines")
def perform(work: Work) -> Outcome:
    subject, number = subject_of(work), work.result(PullRequestResult).number
    if not number:
        return Done("No pull request is needed.", BuildResult())
    pull = source().pull(subject.name, number)
    elsewhere = whereabouts.settle(work, subject, pull.repository)
    if elsewhere is not None:
        return elsewhere
    if pull.merged:
        return Done("The pull request was merged.", BuildResult())
    if not pull.open:
        return declined(work, pull)
    followed = Followed(pull.branch, pull.head, pull.number)
    build = pipelines().build(subject.name, pull.head)
    if build is None:
        return following.absent(work, subject, followed)
    stopped = following.stopped(work, subject, followed, build)
    if stopped is not None:
        return stopped
    links = [("Build", build.url)]
    if build.state == BuildState.GREEN:
        message = f"The pull request's build succeeded.{foreign_push(work, pull)}"
        return Done(message, BuildResult(build=build.id, head=pull.head), links)
    if build.state == BuildState.RUNNING:
        message = f"The pull request is building{_progress(subject, build)}.{foreign_push(work, pull)}"
        return Wait(message, polling.next_check(work), links=links)
    return rerun_once(work, subject, build) or _blocked(subject, pull, build)


def declined(work: Work, pull: Pull) -> Declined:
    """The step keeps the number, so that the plan can continue if somebody opens the pull request again."""
    work.remember(closed=pull.number)
    message = (
        f"Pull request #{pull.number} was closed without being merged, so this onboarding is declined. A new plan proposes "
        "it again."
    )
    return Declined(message, [(f"#{pull.number}", pull.url)])


def foreign_push(work: Work, pull: Pull) -> str:
    """A sentence where the pull request differs from the plan: it belongs to people then, and Onramp leaves it alone."""
    if pull.head in commits_of(work.run):
        return ""
    return f" Somebody pushed {pull.head[:7]} to it; Onramp does not touch that."


def rerun_once(work: Work, subject: Subject, build: Build) -> Outcome | None:
    """Re-runs a failed build the first time: the failure may be random. None where that was already done, or is refused."""
    if build.attempt > 1 or not rerun(work, subject, build):
        return None
    message = "The build failed; its failed jobs are running again in case the failure was random."
    return Wait(message, polling.next_check(work), links=[("Build", build.url)])


def rerun(work: Work, subject: Subject, build: Build) -> bool:
    """Re-runs the failed jobs of this attempt, once. False where that is refused: the failure is what counts then."""

    def create() -> Made:
        facts = identity.facts_of(subject.name, subject.repository.external_id)
        pipelines().rerun(facts.full_name, build.id)
        return Made({"build": build.id}, build.url)

    attempt = f", attempt {build.attempt}" if build.attempt > 1 else ""
    name = f"{subject.name} build {build.id}{attempt}"
    try:
        ensure(work, pipelines().name, EffectKind.BUILD_RERUN, name, create=create)
    except (Denied, Conflict, Invalid) as error:
        if isinstance(error, Denied) and error.credentials:
            raise
        work.log(f"build {build.id} could not be re-run: {redact(str(error))}")
        return False
    work.log(f"build {build.id} failed; re-running its failed jobs")
    return True


def _progress(subject: Subject, build: Build) -> str:
    jobs = [job for job in pipelines().jobs(subject.name, build.id) if not job.skipped]
    done = sum(job.state.has_ended for job in jobs)
    return f" ({done} of {len(jobs)} jobs done)" if jobs else ""


def _blocked(subject: Subject, pull: Pull, build: Build) -> Outcome:
    failure = pipelines().failure(subject.name, build.id)
    cause = causes.red_pull_request(subject.onboarding, pull.number, build, failure)
    return lifecycle.blocked(cause, detail=causes.log_end(build, failure))


STEP = OnboardingStep(
    name="build",
    title="Pull request build",
    queue="pipelines",
    needs=("pull_request",),
    perform=perform,
    does="Follows the pull request's build.",
    creates=nothing,
)
