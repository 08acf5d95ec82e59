"""What a workflow file may say, checked before anything runs as GitHub does.

https://docs.github.com/actions/reference/workflow-syntax-for-github-actions
"""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from sandbox.github.workflows import expressions
from sandbox.github.workflows.document import Place, WorkflowError, load, wrong
from sandbox.github.workflows.expressions import ExpressionError
from sandbox.github.workflows.values import as_string

Event = Literal[
    "branch_protection_rule", "check_run", "check_suite", "create", "delete", "deployment", "deployment_status",
    "discussion", "discussion_comment", "fork", "gollum", "issue_comment", "issues", "label", "merge_group",
    "milestone", "page_build", "public", "pull_request", "pull_request_review", "pull_request_review_comment",
    "pull_request_target", "push", "registry_package", "release", "repository_dispatch", "schedule", "status",
    "watch", "workflow_call", "workflow_dispatch", "workflow_run",
]  # fmt: skip
STARTING = ("push", "pull_request")
Scope = Literal[
    "actions", "artifact-metadata", "attestations", "checks", "contents", "deployments", "discussions", "id-token",
    "issues", "models", "packages", "pages", "pull-requests", "repository-projects", "security-events", "statuses",
]  # fmt: skip
Level = Literal["read", "write", "none"]
USUAL_PERMISSIONS = {"contents": "read", "packages": "read"}
NOT_RUN = ("strategy", "container", "services", "uses")
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
USES = re.compile(r"\./.*|docker://.+|[^/@\s]+/[^@\s]+@\S+")


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _events(value: Any) -> Any:
    """By name; what stands below an event that the sandbox never starts is not looked at."""
    named = value if isinstance(value, dict) else dict.fromkeys(_listed(value) or [])
    return {event: (filters or {}) if event in STARTING else {} for event, filters in named.items()}


def _identifier(text: str) -> str:
    if not IDENTIFIER.fullmatch(text):
        rule = "IDs may only contain alphanumeric characters, '_', and '-', and must start with a letter or '_'."
        raise ValueError(f"The identifier '{text}' is invalid. {rule}")
    return text


def _condition(text: str) -> str:
    expressions.check(text, bare=True)
    return text


Text = Annotated[str, BeforeValidator(as_string)]
Texts = Annotated[list[str], BeforeValidator(_listed)]
Condition = Annotated[Text, AfterValidator(_condition)]
Permissions = dict[Scope, Level]
Mapping = Annotated[dict[str, Any], BeforeValidator(lambda value: {} if value is None else value)]


class _Part(BaseModel):
    """A mapping of the file: what is not named here must not stand in it."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=lambda name: name.replace("_", "-"), validate_by_name=False
    )


class Filters(_Part):
    """Which pushes or pull requests are meant."""

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
    def _does_one_thing(self) -> "Step":
        if bool(self.uses) == bool(self.run):
            said = (
                "'uses' and 'run' cannot both be set" if self.uses else "Every step must define a 'uses' or 'run' key"
            )
            raise ValueError(said)
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
    def not_run(self) -> str:
        """What of this job is valid at GitHub and cannot be run here; empty as a rule."""
        return next((name for name in NOT_RUN if getattr(self, name) is not None), "")

    @model_validator(mode="after")
    def _can_run(self) -> "JobSpec":
        for name, value in {"runs-on": self.runs_on, "steps": self.steps}.items():
            if not value and self.uses is None:
                raise ValueError(f"Required property is missing: {name}")
        ids = [step.id for step in self.steps if step.id]
        for one in ids:
            if ids.count(one) > 1:
                raise ValueError(f"The identifier '{one}' may not be used more than once within the same scope.")
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
        """What the token of a job may do: what is not named is not allowed."""
        own = self.permissions if job.permissions is None else job.permissions
        return USUAL_PERMISSIONS if own is None else {scope: level for scope, level in own.items() if level != "none"}

    @model_validator(mode="after")
    def _needs_end(self) -> "WorkflowFile":
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


def read(path: str, text: str) -> WorkflowFile:
    """The workflow in `text`. Raises WorkflowError with the sentence that GitHub would show."""
    said = load(text)
    _check_expressions(said, ())
    try:
        return WorkflowFile.model_validate({"name": path, **said, "path": path})
    except ValidationError as error:
        raise _in_words(error) from error


def _in_words(error: ValidationError) -> WorkflowError:
    """The first thing that is wrong, unknown words before everything else."""
    first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    place = tuple(part for part in first["loc"] if part != "[key]")
    match first["type"]:
        case "missing":
            return wrong(place[:-1], f"Required property is missing: {place[-1]}")
        case "extra_forbidden":
            return wrong(place[:-1], f"Unexpected value '{place[-1]}'")
        case "literal_error":
            return wrong(place[:-1], f"Unexpected value '{first['input']}'")
        case "value_error":
            return wrong(place, str(first["ctx"]["error"]))
    return wrong(place, first["msg"])


def _check_expressions(value: Any, place: Place) -> None:
    if isinstance(value, str):
        try:
            expressions.check(value)
        except ExpressionError as error:
            raise wrong(place, str(error)) from error
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in below:
        _check_expressions(item, (*place, key))
