"""The parts of a workflow file and what each of them can contain.

https://docs.github.com/actions/reference/workflow-syntax-for-github-actions
"""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from sandbox.github.workflows import expressions
from sandbox.github.workflows.values import as_string

Event = Literal[
    "branch_protection_rule", "check_run", "check_suite", "create", "delete", "deployment", "deployment_status",
    "discussion", "discussion_comment", "fork", "gollum", "issue_comment", "issues", "label", "merge_group",
    "milestone", "page_build", "public", "pull_request", "pull_request_review", "pull_request_review_comment",
    "pull_request_target", "push", "registry_package", "release", "repository_dispatch", "schedule", "status",
    "watch", "workflow_call", "workflow_dispatch", "workflow_run",
]  # fmt: skip
SUPPORTED_EVENTS = ("push", "pull_request")
PermissionScope = Literal[
    "actions", "artifact-metadata", "attestations", "checks", "contents", "deployments", "discussions", "id-token",
    "issues", "models", "packages", "pages", "pull-requests", "repository-projects", "security-events", "statuses",
]  # fmt: skip
PermissionLevel = Literal["read", "write", "none"]
DEFAULT_PERMISSIONS = {"contents": "read", "packages": "read"}
UNSUPPORTED = ("strategy", "container", "services", "uses")
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
USES = re.compile(r"\./.*|docker://.+|[^/@\s]+/[^@\s]+@\S+")


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _events(value: Any) -> Any:
    """Filters by event. The filters of events that the sandbox never triggers are ignored."""
    events = value if isinstance(value, dict) else dict.fromkeys(_as_list(value) or [])
    return {event: (filters or {}) if event in SUPPORTED_EVENTS else {} for event, filters in events.items()}


def _identifier(text: str) -> str:
    if not IDENTIFIER.fullmatch(text):
        rule = "IDs may only contain alphanumeric characters, '_', and '-', and must start with a letter or '_'."
        raise ValueError(f"The identifier '{text}' is invalid. {rule}")
    return text


def _condition(text: str) -> str:
    expressions.check(text, bare=True)
    return text


Text = Annotated[str, BeforeValidator(as_string)]
Texts = Annotated[list[str], BeforeValidator(_as_list)]
Condition = Annotated[Text, AfterValidator(_condition)]
Permissions = dict[PermissionScope, PermissionLevel]
Mapping = Annotated[dict[str, Any], BeforeValidator(lambda value: {} if value is None else value)]


class _Part(BaseModel):
    """A mapping of the file. Keys that are not declared are rejected."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=lambda name: name.replace("_", "-"), validate_by_name=False
    )


class Filters(_Part):
    """Which pushes or pull requests trigger the workflow."""

    branches: Texts | None = None
    branches_ignore: Texts | None = None
    tags: Texts | None = None
    tags_ignore: Any = None
    paths: Any = None
    paths_ignore: Any = None
    types: Texts = ["opened", "synchronize", "reopened"]


class RunDefaults(_Part):
    shell: Text = ""
    working_directory: Text = ""


class Defaults(_Part):
    run: RunDefaults = RunDefaults()


class Concurrency(_Part):
    group: Text
    cancel_in_progress: Any = False

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return {"group": value} if isinstance(value, str) else value


class Step(_Part):
    name: Text = ""
    id: Text = ""
    condition: Condition = Field("success()", alias="if")
    uses: Text = ""
    run: Text = ""
    inputs: Mapping = Field({}, alias="with")
    env: Mapping = {}
    shell: Text = ""
    working_directory: Text = ""
    timeout_minutes: Any = None
    continue_on_error: Any = False

    @property
    def title(self) -> str:
        return self.name or f"Run {next(iter(self.run.strip().splitlines()), self.uses)}"

    @model_validator(mode="after")
    def _either_uses_or_run(self) -> "Step":
        if self.uses and self.run:
            raise ValueError("'uses' and 'run' cannot both be set")
        if not self.uses and not self.run:
            raise ValueError("Every step must define a 'uses' or 'run' key")
        if self.uses and not USES.fullmatch(self.uses):
            raise ValueError(f"Expected format {{org}}/{{repo}}[/path]@ref. Actual '{self.uses}'")
        return self


class JobSpec(_Part):
    name: Text = ""
    needs: Texts = []
    condition: Condition = Field("success()", alias="if")
    runs_on: Any = None
    env: Mapping = {}
    outputs: dict[str, Text] = {}
    steps: list[Step] = []
    permissions: Permissions | None = None
    concurrency: Concurrency | None = None
    defaults: Defaults = Defaults()
    timeout_minutes: Any = 360.0
    continue_on_error: Any = False
    environment: Any = None
    strategy: Any = None
    container: Any = None
    services: Any = None
    uses: Any = None
    inputs: Any = Field(None, alias="with")
    secrets: Any = None

    @property
    def unsupported(self) -> str:
        """The first key that GitHub supports and the sandbox does not; normally empty."""
        return next((name for name in UNSUPPORTED if getattr(self, name) is not None), "")

    @model_validator(mode="after")
    def _is_complete(self) -> "JobSpec":
        for name, value in {"runs-on": self.runs_on, "steps": self.steps}.items():
            if not value and self.uses is None:
                raise ValueError(f"Required property is missing: {name}")
        ids = [step.id for step in self.steps if step.id]
        for step_id in ids:
            if ids.count(step_id) > 1:
                message = (
                    f"The identifier '{step_id}' may not be used more than once within the same scope."  # verbatim
                )
                raise ValueError(message)
        return self


class WorkflowFile(_Part):
    path: str
    name: Text = ""
    run_name: Text = ""
    on: Annotated[dict[Event, Filters], BeforeValidator(_events)]
    permissions: Permissions | None = None
    env: Mapping = {}
    defaults: Defaults = Defaults()
    concurrency: Concurrency | None = None
    jobs: dict[Annotated[str, AfterValidator(_identifier)], JobSpec] = Field(min_length=1)

    def permissions_of(self, job: JobSpec) -> dict[str, str]:
        """The permissions of a job's token. Scopes that are not listed are not allowed."""
        permissions = self.permissions if job.permissions is None else job.permissions
        if permissions is None:
            return DEFAULT_PERMISSIONS
        return {scope: level for scope, level in permissions.items() if level != "none"}

    @model_validator(mode="after")
    def _needs_are_acyclic(self) -> "WorkflowFile":
        for key, job in self.jobs.items():
            for needed in job.needs:
                if needed not in self.jobs:
                    raise ValueError(f"Job '{key}' depends on unknown job '{needed}'.")
        done: set[str] = set()
        while ready := [key for key, job in self.jobs.items() if key not in done and done.issuperset(job.needs)]:
            done.update(ready)
        if stuck := [key for key in self.jobs if key not in done]:
            raise ValueError(f"Job '{stuck[0]}' depends on itself through its needs.")
        return self
