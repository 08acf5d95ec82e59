"""One commit, one branch, one pull request with the files of the plan."""

from engine.context import Work
from engine.effects import Made
from engine.outcomes import Declined, Done, Outcome
from integrations.errors import Conflict, Invalid, Transient
from integrations.source import Head, NewFile, Pull, source
from onboarding.blockers import lifecycle, tickets
from onboarding.blockers import source as causes
from onboarding.models import EffectKind
from onboarding.plans.content import Content
from onboarding.steps import superseded, whereabouts
from onboarding.steps.errors import ensure, translates_errors_of
from onboarding.steps.kind import OnboardingStep
from onboarding.steps.results import PullRequestResult
from onboarding.steps.subject import Subject, subject_of


@translates_errors_of("source")
def perform(work: Work) -> Outcome:
    subject = subject_of(work)
    elsewhere = whereabouts.settle(work, subject, source().repository(subject.name))
    if elsewhere is not None:
        return elsewhere
    if not subject.content.files:
        superseded.close(work, subject, 0)
        return Done("Nothing to change in the repository.", PullRequestResult(number=0))
    branch = subject.content.branch
    host = source().name
    commit = ensure(
        work,
        host,
        EffectKind.COMMIT,
        f"{subject.name} on {subject.content.head[:12]}",
        create=lambda: _create_commit(subject),
    )
    sha = str(commit.reference["sha"])
    try:
        ensure(
            work,
            host,
            EffectKind.BRANCH,
            f"{subject.name}:{branch}",
            find=lambda: _find_branch(subject, sha),
            create=lambda: _create_branch(subject, sha),
            find_first=False,
        )
    except Conflict as error:
        folder = branch.partition("/")[0]
        in_the_way = folder if error.detail == folder else branch
        cause = causes.branch_taken(subject.repository, subject.team, in_the_way, branch)
        return lifecycle.blocked(cause, detail=error.message)
    pull = ensure(
        work,
        host,
        EffectKind.PULL_REQUEST,
        f"{subject.name}:{branch}",
        find=lambda: _find_pull(subject, work),
        create=lambda: _open(subject, work, sha),
        find_first=False,
    )
    number, links = int(pull.reference["number"]), [(f"#{pull.reference['number']}", pull.url)]
    if pull.reference.get("declined"):
        work.remember(closed=number)
        return Declined(f"Pull request #{number} was closed: declined.", links)
    superseded.close(work, subject, number)
    return Done(f"Pull request #{number} is open.", PullRequestResult(number=number, url=pull.url, commit=sha), links)


LONGEST_BODY = 60_000
"""Characters; hosts refuse a longer description than 65,536."""


def marker(work: Work) -> str:
    """Distinguishes a pull request of this run from one of an earlier run; not shown by the source host."""
    return f"<!-- onramp run {work.run.pk} -->"


def _create_commit(subject: Subject) -> Made:
    content = subject.content
    files = [NewFile(file.path, file.text) for file in content.files]
    parent = Head(content.head, content.tree, protected=False)
    created_at = subject.onboarding.plan.created_at
    sha = source().commit(subject.name, parent, files, content.message, created_at)
    return Made({"sha": sha}, f"{subject.repository.url}/commit/{sha}")


def _find_branch(subject: Subject, sha: str) -> Made | None:
    """Raises Conflict where the branch is at another commit."""
    existing = source().branch_commit(subject.name, subject.content.branch)
    if existing is None:
        return None
    if existing != sha:
        message = f"The branch {subject.content.branch} exists with another commit"
        raise Conflict(source().name, message, detail=existing)
    return _branch(subject, sha)


def _create_branch(subject: Subject, sha: str) -> Made:
    """The source host refuses a second branch of this name, so the first try need not look for it."""
    try:
        source().branch(subject.name, subject.content.branch, sha)
    except Conflict:
        existing = _find_branch(subject, sha)
        if existing is None:
            raise
        return existing
    return _branch(subject, sha)


def _branch(subject: Subject, sha: str) -> Made:
    return Made({"sha": sha}, f"{subject.repository.url}/tree/{subject.content.branch}")


def _find_pull(subject: Subject, work: Work) -> Made | None:
    pull = source().pull_of(subject.name, subject.content.branch)
    if pull is None or (not pull.open and marker(work) not in pull.body):
        return None
    return _pull(pull)


def _open(subject: Subject, work: Work, sha: str) -> Made:
    content = subject.content
    body = f"{tickets.shortened(content.body, LONGEST_BODY)}\n\n{marker(work)}\n"
    try:
        return _pull(source().open_pull(subject.name, content.branch, content.default_branch, content.title, body))
    except Conflict:
        existing = _find_pull(subject, work)
        if existing is None:
            raise
        return existing
    except Invalid as error:
        if _find_branch(subject, sha) is not None:
            raise
        source().branch(subject.name, content.branch, sha)
        message = "somebody deleted the branch; Onramp created it again"
        raise Transient(error.provider, message, ambiguous=False) from error


def _pull(pull: Pull) -> Made:
    return Made({"number": pull.number, "declined": not pull.open and not pull.merged}, pull.url)


def _creates(content: Content) -> str:
    count = len(content.files)
    files = f"{count} file{'' if count == 1 else 's'}"
    return f"the branch {content.branch} with one commit of {files}, and one pull request"


STEP = OnboardingStep(
    name="pull_request",
    title="Pull request",
    queue="source",
    needs=("pipeline", "delivery", "metrics", "logs"),
    perform=perform,
    does="Proposes the files in one pull request.",
    creates=_creates,
)
