"""GitHub Actions. https://docs.github.com/en/rest/actions/workflow-runs"""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field, SecretStr

from integrations import github_requester
from integrations.answers import Items
from integrations.errors import Denied, IntegrationError, Missing
from integrations.github_client import GitHubClient
from integrations.pipelines import CAPABILITY, Build, BuildFailure, BuildState, Deploying, Job
from integrations.pipelines.github_subject import SubjectTemplate, subject_of

PROVIDER = "github_actions"
PREFIX = "github:"
WORKFLOW_PATH = ".github/workflows/onramp.yml"
RESTRICTED = ("local_only", "selected")
PAGE_SIZE = 100
MAX_PAGES = 10
MOST_APPROVALS = 5
"""Environments, and reviewers of each, that are named."""
LOG_LINES = 20
MAX_LINE = 2_000
"""Characters of a log's line that are kept."""
FAILED_JOB = ("failure", "timed_out", "cancelled")
FAILED_STEP = ("failure", "timed_out")
SKIPPING = ("[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]")
"""https://docs.github.com/en/actions/how-tos/manage-workflow-runs/skip-workflow-runs"""
_ENDED = {
    "success": BuildState.GREEN,
    "skipped": BuildState.GREEN,
    "neutral": BuildState.GREEN,
    "cancelled": BuildState.CANCELLED,
    "stale": BuildState.CANCELLED,
    "action_required": BuildState.HELD,
    "startup_failure": BuildState.INVALID,
}
_NOT_ENDED = {
    "queued": BuildState.QUEUED,
    "requested": BuildState.QUEUED,
    "pending": BuildState.QUEUED,
    "waiting": BuildState.HELD,
}


class Options(BaseModel):
    """PORTAL_PIPELINES_GITHUB_ACTIONS_…"""

    api_url: str = Field("https://api.github.com", description="address of the REST API")
    token: SecretStr = Field(description="token that can read and re-run workflow runs")
    user_name: Literal["ids", "subject"] = Field(
        "ids", description="what the cluster names a pipeline by: ids and the workflow's path, or the token's subject"
    )


class _RunRepository(BaseModel):
    id: int


class _Run(BaseModel):
    id: int
    path: str = ""
    head_sha: str
    html_url: str
    status: str | None
    conclusion: str | None
    run_attempt: int = 1
    repository: _RunRepository | None = None


class _Runs(BaseModel):
    workflow_runs: Items[_Run]


class _Step(BaseModel):
    name: str
    conclusion: str | None = None


class _Job(BaseModel):
    id: int
    name: str
    status: str | None
    conclusion: str | None
    html_url: str | None = None
    steps: Items[_Step] = []


class _Jobs(BaseModel):
    jobs: Items[_Job]


class _Environment(BaseModel):
    name: str = ""


class _Reviewer(BaseModel):
    login: str = ""
    slug: str = ""


class _ReviewerEntry(BaseModel):
    reviewer: _Reviewer = _Reviewer()


class _PendingDeployment(BaseModel):
    environment: _Environment
    reviewers: Items[_ReviewerEntry] = []


class _Workflow(BaseModel):
    state: str


class _Commit(BaseModel):
    message: str


class _RateLimit(BaseModel):
    resources: dict[str, Any]


class _Permissions(BaseModel):
    enabled: bool
    allowed_actions: Literal["all", "local_only", "selected"] | None = None


class GitHubActions:
    """Implements `integrations.pipelines.Pipelines`."""

    name = PROVIDER
    how_to_enable = "A repository administrator can enable them under Settings → Actions."
    configuration_prefix = ".github/"

    def __init__(self, options: Options) -> None:
        self.options = options
        self.client = GitHubClient(options.api_url, options.token)

    def ready(self) -> None:
        self.client.get(_RateLimit, "/rate_limit")

    def deployer(self, deploying: Deploying) -> str:
        """By default the cluster joins claims of the token; see docs/operating.md. The ids stay when the repository is renamed
        and keep others of its name out, also itself after a transfer; the path keeps every other workflow out.

        https://docs.github.com/en/actions/reference/security/oidc#oidc-token-claims
        """
        ref = f"refs/heads/{deploying.branch}"
        if self.options.user_name == "subject":
            path = f"/repos/{deploying.full_name}/actions/oidc/customization/sub"
            return PREFIX + subject_of(self.client.get(SubjectTemplate, path), deploying, WORKFLOW_PATH, ref)
        return f"{PREFIX}{deploying.owner_id}:{deploying.repository_id}:{WORKFLOW_PATH}@{ref}"

    def enabled(self, full_name: str) -> bool:
        return self._permissions(full_name).enabled

    def is_restricted(self, full_name: str) -> bool:
        return self._visible_permissions(full_name).allowed_actions in RESTRICTED

    def _visible_permissions(self, full_name: str) -> _Permissions:
        """Where only administrators see them, as if nothing was in the way: this only explains what has already gone wrong."""
        try:
            return self._permissions(full_name)
        except Denied as error:
            if error.credentials:
                raise
            return _Permissions(enabled=True)

    def _permissions(self, full_name: str) -> _Permissions:
        return self.client.get(_Permissions, f"/repos/{full_name}/actions/permissions")

    def build(self, full_name: str, commit: str) -> Build | None:
        """From all runs of the commit: before the merge, GitHub does not know our workflow by its name."""
        for page in range(1, MAX_PAGES + 1):
            path = f"/repos/{full_name}/actions/runs"
            runs = self.client.get(_Runs, path, head_sha=commit, per_page=PAGE_SIZE, page=page).workflow_runs
            ours = [run for run in runs if run.path.partition("@")[0] == WORKFLOW_PATH]
            if ours or len(runs) < PAGE_SIZE:
                return _newest(ours)
        return None

    def latest(self, full_name: str, branch: str) -> Build | None:
        """Only from the runs of our workflow: a repository can have more workflows than a page has runs."""
        path = f"{_workflow(full_name)}/runs"
        try:
            runs = self.client.get(_Runs, path, branch=branch, event="push", per_page=20).workflow_runs
        except Missing:  # the default branch does not have it
            self._require(full_name)
            return None
        return _newest(runs)

    def jobs(self, full_name: str, build: int) -> list[Job]:
        return [
            Job(job.name, _state(job.status, job.conclusion), job.conclusion == "skipped", job.html_url or "")
            for job in self._jobs(full_name, build)
        ]

    def failure(self, full_name: str, build: int) -> BuildFailure | None:
        job = next((job for job in self._jobs(full_name, build) if job.conclusion in FAILED_JOB), None)
        if job is None:
            return None
        step = next((step.name for step in job.steps if step.conclusion in FAILED_STEP), "")
        return BuildFailure(job.name, step, self._last_lines(full_name, job.id), job.html_url or "")

    def _jobs(self, full_name: str, build: int) -> list[_Job]:
        jobs: list[_Job] = []
        for page in range(1, MAX_PAGES + 1):
            path = f"/repos/{full_name}/actions/runs/{build}/jobs"
            listed = self.client.get(_Jobs, path, per_page=PAGE_SIZE, page=page).jobs
            jobs += listed
            if len(listed) < PAGE_SIZE:
                break
        return jobs

    def approvals(self, full_name: str, build: int) -> list[str]:
        path = f"/repos/{full_name}/actions/runs/{build}/pending_deployments"
        try:
            pending = self.client.page(_PendingDeployment, path)
        except (Missing, Denied):
            return []
        return [_approval(deployment) for deployment in pending[:MOST_APPROVALS]]

    def obstacles(self, full_name: str, commit: str) -> list[str]:
        permissions = self._visible_permissions(full_name)
        if not permissions.enabled:
            return [f"Pipelines are disabled in {full_name}. {self.how_to_enable}"]
        reasons = []
        state = self._state_of_workflow(full_name)
        if state != "active":
            why = state.replace("_", " ")
            reasons.append(f"The workflow is {why}. Somebody who can write to {full_name} can enable it under Actions.")
        message = self.client.get(_Commit, f"/repos/{full_name}/git/commits/{commit}").message
        word = next((word for word in SKIPPING if word in message), "")
        if word:
            reasons.append(f"The commit's message contains {word}, which starts no workflow. Push another commit.")
        if not self.is_configured(full_name, commit):
            reasons.append(f"{WORKFLOW_PATH} is not in the commit. Restore it.")
        if permissions.allowed_actions in RESTRICTED:
            reasons.append("The organisation decides which actions may be used. Allow those of the workflow.")
        return reasons

    def _require(self, full_name: str) -> None:
        """Raises Missing where the repository is what does not exist. Its settings, unlike it, are for administrators."""
        self.client.call("GET", f"/repos/{full_name}")

    def _state_of_workflow(self, full_name: str) -> str:
        """Before the merge it has none that could be in the way."""
        try:
            return self.client.get(_Workflow, _workflow(full_name)).state
        except Missing:
            return "active"

    def is_configured(self, full_name: str, commit: str) -> bool:
        try:
            self.client.call("GET", f"/repos/{full_name}/contents/{WORKFLOW_PATH}", ref=commit)
        except Missing:
            self._require(full_name)
            return False
        return True

    def _last_lines(self, full_name: str, job: int) -> tuple[str, ...]:
        try:
            text = self.client.log(f"/repos/{full_name}/actions/jobs/{job}/logs")
        except IntegrationError as error:
            return (f"(the log could not be read: {error})",)
        return tuple(line[:MAX_LINE] for line in text.splitlines()[-LOG_LINES:])

    def rerun(self, full_name: str, build: int) -> None:
        self.client.call("POST", f"/repos/{full_name}/actions/runs/{build}/rerun-failed-jobs", {})


def _workflow(full_name: str) -> str:
    return f"/repos/{full_name}/actions/workflows/{WORKFLOW_PATH.rpartition('/')[2]}"


def _state(status: str | None, conclusion: str | None) -> BuildState:
    """https://docs.github.com/en/rest/actions/workflow-runs: `status` may be null, and both have values that are not listed."""
    if conclusion is not None:
        return _ENDED.get(conclusion, BuildState.RED)
    if status == "completed":
        return BuildState.RED
    return _NOT_ENDED.get(status or "queued", BuildState.RUNNING)


def _newest(runs: Sequence[_Run]) -> Build | None:
    return _build(max(runs, key=lambda run: run.id)) if runs else None


def _build(run: _Run) -> Build:
    message = (run.conclusion or run.status or "queued").replace("_", " ")
    repository = str(run.repository.id) if run.repository else ""
    state = _state(run.status, run.conclusion)
    return Build(run.id, state, run.head_sha, run.html_url, message, run.run_attempt, repository)


def _approval(deployment: _PendingDeployment) -> str:
    reviewers = [entry.reviewer.login or entry.reviewer.slug for entry in deployment.reviewers]
    by = f" by {' or '.join([*filter(None, reviewers)][:MOST_APPROVALS])}" if any(reviewers) else ""
    return f"approval for the environment {deployment.environment.name}{by}"


CAPABILITY.register(PROVIDER, GitHubActions, Options, title="GitHub Actions", limited_as=github_requester.PROVIDER)
