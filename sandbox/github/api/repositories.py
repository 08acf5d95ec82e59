"""`/repos/{owner}/{repo}`, its branches and their rules."""

from typing import Any

from sandbox.github import pushes, repositories
from sandbox.github.addresses import api_of, page_of
from sandbox.github.api.door import Answer, Call
from sandbox.github.api.pages import page
from sandbox.github.git import objects, refs
from sandbox.github.models import BranchProtection
from sandbox.github.payloads import commits
from sandbox.github.payloads import repositories as payloads
from sandbox.github.refusals import Refused, archived, found, invalid, not_found
from sandbox.world import cast

WORDS: dict[str, type | tuple[type, ...]] = {
    "description": (str, type(None)),
    "default_branch": str,
    "private": bool,
    "archived": bool,
}
FIRST_FILE = "README.md"


def show(call: Call) -> Any:
    return payloads.full(call.repository, call.login)


def create_in_organisation(call: Call, org: str) -> Answer:
    if org.lower() != cast.ORGANISATION or cast.person(call.by.login) is None:
        raise not_found()
    teams = cast.teams_of(call.by.login)
    made = repositories.create(
        cast.ORGANISATION,
        call.field("name"),
        description=call.field("description", (str, type(None)), None) or "",
        private=call.field("private", bool, False),
        team=teams[0].slug if teams else None,
    )
    if call.field("auto_init", bool, False):
        title = f"# {made.name}\n\n{made.description}\n".encode()
        repositories.add_commit(made, {FIRST_FILE: title}, "Initial commit", call.by)
        made.refresh_from_db()
    return Answer(payloads.full(made, call.login), 201)


def change(call: Call) -> Any:
    call.need("admin")
    repository = call.repository
    asked = {name: call.field(name, kind) for name, kind in WORDS.items() if name in call.json}
    if repository.archived and asked.get("archived") is not False:
        raise archived()
    branch = asked.get("default_branch")
    if branch and refs.of(repository.path, f"refs/heads/{branch}") is None:
        raise invalid("Repository", "default_branch", "invalid", f"The branch {branch} was not found.")
    for name, value in asked.items():
        setattr(repository, name, value or "" if name == "description" else value)
    repository.save()
    if branch:
        refs.set_default(repository.path, branch)
    return payloads.full(repository, call.login)


def branches(call: Call) -> Answer:
    repository = call.repository
    heads = sorted(refs.all_refs(repository.path, pushes.HEADS).items())
    return page(call, heads, lambda pair: _short(call, pair[0].removeprefix(pushes.HEADS), pair[1]))


def _short(call: Call, name: str, sha: str) -> dict[str, Any]:
    commit = {"sha": sha, "url": api_of(call.repository, "commits", sha)}
    return {"name": name, "commit": commit, "protected": call.repository.protection_of(name) is not None}


def branch(call: Call, branch: str) -> Any:
    repository = call.repository
    sha = found(refs.of(repository.path, f"{pushes.HEADS}{branch}"), Refused(404, "Branch not found"))
    protected = repository.protection_of(branch) is not None
    url = api_of(repository, "branches", branch)
    return {
        "name": branch,
        "commit": commits.commit(repository, objects.commit(repository.path, sha)),
        "_links": {"self": url, "html": page_of(repository, "tree", branch)},
        "protected": protected,
        "protection": {"enabled": protected},
        "protection_url": f"{url}/protection",
    }


def protect(call: Call, branch: str) -> Any:
    """The pattern of a rule may be named too, as GitHub's pages allow: `release/*`."""
    call.need("admin")
    for name in ("required_status_checks", "enforce_admins", "required_pull_request_reviews", "restrictions"):
        call.field(name, (dict, bool, type(None)))
    rule, _ = BranchProtection.objects.update_or_create(
        repository=call.repository, pattern=branch, defaults={"rules": call.json}
    )
    return payloads.protection(call.repository, rule)


def unprotect(call: Call, branch: str) -> Answer:
    call.need("admin")
    if not call.repository.protections.filter(pattern=branch).delete()[0]:
        raise Refused(404, "Branch not protected")
    return Answer(status=204)


def rules(call: Call, branch: str) -> Answer:
    """The rules for a branch, there or not: a branch protection is shown in the form of a ruleset's rules too."""
    rule = call.repository.protection_of(branch)
    return page(call, payloads.rules(call.repository, rule) if rule else [], lambda shown: shown)
