"""GitHub Actions. https://docs.github.com/en/rest/actions/workflow-runs"""

from typing import Any, Literal

from pydantic import BaseModel, Field, SecretStr

from integrations import github_requester
from integrations.answers import Items
from integrations.errors import IntegrationError
from integrations.github_client import GitHubClient
from integrations.pipelines import CAPABILITY, Build, BuildFailure, BuildState, Job

PROVIDER = "github_actions"
WORKFLOW_PATH = ".github/workflows/onramp.yml"
LOG_LINES = 20
MAX_LINE = 2_000
"""Characters of a log's line that are kept."""
FAILED_JOB = ("failure", "timed_out", "cancelled")
FAILED_STEP = ("failure", "timed_out")


class Options(BaseModel):
    """PORTAL_PIPELINES_GITHUB_ACTIONS_…"""

    api_url: str = Field("https://api.github.com", description="address of the REST API")
    token: SecretStr = Field(description="token that can read and re-run workflow runs")


class _Run(BaseModel):
    id: int
    path: str = ""
    head_sha: str
    html_url: str
    status: str
    conclusion: str | None
    run_attempt: int = 1
    event: str = ""


class _Runs(BaseModel):
    workflow_runs: Items[_Run]


class _Step(BaseModel):
    name: str
    conclusion: str | None = None


class _Job(BaseModel):
    id: int
    name: str
    status: str
    conclusion: str | None
    html_url: str | None = None
    steps: Items[_Step] = []


class _Jobs(BaseModel):
    jobs: Items[_Job]


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
        self.client = GitHubClient(options.api_url, options.token)

    def ready(self) -> None:
        self.client.get(_RateLimit, "/rate_limit")

    def deployer(self, repository: str, full_name: str, branch: str) -> str:
        """The cluster joins the token's claims `repository_id` and `workflow_ref`; see docs/operating.md. The id keeps a
        repository that takes over the name out, the path every other workflow of the branch.

        https://docs.github.com/en/actions/reference/security/oidc#oidc-token-claims
        """
        return f"github:{repository}:{full_name}/{WORKFLOW_PATH}@refs/heads/{branch}"

    def enabled(self, full_name: str) -> bool:
        return self.client.get(_Permissions, f"/repos/{full_name}/actions/permissions").enabled

    def build(self, full_name: str, commit: str) -> Build | None:
        return self._newest(full_name, head_sha=commit)

    def latest(self, full_name: str, branch: str) -> Build | None:
        return self._newest(full_name, branch=branch, event="push")

    def _newest(self, full_name: str, **query: str) -> Build | None:
        runs = self.client.get(_Runs, f"/repos/{full_name}/actions/runs", per_page=20, **query).workflow_runs
        ours = [run for run in runs if run.path.partition("@")[0] in ("", WORKFLOW_PATH)]
        return _build(max(ours, key=lambda run: run.id)) if ours else None

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
        return self.client.get(_Jobs, f"/repos/{full_name}/actions/runs/{build}/jobs", per_page=100).jobs

    def _last_lines(self, full_name: str, job: int) -> tuple[str, ...]:
        try:
            text = self.client.log(f"/repos/{full_name}/actions/jobs/{job}/logs")
        except IntegrationError as error:
            return (f"(the log could not be read: {error})",)
        return tuple(line[:MAX_LINE] for line in text.splitlines()[-LOG_LINES:])

    def rerun(self, full_name: str, build: int) -> None:
        self.client.call("POST", f"/repos/{full_name}/actions/runs/{build}/rerun-failed-jobs", {})


def _state(status: str, conclusion: str | None) -> BuildState:
    if status != "completed":
        return BuildState.RUNNING
    return BuildState.GREEN if conclusion in ("success", "skipped", "neutral") else BuildState.RED


def _build(run: _Run) -> Build:
    message = (run.conclusion or run.status).replace("_", " ")
    return Build(run.id, _state(run.status, run.conclusion), run.head_sha, run.html_url, message, run.run_attempt)


CAPABILITY.register(PROVIDER, GitHubActions, Options, title="GitHub Actions", limited_as=github_requester.PROVIDER)
