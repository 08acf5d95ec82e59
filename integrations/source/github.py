"""GitHub and GitHub Enterprise as the source of repositories. https://docs.github.com/en/rest"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

from pydantic import BaseModel, Field, SecretStr, ValidationError

from integrations.errors import Conflict, Denied, Invalid, Missing
from integrations.github_client import PROVIDER, GitHubClient, parsed
from integrations.source import Entry, Head, Level, NewFile, Pull, RepositoryFacts, Tree
from integrations.webhooks import Forged, Heard, Unreadable

BOT_NAME = "Onramp"
_RULE = re.compile(r"\brule\b|\bprotected\b|protection", re.IGNORECASE)
"""GitHub refuses with 422 what a ruleset or a branch protection forbids, and says so in words alone."""
HOOK_EVENTS = ["push", "pull_request", "workflow_run", "repository"]


class Options(BaseModel):
    """PORTAL_SOURCE_GITHUB_…"""

    api_url: str = Field("https://api.github.com", description="address of the REST API")
    web_url: str = Field("https://github.com", description="address that people paste")
    token: SecretStr = Field(description="token of Onramp's own account or App")
    webhook_secret: SecretStr = Field(description="what the webhooks are signed with")
    bot_email: str = "onramp@users.noreply.github.com"
    spacing: float = Field(
        1.0, ge=0, description="seconds between the beginnings of two changes, of all processes together"
    )
    """https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api"""


class _Permissions(BaseModel):
    push: bool = False


class _Repository(BaseModel):
    full_name: str
    html_url: str
    default_branch: str | None = None
    private: bool
    archived: bool
    permissions: _Permissions = _Permissions()


class _Sha(BaseModel):
    sha: str


class _InnerCommit(BaseModel):
    tree: _Sha


class _Commit(_Sha):
    parents: list[_Sha]


class _BranchCommit(_Sha):
    commit: _InnerCommit


class _Branch(BaseModel):
    commit: _BranchCommit
    protected: bool


class _TreeEntry(_Sha):
    path: str
    type: Literal["blob", "tree", "commit"]
    mode: str
    size: int = 0


class _Tree(_Sha):
    tree: list[_TreeEntry]
    truncated: bool


class _Blob(BaseModel):
    content: str
    encoding: Literal["base64", "utf-8"]


class _Permission(BaseModel):
    permission: Literal["admin", "write", "read", "none"]


class _Team(BaseModel):
    slug: str
    name: str
    permission: str = ""


class _Login(BaseModel):
    login: str


class _PullHead(_Sha):
    ref: str


class _Pull(BaseModel):
    number: int
    html_url: str
    state: Literal["open", "closed"]
    merged_at: datetime | None
    merge_commit_sha: str | None
    head: _PullHead
    body: str | None = None
    mergeable_state: str = ""
    """`behind`, `blocked`, `clean`, `dirty`, … and `unknown` until GitHub has worked it out; not part of a listing."""


class _Rule(BaseModel):
    type: str


class _Object(BaseModel):
    object: _Sha


class _HookConfig(BaseModel):
    url: str = ""


class _Hook(BaseModel):
    id: int
    config: _HookConfig


class _FullName(BaseModel):
    full_name: str


class _SeenPull(BaseModel):
    number: int | None = None
    merged: bool | None = None


class _SeenRun(BaseModel):
    id: int | None = None
    head_sha: str | None = None
    conclusion: str | None = None


class _Event(BaseModel):
    """What of a delivery is looked at; the bytes are kept beside it."""

    action: str = ""
    repository: _FullName | None = None
    sender: _Login | None = None
    ref: str | None = None
    after: str | None = None
    pull_request: _SeenPull | None = None
    workflow_run: _SeenRun | None = None


class GitHub:
    """Promise: `integrations.source.Source`, and `integrations.webhooks.Hears`."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.client = GitHubClient(options.api_url, options.token)

    @property
    def web_url(self) -> str:
        return self.options.web_url.rstrip("/")

    def repository(self, full_name: str) -> RepositoryFacts:
        seen = self.client.get(_Repository, f"/repos/{full_name}")
        return RepositoryFacts(
            full_name=seen.full_name,
            url=seen.html_url,
            default_branch=seen.default_branch or "",
            private=seen.private,
            archived=seen.archived,
            writable=seen.permissions.push,
        )

    def head(self, full_name: str, branch: str) -> Head:
        seen = self.client.get(_Branch, f"/repos/{full_name}/branches/{quote(branch)}")
        return Head(seen.commit.sha, seen.commit.commit.tree.sha, seen.protected)

    def is_empty(self, full_name: str) -> bool:
        return not self.client.call("GET", f"/repos/{full_name}/branches", per_page=1)

    def tree(self, full_name: str, tree: str) -> Tree:
        seen = self.client.get(_Tree, f"/repos/{full_name}/git/trees/{tree}", recursive=1)
        regular = (one for one in seen.tree if one.type == "blob" and one.mode != "120000")  # symlinks are not followed
        return Tree(tuple(Entry(one.path, one.sha, one.size) for one in regular), seen.truncated)

    def level(self, full_name: str, tree: str) -> Level:
        seen = self.client.get(_Tree, f"/repos/{full_name}/git/trees/{tree}")
        regular = (one for one in seen.tree if one.type == "blob" and one.mode != "120000")
        folders = {one.path: one.sha for one in seen.tree if one.type == "tree"}
        return Level(tuple(Entry(one.path, one.sha, one.size) for one in regular), folders)

    def blob(self, full_name: str, blob: str) -> bytes:
        seen = self.client.get(_Blob, f"/repos/{full_name}/git/blobs/{blob}")
        return base64.b64decode(seen.content) if seen.encoding == "base64" else seen.content.encode()

    def permission(self, full_name: str, login: str) -> str:
        try:
            path = f"/repos/{full_name}/collaborators/{quote(login, safe='')}/permission"
            return self.client.get(_Permission, path).permission
        except Missing:
            return "none"

    def teams(self, organisation: str) -> dict[str, tuple[str, list[str]]]:
        teams = self._all(_Team, f"/orgs/{organisation}/teams")
        return {
            one.slug: (one.name, [m.login for m in self._all(_Login, f"/orgs/{organisation}/teams/{one.slug}/members")])
            for one in teams
        }

    def team_repositories(self, organisation: str, team: str) -> list[str]:
        class _Name(BaseModel):
            full_name: str

        return [one.full_name for one in self._all(_Name, f"/orgs/{organisation}/teams/{team}/repos")]

    def team_slugs(self, full_name: str) -> list[str]:
        seen = self._all(_Team, f"/repos/{full_name}/teams")
        return [one.slug for one in seen if one.permission in ("push", "maintain", "admin")]

    def pull_of(self, full_name: str, branch: str) -> Pull | None:
        owner = full_name.partition("/")[0]
        data = self.client.call("GET", f"/repos/{full_name}/pulls", state="all", head=f"{owner}:{branch}", per_page=10)
        found = [parsed(_Pull, one) for one in data]
        return _pull(max(found, key=lambda one: one.number)) if found else None

    def pull(self, full_name: str, number: int) -> Pull:
        return _pull(self.client.get(_Pull, f"/repos/{full_name}/pulls/{number}"))

    def commit(self, full_name: str, parent: Head, files: Sequence[NewFile], message: str, when: datetime) -> str:
        elements = [{"path": one.path, "mode": "100644", "type": "blob", "content": one.text} for one in files]
        tree = self.client.post(_Sha, f"/repos/{full_name}/git/trees", {"base_tree": parent.tree, "tree": elements})
        who = {"name": BOT_NAME, "email": self.options.bot_email, "date": when.strftime("%Y-%m-%dT%H:%M:%SZ")}
        body = {"message": message, "tree": tree.sha, "parents": [parent.commit], "author": who, "committer": who}
        return self.client.post(_Sha, f"/repos/{full_name}/git/commits", body).sha

    def branch(self, full_name: str, name: str, commit: str) -> None:
        try:
            self.client.post(_Object, f"/repos/{full_name}/git/refs", {"ref": f"refs/heads/{name}", "sha": commit})
        except Invalid as error:
            if "already exists" in error.message:
                raise Conflict(
                    PROVIDER, f"The branch {name} exists already", status=422, detail=error.detail
                ) from error
            if _RULE.search(error.message):
                raise Denied(PROVIDER, error.message, status=422, detail=error.detail) from error
            raise

    def parents(self, full_name: str, commit: str) -> list[str]:
        return [one.sha for one in self.client.get(_Commit, f"/repos/{full_name}/git/commits/{commit}").parents]

    def branch_commit(self, full_name: str, name: str) -> str | None:
        try:
            return self.client.get(_Object, f"/repos/{full_name}/git/ref/heads/{quote(name)}").object.sha
        except Missing:
            return None

    def may_create(self, full_name: str, branch: str) -> bool:
        rules = self._all(_Rule, f"/repos/{full_name}/rules/branches/{quote(branch)}")
        return not any(one.type in ("creation", "update") for one in rules)

    def open_pull(self, full_name: str, branch: str, base: str, title: str, body: str) -> Pull:
        content = {"title": title, "body": body, "head": branch, "base": base, "maintainer_can_modify": True}
        try:
            return _pull(self.client.post(_Pull, f"/repos/{full_name}/pulls", content))
        except Invalid as error:
            if "already exists" in f"{error.message} {error.detail}":
                said = f"There is a pull request from {branch} already"
                raise Conflict(PROVIDER, said, status=422, detail=error.detail) from error
            raise

    def update_branch(self, full_name: str, number: int, head: str) -> None:
        """https://docs.github.com/en/rest/pulls/pulls#update-a-pull-request-branch; it merges, and only GraphQL rebases."""
        try:
            self.client.call("PUT", f"/repos/{full_name}/pulls/{number}/update-branch", {"expected_head_sha": head})
        except Invalid as error:
            if "expected" in f"{error.message} {error.detail}":
                raise Conflict(PROVIDER, "Somebody pushed to it meanwhile", status=422, detail=error.detail) from error
            raise

    def hook(self, full_name: str, url: str) -> str | None:
        hooks = self._all(_Hook, f"/repos/{full_name}/hooks")
        return next((str(one.id) for one in hooks if one.config.url == url), None)

    def create_hook(self, full_name: str, url: str) -> str:
        config = {
            "url": url,
            "content_type": "json",
            "secret": self.options.webhook_secret.get_secret_value(),
            "insecure_ssl": "0",
        }
        body = {"name": "web", "active": True, "events": HOOK_EVENTS, "config": config}
        return str(self.client.post(_Hook, f"/repos/{full_name}/hooks", body).id)

    def delete_hook(self, full_name: str, hook: str) -> None:
        with suppress(Missing):
            self.client.call("DELETE", f"/repos/{full_name}/hooks/{quote(hook, safe='')}")

    def delete_branch(self, full_name: str, name: str) -> None:
        try:
            self.client.call("DELETE", f"/repos/{full_name}/git/refs/heads/{quote(name)}")
        except Missing:
            return
        except Invalid as error:  # GitHub's answer where there is no such branch
            if "does not exist" not in f"{error.message} {error.detail}":
                raise

    def close_pull(self, full_name: str, number: int, body: str) -> None:
        self.client.call("PATCH", f"/repos/{full_name}/pulls/{number}", {"state": "closed", "body": body})

    def ready(self) -> None:
        """Raises IntegrationError where GitHub does not answer, or not to us."""
        self.client.call("GET", "/rate_limit")

    def verify(self, headers: Mapping[str, str], body: bytes) -> str:
        secret = self.options.webhook_secret.get_secret_value().encode()
        expected = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected.encode(), headers.get("x-hub-signature-256", "").encode()):
            raise Forged("X-Hub-Signature-256 does not match")
        if not headers.get("x-github-delivery"):
            raise Forged("X-GitHub-Delivery is missing")
        return headers["x-github-delivery"]

    def translate(self, headers: Mapping[str, str], body: bytes) -> list[Heard]:
        try:
            seen = _Event.model_validate_json(body)
        except ValidationError as error:
            raise Unreadable(str(error)) from error
        if seen.repository is None:
            return []
        name = seen.repository.full_name
        kind = ".".join(part for part in ("github", headers.get("x-github-event", "unknown"), seen.action) if part)
        return [Heard(type=kind, subject=name, topic=f"source:{name.lower()}", data=_digest(seen))]

    def _all(self, model: type[Any], path: str) -> list[Any]:
        """Every page of a listing; a page has 100."""
        found: list[Any] = []
        for page in range(1, 51):
            data = self.client.call("GET", path, per_page=100, page=page)
            found += [parsed(model, one) for one in data]
            if len(data) < 100:
                return found
        raise Invalid(PROVIDER, f"{path} has more than 5,000 entries")


def _pull(seen: _Pull) -> Pull:
    return Pull(
        number=seen.number,
        url=seen.html_url,
        head=seen.head.sha,
        open=seen.state == "open",
        merged=seen.merged_at is not None,
        merge_commit=(seen.merge_commit_sha or "") if seen.merged_at else "",
        branch=seen.head.ref,
        body=seen.body or "",
        behind=seen.mergeable_state == "behind",
        conflicts=seen.mergeable_state == "dirty",
    )


def _digest(seen: _Event) -> dict[str, Any]:
    """The few facts of a delivery that the record keeps."""
    run, pull = seen.workflow_run or _SeenRun(), seen.pull_request or _SeenPull()
    facts = {
        "sender": seen.sender.login if seen.sender else None,
        "ref": seen.ref,
        "after": seen.after,
        "pull": pull.number,
        "merged": pull.merged,
        "run": run.id,
        "head": run.head_sha,
        "conclusion": run.conclusion,
    }
    return {name: value for name, value in facts.items() if value is not None}
