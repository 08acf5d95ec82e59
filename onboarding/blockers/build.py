"""Causes in the pipeline: most are the team's move, explained and checked without a ticket."""

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Followed:
    """A commit whose build is followed, and its branch. `pull` is the number of its pull request, 0 for the default branch."""

    branch: str
    commit: str
    pull: int = 0

    def facts(self, onboarding: Onboarding) -> Facts:
        return {
            "repository": onboarding.repository_id,
            "branch": self.branch,
            "commit": self.commit,
            "pull": self.pull,
        }


CLOSED = Check(True, "The pull request is no longer open.")


def _newest(facts: Facts) -> tuple[bool, Build | None]:
    """(whether the pull request is closed; the newest build of its head, or of the commit or what was pushed to its branch
    later)."""
    repository = current(facts).full_name
    if facts["pull"]:
        pull = source_reader().pull(repository, int(facts["pull"]))
        return not pull.open, pipelines_reader().build(repository, pull.head)
    of_commit = pipelines_reader().build(repository, str(facts["commit"]))
    latest = pipelines_reader().latest(repository, str(facts["branch"]))
    return False, max(filter(None, (of_commit, latest)), key=lambda build: build.id, default=None)


def _check_started(facts: Facts) -> Check:
    closed, build = _newest(facts)
    if closed:
        return CLOSED
    started = build is not None and build.id != facts["earlier"]
    return Check(started, "A build has started." if started else "Still no build has started.")


NOT_STARTED = register("build-not-started", title="No build starts", check=_check_started)


def not_started(onboarding: Onboarding, followed: Followed, obstacles: list[str], earlier: Build | None) -> Cause:
    """`earlier` is the newest build there is, of another commit."""
    why = (
        " ".join(obstacles)
        or "The host of the pipeline does not say why. Push another commit, and look whether its builds start at all."
    )
    return Cause(
        kind=NOT_STARTED,
        object=f"{onboarding.repository.topic}:{followed.branch}",
        owner=Move.TEAM,
        summary=f"No build of {followed.branch} starts at {followed.commit[:7]}",
        explanation=redact(why),
        clears_when=f"A build of {followed.branch} starts, at {followed.commit[:7]} or later.",
        facts={**followed.facts(onboarding), "earlier": earlier.id if earlier else 0},
        team=onboarding.team,
    )


def _check_taken(facts: Facts) -> Check:
    closed, build = _newest(facts)
    if closed:
        return CLOSED
    if build is not None and build.state == BuildState.QUEUED:
        return Check(False, "The build is still queued.")
    return Check(True, "The build is no longer queued.")


QUEUED = register("build-queued", title="A build finds no runner", check=_check_taken)


def queued(onboarding: Onboarding, followed: Followed, build: Build) -> Cause:
    """Runners belong to the platform."""
    name = onboarding.repository.full_name
    return Cause(
        kind=QUEUED,
        object=f"{onboarding.repository.topic}:{build.id}",
        owner=Move.PLATFORM,
        summary=f"No runner takes the build of {name}",
        explanation=f"The build at {build.commit[:7]} has been queued for a long time: {build.url}. Either no runner is online for "
        "it, or all are busy.",
        clears_when="A runner takes the build, or somebody cancels it.",
        facts=followed.facts(onboarding),
        team=onboarding.team,
        links=[("queued build", build.url)],
    )


def _check_valid(facts: Facts) -> Check:
    closed, build = _newest(facts)
    if closed:
        return CLOSED
    if build is None or build.state == BuildState.INVALID:
        return Check(False, "No build has started yet.")
    return Check(True, "A build has started.")


INVALID = register("build-invalid", title="A build cannot start", check=_check_valid)


def invalid(
    onboarding: Onboarding, followed: Followed, build: Build, obstacles: list[str], *, restricted: bool
) -> Cause:
    """`restricted`: the platform decides what builds may use."""
    why = " ".join(obstacles) or "The host does not say why; the page of the build does."
    where = f" The build: {build.url}." if restricted else ""  # a ticket must be understood without Onramp's links
    return Cause(
        kind=INVALID,
        object=f"{onboarding.repository.topic}:{followed.branch}",
        owner=Move.PLATFORM if restricted else Move.TEAM,
        summary=f"The build of {followed.branch} could not start at {build.commit[:7]}: {build.message}",
        explanation=redact(f"{why}{where} Once it is fixed, run the build again or push a commit."),
        clears_when=f"The newest build of {followed.branch} starts.",
        facts=followed.facts(onboarding),
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
