"""One commit, one branch, one pull request with what the plan showed."""

import functools

from integrations.errors import Conflict, Invalid, Transient
from integrations.source import Head, NewFile, Pull
from onboarding import blocking, causes_source
from onboarding.engine.effects import Made
from onboarding.engine.outcomes import Done, Outcome, Refused
from onboarding.engine.work import Work
from onboarding.models import Effect, EffectState
from onboarding.steps.journey import Journey, commits_of, journey, source
from onboarding.steps.outside import changing, meets

EARLIER = 5
"""Earlier pull requests of a repository that are looked at."""


@meets("source")
def perform(work: Work) -> Outcome:
    own = journey(work)
    if not own.content.files:
        _close_leftovers(work, own, 0)
        return Done("The repository holds all files already: there is nothing to propose.", {"number": 0})
    branch = own.content.branch
    commit = work.ensure("commit", f"{own.name} on {own.content.head[:12]}", make=changing(lambda: _commit(own)))
    sha = str(commit.reference["sha"])
    try:
        work.ensure(
            "branch",
            f"{own.name}:{branch}",
            look=lambda: _branch(own, sha),
            make=changing(lambda: _create_branch(own, sha)),
            looks_first=False,
        )
    except Conflict as error:
        return blocking.blocked(causes_source.branch_taken(own.repository, own.team, branch), detail=error.detail)
    made = work.ensure(
        "pull request",
        f"{own.name}:{branch}",
        look=lambda: _pull(own, work),
        make=changing(lambda: _open(own, work, sha)),
        looks_first=False,
    )
    number, url = int(made.reference["number"]), made.url
    if made.reference.get("declined"):
        return Refused(f"Pull request #{number} was closed: declined.", [(f"#{number}", url)])
    _close_leftovers(work, own, number)
    return Done(
        f"Pull request #{number} is open.", {"number": number, "url": url, "commit": sha}, [(f"#{number}", url)]
    )


def mark(work: Work) -> str:
    """How a pull request of this run is told from one of an earlier run; not shown by the source host."""
    return f"<!-- onramp run {work.run.pk} -->"


def _close_leftovers(work: Work, own: Journey, number: int) -> None:
    """Pull requests of earlier runs that are still open, and that nobody pushed to, make way for this one."""
    others = Effect.objects.filter(
        kind="pull request", state=EffectState.MADE, step__run__onboarding__repository=own.repository
    ).exclude(step__run=work.run.pk)
    for one in others.select_related("step__run").order_by("-id")[:EARLIER]:
        earlier = int(one.reference["number"])
        if earlier == number:
            continue
        pull = source().pull(own.name, earlier)
        if pull.open and pull.head in commits_of(one.step.run):
            says = f"Superseded by #{number}." if number else "The repository holds all of it meanwhile."
            close = changing(functools.partial(_close, own, earlier, f"{says}\n\n{pull.body}"))
            work.ensure("closing", f"{own.name}#{earlier}", make=close)


def _close(own: Journey, number: int, body: str) -> Made:
    source().close_pull(own.name, number, body)
    return Made({"number": number})


def _commit(own: Journey) -> Made:
    content = own.content
    files = [NewFile(one.path, one.text) for one in content.files]
    parent = Head(content.head, content.tree, protected=False)
    sha = source().commit(own.name, parent, files, content.message, own.onboarding.plan.created_at)
    return Made({"sha": sha}, f"{own.repository.url}/commit/{sha}")


def _branch(own: Journey, sha: str) -> Made | None:
    found = source().branch_commit(own.name, own.content.branch)
    if found is None:
        return None
    if found != sha:
        raise Conflict("source", f"The branch {own.content.branch} exists with another commit", detail=found)
    return Made({"sha": found}, f"{own.repository.url}/tree/{own.content.branch}")


def _create_branch(own: Journey, sha: str) -> Made:
    """The source host refuses a second one of this name, so the first try needs no look beforehand."""
    try:
        source().branch(own.name, own.content.branch, sha)
    except Conflict:
        found = _branch(own, sha)
        if found is None:
            raise
        return found
    return Made({"sha": sha}, f"{own.repository.url}/tree/{own.content.branch}")


def _pull(own: Journey, work: Work) -> Made | None:
    found = source().pull_of(own.name, own.content.branch)
    if found is None or (not found.open and mark(work) not in found.body):
        return None
    return _made(found)


def _open(own: Journey, work: Work, sha: str) -> Made:
    content = own.content
    body = f"{content.body}\n\n{mark(work)}\n"
    try:
        return _made(source().open_pull(own.name, content.branch, content.default_branch, content.title, body))
    except Conflict:
        found = _pull(own, work)
        if found is None:
            raise
        return found
    except Invalid as error:
        if _branch(own, sha) is not None:
            raise
        source().branch(own.name, content.branch, sha)
        raise Transient(
            error.provider, "somebody had deleted the branch; it is there again", ambiguous=False
        ) from error


def _made(pull: Pull) -> Made:
    return Made({"number": pull.number, "declined": not pull.open and not pull.merged}, pull.url)
