"""Causes in the pipeline: the team's move, explained and checked without a ticket."""

from engine.models import Move
from integrations.pipelines import Build, BuildFailure, BuildState, pipelines_reader
from integrations.secrets import redact
from integrations.source import source_reader
from onboarding.blockers.causes import Cause, Check, Facts, register
from onboarding.blockers.repository import current
from onboarding.models import Onboarding

SHOWN_LINES = 8
LINK = "failed build"


def _check_pipelines_on(facts: Facts) -> Check:
    enabled = pipelines_reader().enabled(current(facts).full_name)
    return Check(enabled, "Pipelines are enabled now." if enabled else "Pipelines are still disabled.")


PIPELINES_OFF = register("pipelines-off", title="Pipelines are disabled", check=_check_pipelines_on)


def pipelines_off(onboarding: Onboarding) -> Cause:
    name = onboarding.repository.full_name
    return Cause(
        kind=PIPELINES_OFF,
        object=onboarding.repository.topic,
        owner=Move.TEAM,
        summary=f"Pipelines are disabled in {name}",
        explanation=f"Nothing would build the pull request. {pipelines_reader().how_to_enable}",
        clears_when=f"Pipelines are enabled in {name}.",
        facts={"repository": onboarding.repository_id},
        team=onboarding.team,
    )


def _check_pull_request(facts: Facts) -> Check:
    repository = current(facts).full_name
    pull = source_reader().pull(repository, int(facts["pull"]))
    if not pull.open:
        return Check(True, "The pull request is no longer open.")
    return _check_build(pipelines_reader().build(repository, pull.head))


RED_PULL_REQUEST = register("pull-request-red", title="A pull request's build fails", check=_check_pull_request)


def red_pull_request(onboarding: Onboarding, pull: int, build: Build, failure: BuildFailure | None) -> Cause:
    """The pull request's build failed twice: the automatic re-run did not help."""
    return Cause(
        kind=RED_PULL_REQUEST,
        object=f"{onboarding.repository.topic}#{pull}",
        owner=Move.TEAM,
        summary=_summary(f"The build of pull request #{pull} failed", failure),
        explanation="It failed again after a re-run. Push a fix to the pull request's branch, or re-run the job if the failure "
        "was random.",
        clears_when="The newest build of the pull request succeeds.",
        facts={"repository": onboarding.repository_id, "pull": pull},
        team=onboarding.team,
        links=[(LINK, build.url)],
    )


def _check_default_branch(facts: Facts) -> Check:
    return _check_build(pipelines_reader().latest(current(facts).full_name, str(facts["branch"])))


RED_DEFAULT_BRANCH = register("default-branch-red", title="A default branch's build fails", check=_check_default_branch)


def red_default_branch(onboarding: Onboarding, build: Build, failure: BuildFailure | None) -> Cause:
    branch = onboarding.plan.content["default_branch"]
    return Cause(
        kind=RED_DEFAULT_BRANCH,
        object=f"{onboarding.repository.topic}:{branch}",
        owner=Move.TEAM,
        summary=_summary(f"The build of {branch} failed", failure),
        explanation=f"It failed again after a re-run. Push a fix to {branch}, or re-run the job if the failure was random.",
        clears_when=f"The newest build of {branch} succeeds.",
        facts={"repository": onboarding.repository_id, "branch": branch},
        team=onboarding.team,
        links=[(LINK, build.url)],
    )


def _check_build(build: Build | None) -> Check:
    if build is None:
        return Check(False, "No build has started yet.")
    if build.state == BuildState.GREEN:
        return Check(True, "The build succeeded.")
    return Check(False, f"The newest build has not succeeded: {build.message}.")


def _summary(sentence: str, failure: BuildFailure | None) -> str:
    if failure is None:
        return sentence
    return redact(f"{sentence}: “{failure.step or failure.job}” in job “{failure.job}”")


def log_end(build: Build, failure: BuildFailure | None) -> str:
    """What the tool said last, for the step's detail."""
    return redact("\n".join(failure.lines[-SHOWN_LINES:]) if failure else build.message)
