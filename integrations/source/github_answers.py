"""GitHub's answers as types, with only the fields that we use. https://docs.github.com/en/rest"""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from integrations import answers
from integrations.answers import Items
from integrations.errors import Invalid
from integrations.github_requester import PROVIDER
from integrations.source import SUBMODULE, Entry, Pull, RepositoryFacts, SourceTeam

SYMLINK_MODE = "120000"


class RateLimit(BaseModel):
    resources: dict[str, Any]


class _Permissions(BaseModel):
    push: bool = False


class Account(BaseModel):
    id: int
    login: str


class Repository(BaseModel):
    id: int
    owner: Account
    full_name: str
    html_url: str
    default_branch: str | None = None
    private: bool
    archived: bool
    permissions: _Permissions = _Permissions()

    def facts(self) -> RepositoryFacts:
        return RepositoryFacts(
            id=str(self.id),
            owner_id=str(self.owner.id),
            full_name=self.full_name,
            url=self.html_url,
            default_branch=self.default_branch or "",
            private=self.private,
            archived=self.archived,
            writable=self.permissions.push,
        )


class TeamRepository(BaseModel):
    full_name: str
    permissions: _Permissions = _Permissions()


class Sha(BaseModel):
    sha: str


class _InnerCommit(BaseModel):
    tree: Sha


class Commit(Sha):
    parents: Items[Sha]


class Comparison(BaseModel):
    status: str


class _BranchCommit(Sha):
    commit: _InnerCommit


class BranchName(BaseModel):
    name: str


class Branch(BaseModel):
    commit: _BranchCommit
    protected: bool


class Reference(BaseModel):
    object: Sha


class _TreeEntry(Sha):
    path: str
    type: Literal["blob", "tree", "commit"]
    mode: str
    size: int = 0


class Tree(Sha):
    tree: Items[_TreeEntry]
    truncated: bool

    def files(self) -> tuple[Entry, ...]:
        """Symlinks are not followed."""
        return tuple(
            Entry(entry.path, entry.sha, entry.size)
            for entry in self.tree
            if entry.type == "blob" and entry.mode != SYMLINK_MODE
        )

    def special(self) -> dict[str, str]:
        """Path → what it is, for symbolic links and submodules."""
        links = {entry.path: "a symbolic link" for entry in self.tree if entry.mode == SYMLINK_MODE}
        return links | {entry.path: SUBMODULE for entry in self.tree if entry.type == "commit"}

    def folders(self) -> dict[str, str]:
        return {entry.path: entry.sha for entry in self.tree if entry.type == "tree"}


class Blob(BaseModel):
    content: str
    encoding: Literal["base64", "utf-8"]

    def decode(self) -> bytes:
        if self.encoding == "utf-8":
            return self.content.encode()
        try:
            return base64.b64decode(self.content)
        except ValueError as error:
            raise Invalid(PROVIDER, answers.MESSAGE, detail=f"{error}: {self.content[:500]}") from error


class Permission(BaseModel):
    permission: Literal["admin", "write", "read", "none"]


class Team(BaseModel):
    id: int
    slug: str
    name: str
    permission: str = ""

    def team(self, members: Mapping[str, str] | None = None) -> SourceTeam:
        return SourceTeam(str(self.id), self.slug, self.name, members or {})


class _PullHead(Sha):
    ref: str


class _PullBase(BaseModel):
    ref: str
    repo: Repository


class PullRequest(BaseModel):
    number: int
    html_url: str
    state: Literal["open", "closed"]
    merged_at: datetime | None
    merge_commit_sha: str | None
    head: _PullHead
    base: _PullBase
    body: str | None = None
    mergeable_state: str = ""
    """`behind`, `blocked`, `clean`, `dirty`, …, or `unknown` until GitHub has computed it; absent from listings."""

    def pull(self) -> Pull:
        return Pull(
            number=self.number,
            url=self.html_url,
            head=self.head.sha,
            open=self.state == "open",
            merged=self.merged_at is not None,
            merge_commit=(self.merge_commit_sha or "") if self.merged_at else "",
            branch=self.head.ref,
            base=self.base.ref,
            repository=self.base.repo.facts(),
            body=self.body or "",
            behind=self.mergeable_state == "behind",
            conflicts=self.mergeable_state == "dirty",
            blocked=self.mergeable_state == "blocked",
        )


class _RequiredCheck(BaseModel):
    context: str


class _RuleParameters(BaseModel):
    required_approving_review_count: int = 0
    required_status_checks: Items[_RequiredCheck] = []


class Rule(BaseModel):
    type: str
    parameters: _RuleParameters | None = None


class _ProtectionChecks(BaseModel):
    contexts: Items[str] = []


class _Protection(BaseModel):
    required_status_checks: _ProtectionChecks | None = None


class ProtectedBranch(BaseModel):
    protection: _Protection | None = None


class RequiredReviews(BaseModel):
    required_approving_review_count: int = 0


class Review(BaseModel):
    user: Account | None
    state: str


class CheckRun(BaseModel):
    name: str
    status: str | None
    conclusion: str | None


class CheckRuns(BaseModel):
    check_runs: Items[CheckRun]


class _CommitStatus(BaseModel):
    context: str
    state: str


class CombinedStatus(BaseModel):
    statuses: Items[_CommitStatus]


class _HookConfig(BaseModel):
    url: str = ""


class Hook(BaseModel):
    id: int
    config: _HookConfig
