"""Causes that lie with the build, the rollout and the proof: the team's move, explained and watched without a ticket."""

from typing import Any

from integrations import providers
from integrations.pipelines import Build, BuildFailure, BuildState, PipelinesReader
from integrations.secrets import redact
from integrations.source import SourceReader
from onboarding.causes import Cause, Check, condition
from onboarding.models import Move, Onboarding


def pipelines() -> PipelinesReader:
    found: PipelinesReader = providers.provider("pipelines")
    return found


def source() -> SourceReader:
    found: SourceReader = providers.provider("source")
    return found


def pipelines_off(onboarding: Onboarding) -> Cause:
    name = onboarding.repository.full_name
    return Cause(
        kind="pipelines-off",
        object=name,
        owner=Move.TEAM,
        summary=f"Pipelines are switched off in {name}",
        explanation="Nothing would build the pull request. Somebody with admin rights can allow them under Settings → Actions.",
        clears_when=f"Pipelines are allowed in {name}.",
        facts={"repository": name},
        team=onboarding.team,
    )


@condition("pipelines-off")
def pipelines_on(facts: dict[str, Any]) -> Check:
    on = pipelines().enabled(str(facts["repository"]))
    return Check(on, "Pipelines are allowed now." if on else "Pipelines are still switched off.")


def red_pull(onboarding: Onboarding, pull: int, build: Build, failure: BuildFailure | None) -> Cause:
    """The pull request's build fails, twice: once more by itself did not help."""
    return Cause(
        kind="pull-request-red",
        object=f"{onboarding.repository.full_name}#{pull}",
        owner=Move.TEAM,
        summary=_broke(f"The build of pull request #{pull} is red", failure),
        explanation=f"{_lines(build, failure)} Push the fix to the branch of the pull request, or re-run the job if it was chance.",
        clears_when="The newest build of the pull request is green.",
        facts={"repository": onboarding.repository.full_name, "pull": pull},
        team=onboarding.team,
    )


@condition("pull-request-red")
def pull_green(facts: dict[str, Any]) -> Check:
    repository = str(facts["repository"])
    pull = source().pull(repository, int(facts["pull"]))
    if not pull.open:
        return Check(True, "The pull request is no longer open.")
    return _green(pipelines().build(repository, pull.head))


def red_default(onboarding: Onboarding, build: Build, failure: BuildFailure | None) -> Cause:
    branch = onboarding.plan.content["default_branch"]
    return Cause(
        kind="default-branch-red",
        object=f"{onboarding.repository.full_name}:{branch}",
        owner=Move.TEAM,
        summary=_broke(f"The build of {branch} is red", failure),
        explanation=f"{_lines(build, failure)} A commit on {branch} that mends it, or a re-run, lets this run go on.",
        clears_when=f"The newest build of {branch} is green.",
        facts={"repository": onboarding.repository.full_name, "branch": branch},
        team=onboarding.team,
    )


@condition("default-branch-red")
def default_green(facts: dict[str, Any]) -> Check:
    return _green(pipelines().latest(str(facts["repository"]), str(facts["branch"])))


def _green(build: Build | None) -> Check:
    if build is None:
        return Check(False, "No build was started yet.")
    if build.state == BuildState.GREEN:
        return Check(True, "The build is green now.")
    return Check(False, f"The newest build is not green: {build.says}.")


def _broke(words: str, failure: BuildFailure | None) -> str:
    if failure is None:
        return words
    return redact(f"{words}: “{failure.step or failure.job}” fails in job “{failure.job}”")


def _lines(build: Build, failure: BuildFailure | None) -> str:
    said = "\n".join(failure.lines[-8:]) if failure else build.says
    return redact(f"The log ends with:\n{said}\n{build.url}\n")
