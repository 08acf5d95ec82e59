"""`/repos/{owner}/{repo}`, its branches and their protection."""

from typing import Any

from sandbox.github import pushes, repositories
from sandbox.github.api.call import Call, Response
from sandbox.github.api.pagination import paginated
from sandbox.github.errors import ApiError, archived, invalid, not_found, required
from sandbox.github.formats import repository_api, repository_page
from sandbox.github.git import objects, refs
from sandbox.github.models import BranchProtection
from sandbox.github.payloads import commits, protection
from sandbox.github.payloads import repositories as payloads
from sandbox.world import cast

CHANGEABLE: dict[str, type | tuple[type, ...]] = {
    "description": (str, type(None)),
    "default_branch": str,
    "private": bool,
    "archived": bool,
}
README = "README.md"


def show(call: Call) -> Any:
    return payloads.full(call.repository, call.login)


def create_in_organisation(call: Call, org: str) -> Response:
    if org.lower() != cast.ORGANISATION or cast.person(call.account.login) is None:
        raise not_found()
    teams = cast.teams_of(call.account.login)
    repository = repositories.create(
        cast.ORGANISATION,
        call.field("name"),
        description=call.field("description", (str, type(None)), None) or "",
        private=call.field("private", bool, False),
        team=teams[0].slug if teams else None,
    )
    if call.field("auto_init", bool, False):
        readme = f"# {repository.name}\n\n{repository.description}\n".encode()
        repositories.add_commit(repository, {README: readme}, "Initial commit", call.account)
        repository.refresh_from_db()
    return Response(payloads.full(repository, call.login), 201)


def change(call: Call) -> Any:
    call.require("admin")
    repository = call.repository
    changes = {name: call.field(name, kind) for name, kind in CHANGEABLE.items() if name in call.json}
    if repository.archived and changes.get("archived") is not False:
        raise archived()
    branch = changes.get("default_branch")
    if branch and refs.lookup(repository.path, f"refs/heads/{branch}") is None:
        raise invalid("Repository", "default_branch", "invalid", f"The branch {branch} was not found.")
    if "name" in call.json and call.field("name") != repository.name:
        repositories.rename(repository, call.field("name"), call.account.login)
    if "description" in changes:
        changes["description"] = changes["description"] or ""
    repositories.change(repository, call.account.login, **changes)
    return payloads.full(repository, call.login)


def transfer(call: Call) -> Response:
    """GitHub does it a while after this answer, the sandbox at once."""
    call.require("admin")
    repositories.transfer(call.repository, call.field("new_owner"), call.account.login)
    return Response(payloads.full(call.repository, call.login), 202)


def delete(call: Call) -> Response:
    call.require("admin")
    repositories.delete(call.repository)
    return Response(status=204)


def branches(call: Call) -> Response:
    repository = call.repository
    heads = sorted(refs.all_refs(repository.path, pushes.HEADS).items())
    return paginated(call, heads, lambda pair: _summary(call, pair[0].removeprefix(pushes.HEADS), pair[1]))


def _summary(call: Call, name: str, sha: str) -> dict[str, Any]:
    commit = {"sha": sha, "url": repository_api(call.repository, "commits", sha)}
    return {"name": name, "commit": commit, "protected": call.repository.protection_of(name) is not None}


def branch(call: Call, branch: str) -> Any:
    return _branch(call, branch)


def _branch(call: Call, branch: str) -> Any:
    repository = call.repository
    sha = required(refs.lookup(repository.path, f"{pushes.HEADS}{branch}"), ApiError(404, "Branch not found"))
    rule = repository.protection_of(branch)
    url = repository_api(repository, "branches", branch)
    return {
        "name": branch,
        "commit": commits.commit(repository, objects.commit(repository.path, sha)),
        "_links": {"self": url, "html": repository_page(repository, "tree", branch)},
        "protected": rule is not None,
        "protection": protection.summary(rule),
        "protection_url": f"{url}/protection",
    }


def rename_branch(call: Call, branch: str) -> Response:
    call.require("admin")
    name = call.field("new_name")
    repositories.rename_branch(call.repository, branch, name, call.account.login)
    return Response(_branch(call, name), 201)


def protect(call: Call, branch: str) -> Any:
    """`branch` can also be a pattern such as `release/*`, as on GitHub's own pages."""
    call.require("admin")
    for name in ("required_status_checks", "enforce_admins", "required_pull_request_reviews", "restrictions"):
        call.field(name, (dict, bool, type(None)))
    rule, _ = BranchProtection.objects.update_or_create(
        repository=call.repository, pattern=branch, defaults={"rules": call.json}
    )
    return protection.protection(call.repository, rule)


def required_reviews(call: Call, branch: str) -> Any:
    call.require("admin")
    rule = call.repository.protection_of(branch)
    if rule is None:
        raise ApiError(404, "Branch not protected")
    return required(protection.protection(call.repository, rule).get("required_pull_request_reviews"))


def unprotect(call: Call, branch: str) -> Response:
    call.require("admin")
    if not call.repository.protections.filter(pattern=branch).delete()[0]:
        raise ApiError(404, "Branch not protected")
    return Response(status=204)


def rules(call: Call, branch: str) -> Response:
    """The rules for a branch, which need not exist. Branch protection appears in the form of ruleset rules."""
    rule = call.repository.protection_of(branch)
    return paginated(call, protection.rules(call.repository, rule) if rule else [], lambda detail: detail)
