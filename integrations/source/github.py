"""GitHub and GitHub Enterprise as the source of repositories. https://docs.github.com/en/rest"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from urllib.parse import quote

from pydantic import BaseModel, Field, SecretStr

import patterns
from integrations import http
from integrations.answers import Answer
from integrations.errors import Conflict, Denied, Invalid, Missing
from integrations.github_client import GitHubClient
from integrations.github_requester import PROVIDER
from integrations.source import (
    CAPABILITY,
    Folder,
    Head,
    NewFile,
    Pull,
    RepositoryFacts,
    SourceTeam,
    Tree,
    github_rules,
    github_webhooks,
)
from integrations.source import github_answers as answers
from integrations.webhooks import WebhookEvent

BOT_NAME = "Onramp"
WRITING_PERMISSIONS = ("push", "maintain", "admin")
_RULE = patterns.compile(r"\brule\b|\bprotected\b|protection", ignore_case=True)
"""GitHub answers 422 if a ruleset or a branch protection forbids a change, and only the message says so."""


class Options(BaseModel):
    """PORTAL_SOURCE_GITHUB_…"""

    api_url: str = Field("https://api.github.com", description="address of the REST API")
    web_url: str = Field("https://github.com", description="address that people paste")
    token: SecretStr = Field(description="token of Onramp's own account or App")
    webhook_secret: SecretStr = Field(description="the secret that webhooks are signed with")
    bot_email: str = "onramp@users.noreply.github.com"
    spacing: float = Field(
        1.0, ge=0, le=60, description="seconds between the starts of two changes, across all processes"
    )
    """https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api"""


class GitHub:
    """Implements `integrations.source.Source` and `integrations.webhooks.WebhookReceiver`."""

    name = PROVIDER
    kept_headers = ("x-github-",)
    codeowners_paths = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")

    def __init__(self, options: Options) -> None:
        self.options = options
        self.client = GitHubClient(options.api_url, options.token)

    @property
    def web_url(self) -> str:
        return self.options.web_url.rstrip("/")

    def ready(self) -> None:
        self.client.get(answers.RateLimit, "/rate_limit")

    def repository(self, full_name: str) -> RepositoryFacts:
        return self.client.get(answers.Repository, f"/repos/{full_name}").facts()

    def repository_by_id(self, id: str) -> RepositoryFacts:
        """GitHub redirects a former name to this address, which its reference does not list.

        https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
        """
        return self.client.get(answers.Repository, f"/repositories/{quote(id, safe='')}").facts()

    def head(self, full_name: str, branch: str) -> Head:
        answer = self.client.get(answers.Branch, f"/repos/{full_name}/branches/{quote(branch)}")
        return Head(answer.commit.sha, answer.commit.commit.tree.sha, answer.protected)

    def is_empty(self, full_name: str) -> bool:
        return not self.client.page(answers.BranchName, f"/repos/{full_name}/branches", per_page=1)

    def tree(self, full_name: str, tree: str) -> Tree:
        with http.expecting(http.TREE):
            answer = self.client.get(answers.Tree, f"/repos/{full_name}/git/trees/{tree}", recursive=1)
        return Tree(answer.files(), answer.truncated, answer.special())

    def folder(self, full_name: str, tree: str) -> Folder:
        with http.expecting(http.TREE):
            answer = self.client.get(answers.Tree, f"/repos/{full_name}/git/trees/{tree}")
        return Folder(answer.files(), answer.folders(), answer.special())

    def blob(self, full_name: str, blob: str) -> bytes:
        with http.expecting(http.FILE):
            return self.client.get(answers.Blob, f"/repos/{full_name}/git/blobs/{blob}").decode()

    def permission(self, full_name: str, login: str) -> str:
        try:
            path = f"/repos/{full_name}/collaborators/{quote(login, safe='')}/permission"
            return self.client.get(answers.Permission, path).permission
        except Missing:
            return "none"

    def teams(self, organisation: str) -> list[SourceTeam]:
        teams = self._all(answers.Team, f"/orgs/{organisation}/teams")
        return [team.team(self._members(organisation, team.slug)) for team in teams]

    def _members(self, organisation: str, team: str) -> dict[str, str]:
        members = self._all(answers.Account, f"/orgs/{organisation}/teams/{team}/members")
        return {member.login: str(member.id) for member in members}

    def team_repositories(self, organisation: str, team: str) -> list[str]:
        """The `permissions` of this list are the team's, not ours.

        https://docs.github.com/en/rest/teams/teams#list-team-repositories
        """
        repositories = self._all(answers.TeamRepository, f"/orgs/{organisation}/teams/{team}/repos")
        return [repository.full_name for repository in repositories if repository.permissions.push]

    def writing_teams(self, full_name: str) -> list[SourceTeam]:
        teams = self._all(answers.Team, f"/repos/{full_name}/teams")
        return [team.team() for team in teams if team.permission in WRITING_PERMISSIONS]

    def pull_of(self, full_name: str, branch: str) -> Pull | None:
        owner = full_name.partition("/")[0]
        path, head = f"/repos/{full_name}/pulls", f"{owner}:{branch}"
        pulls = self.client.page(answers.PullRequest, path, state="all", head=head, per_page=10)
        return max(pulls, key=lambda pull: pull.number).pull() if pulls else None

    def pull(self, full_name: str, number: int) -> Pull:
        return self.client.get(answers.PullRequest, f"/repos/{full_name}/pulls/{number}").pull()

    def unmet(self, full_name: str, pull: Pull) -> list[str]:
        return github_rules.unmet(self.client, full_name, pull)

    def contains(self, full_name: str, newer: str, older: str) -> bool:
        """https://docs.github.com/en/rest/commits/commits#compare-two-commits"""
        path = f"/repos/{full_name}/compare/{quote(older, safe='')}...{quote(newer, safe='')}"
        try:
            with http.expecting(http.TREE):
                return self.client.get(answers.Comparison, path, per_page=1).status in ("ahead", "identical")
        except Missing:  # no such commit, or nothing in common
            self.repository(full_name)  # raises Missing where the repository is what does not exist
            return False

    def parents(self, full_name: str, commit: str) -> list[str]:
        answer = self.client.get(answers.Commit, f"/repos/{full_name}/git/commits/{commit}")
        return [parent.sha for parent in answer.parents]

    def branch_commit(self, full_name: str, name: str) -> str | None:
        try:
            path = f"/repos/{full_name}/git/ref/heads/{quote(name)}"
            return self.client.get(answers.Reference, path).object.sha
        except Missing:
            return None

    def may_create(self, full_name: str, branch: str) -> bool:
        rules = self._all(answers.Rule, f"/repos/{full_name}/rules/branches/{quote(branch)}")
        return not any(rule.type in ("creation", "update") for rule in rules)

    def hook(self, full_name: str, url: str) -> str | None:
        hooks = self._all(answers.Hook, f"/repos/{full_name}/hooks")
        return next((str(hook.id) for hook in hooks if hook.config.url == url), None)

    def commit(self, full_name: str, parent: Head, files: Sequence[NewFile], message: str, when: datetime) -> str:
        entries = [{"path": file.path, "mode": "100644", "type": "blob", "content": file.text} for file in files]
        new_tree = {"base_tree": parent.tree, "tree": entries}
        tree = self.client.post(answers.Sha, f"/repos/{full_name}/git/trees", new_tree)
        bot = {"name": BOT_NAME, "email": self.options.bot_email, "date": when.strftime("%Y-%m-%dT%H:%M:%SZ")}
        body = {"message": message, "tree": tree.sha, "parents": [parent.commit], "author": bot, "committer": bot}
        return self.client.post(answers.Sha, f"/repos/{full_name}/git/commits", body).sha

    def branch(self, full_name: str, name: str, commit: str) -> None:
        body = {"ref": f"refs/heads/{name}", "sha": commit}
        try:
            self.client.post(answers.Reference, f"/repos/{full_name}/git/refs", body)
        except Invalid as error:
            if _RULE.search(error.message):
                raise Denied(PROVIDER, error.message, status=422, detail=error.detail) from error
            folder = name.partition("/")[0]
            if folder != name and self.branch_commit(full_name, folder) is not None:
                message = f"The branch {folder} prevents every branch below {folder}/"
                raise Conflict(PROVIDER, message, status=422, detail=folder) from error
            if "already exists" in error.message:
                message = f"The branch {name} already exists"
                raise Conflict(PROVIDER, message, status=422, detail=error.detail) from error
            raise

    def open_pull(self, full_name: str, branch: str, base: str, title: str, body: str) -> Pull:
        content = {"title": title, "body": body, "head": branch, "base": base, "maintainer_can_modify": True}
        try:
            return self.client.post(answers.PullRequest, f"/repos/{full_name}/pulls", content).pull()
        except Invalid as error:
            if "already exists" in f"{error.message} {error.detail}":
                message = f"There is already a pull request from {branch}"
                raise Conflict(PROVIDER, message, status=422, detail=error.detail) from error
            raise

    def update_branch(self, full_name: str, number: int, head: str) -> None:
        """GitHub merges here; only its GraphQL API rebases.

        https://docs.github.com/en/rest/pulls/pulls#update-a-pull-request-branch
        """
        try:
            self.client.call("PUT", f"/repos/{full_name}/pulls/{number}/update-branch", {"expected_head_sha": head})
        except Invalid as error:
            if "expected" in f"{error.message} {error.detail}":
                message = "Somebody has pushed to the branch in the meantime"
                raise Conflict(PROVIDER, message, status=422, detail=error.detail) from error
            raise

    def close_pull(self, full_name: str, number: int, body: str) -> None:
        self.client.call("PATCH", f"/repos/{full_name}/pulls/{number}", {"state": "closed", "body": body})

    def create_hook(self, full_name: str, url: str) -> str:
        secret = self.options.webhook_secret.get_secret_value()
        config = {"url": url, "content_type": "json", "secret": secret, "insecure_ssl": "0"}
        body = {"name": "web", "active": True, "events": github_webhooks.EVENTS, "config": config}
        return str(self.client.post(answers.Hook, f"/repos/{full_name}/hooks", body).id)

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

    def admit(self, headers: Mapping[str, str]) -> None:
        github_webhooks.admit(headers)

    def verify(self, headers: Mapping[str, str], body: bytes) -> str:
        return github_webhooks.verify(self.options.webhook_secret, headers, body)

    def translate(self, headers: Mapping[str, str], body: bytes) -> list[WebhookEvent]:
        return github_webhooks.translate(body)

    def _all(self, model: type[Answer], path: str) -> list[Answer]:
        return self.client.pages(model, path)


CAPABILITY.register(PROVIDER, GitHub, Options, title="GitHub")
