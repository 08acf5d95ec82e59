"""`/repos/{owner}/{repo}`, its branches and their rules."""

from typing import Any

from sandbox.github import pushes, repositories
from sandbox.github.api.door import Answer, Call
from sandbox.github.api.pages import page
from sandbox.github.git import objects, refs
from sandbox.github.models import BranchProtection
from sandbox.github.payloads import JSON, commits
from sandbox.github.payloads import repositories as payloads
from sandbox.github.refusals import Refused, archived, invalid, not_found
from sandbox.world import cast

WORDS: dict[str, type | tuple[type, ...]] = {
    "name": str,
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
    new_name = asked.get("name", repository.name)
    if new_name != repository.name:
        raise Refused(422, "The sandbox does not rename repositories.")
    for name, value in asked.items():
        setattr(repository, name, value or "" if name == "description" else value)
    repository.save()
    if branch:
        refs.set_default(repository.path, branch)
    return payloads.full(repository, call.login)


def branches(call: Call) -> Answer:
    repository = call.repository
    found = sorted(refs.all_refs(repository.path, pushes.HEADS).items())
    return page(call, found, lambda pair: _short(call, pair[0].removeprefix(pushes.HEADS), pair[1]))


def _short(call: Call, name: str, sha: str) -> dict[str, Any]:
    url = payloads.ref(call.repository, f"{pushes.HEADS}{name}", sha)["object"]["url"]
    protected = call.repository.protection_of(name) is not None
    return {
        "name": name,
        "commit": {"sha": sha, "url": url.replace("/git/commits/", "/commits/")},
        "protected": protected,
    }


def branch(call: Call, branch: str) -> Any:
    repository = call.repository
    sha = refs.of(repository.path, f"{pushes.HEADS}{branch}")
    if sha is None:
        raise Refused(404, "Branch not found")
    rule = repository.protection_of(branch)
    base = payloads.simple(repository)
    url = f"{base['url']}/branches/{branch}"
    protection: JSON = payloads.protection(repository, branch, rule) if rule else {"enabled": False}
    if not rule:
        protection["required_status_checks"] = {"enforcement_level": "off", "contexts": [], "checks": []}
    return {
        "name": branch,
        "commit": commits.commit(repository, objects.commit(repository.path, sha)),
        "_links": {"self": url, "html": f"{base['html_url']}/tree/{branch}"},
        "protected": rule is not None,
        "protection": protection,
        "protection_url": f"{url}/protection",
    }


def protection(call: Call, branch: str) -> Any:
    rule = call.repository.protection_of(branch)
    if refs.of(call.repository.path, f"{pushes.HEADS}{branch}") is None:
        raise Refused(404, "Branch not found")
    if not call.level == "admin":
        raise not_found()
    if rule is None:
        raise Refused(404, "Branch not protected")
    return payloads.protection(call.repository, branch, rule)


def protect(call: Call, branch: str) -> Any:
    """The pattern of a rule may be named too, as GitHub's pages allow: `release/*`."""
    call.need("admin")
    for name in ("required_status_checks", "enforce_admins", "required_pull_request_reviews", "restrictions"):
        call.field(name, (dict, bool, type(None)))
    rule, _ = BranchProtection.objects.update_or_create(
        repository=call.repository, pattern=branch, defaults={"rules": call.json}
    )
    shown = payloads.protection(call.repository, branch, rule)
    return {name: value for name, value in shown.items() if name != "enabled"}


def unprotect(call: Call, branch: str) -> Answer:
    call.need("admin")
    if not call.repository.protections.filter(pattern=branch).delete()[0]:
        raise Refused(404, "Branch not protected")
    return Answer(status=204)


def rules(call: Call, branch: str) -> Answer:
    """The rules for a branch, there or not: a branch protection is shown in the form of a ruleset's rules too."""
    rule = call.repository.protection_of(branch)
    return page(call, payloads.rules(call.repository, rule) if rule else [], lambda shown: shown)
