"""What a workflow file may say, checked as strictly as GitHub checks it before it runs anything.

https://docs.github.com/actions/reference/workflow-syntax-for-github-actions
"""

import re
from dataclasses import dataclass, field
from typing import Any

from sandbox.github.workflows import expressions
from sandbox.github.workflows.document import Document, Place, WorkflowError
from sandbox.github.workflows.expressions import ExpressionError

WORKFLOW_KEYS = {"name", "run-name", "on", "permissions", "env", "defaults", "concurrency", "jobs"}
JOB_KEYS = {
    "name", "permissions", "needs", "if", "runs-on", "environment", "concurrency", "outputs", "env", "defaults",
    "steps", "timeout-minutes", "strategy", "continue-on-error", "container", "services", "uses", "with", "secrets",
}  # fmt: skip
STEP_KEYS = {
    "id", "if", "name", "uses", "run", "working-directory", "shell", "with", "env", "continue-on-error",
    "timeout-minutes",
}  # fmt: skip
EVENTS = {
    "branch_protection_rule", "check_run", "check_suite", "create", "delete", "deployment", "deployment_status",
    "discussion", "discussion_comment", "fork", "gollum", "issue_comment", "issues", "label", "merge_group",
    "milestone", "page_build", "public", "pull_request", "pull_request_review", "pull_request_review_comment",
    "pull_request_target", "push", "registry_package", "release", "repository_dispatch", "schedule", "status",
    "watch", "workflow_call", "workflow_dispatch", "workflow_run",
}  # fmt: skip
FILTERS = {"branches", "branches-ignore", "paths", "paths-ignore", "tags", "tags-ignore", "types"}
SCOPES = {
    "actions", "artifact-metadata", "attestations", "checks", "contents", "deployments", "discussions", "id-token",
    "issues", "models", "packages", "pages", "pull-requests", "repository-projects", "security-events", "statuses",
}  # fmt: skip
NOT_RUN = ("strategy", "container", "services", "uses")
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
IDENTIFIER_RULE = (
    "IDs may only contain alphanumeric characters, '_', and '-'. IDs must start with a letter or '_' and must be less "
    "than 100 characters."
)
MINUTES = 360.0


@dataclass(frozen=True)
class Step:
    name: str
    id: str
    condition: str
    uses: str
    run: str
    inputs: dict[str, Any]
    env: dict[str, Any]
    shell: str
    folder: str
    minutes: Any
    continue_on_error: Any


@dataclass(frozen=True)
class Concurrency:
    group: str
    cancel: Any = False


@dataclass(frozen=True)
class JobSpec:
    key: str
    name: str
    needs: tuple[str, ...]
    condition: str
    env: dict[str, Any]
    outputs: dict[str, str]
    steps: tuple[Step, ...]
    permissions: dict[str, str]
    concurrency: Concurrency | None
    minutes: Any
    continue_on_error: Any
    not_run: str = ""
    """What of this job is valid at GitHub and cannot be run here; empty as a rule."""


@dataclass(frozen=True)
class WorkflowFile:
    path: str
    name: str
    run_name: str
    on: dict[str, dict[str, Any]]
    env: dict[str, Any]
    concurrency: Concurrency | None
    jobs: dict[str, JobSpec] = field(default_factory=dict)


def read(path: str, text: str) -> WorkflowFile:
    """The workflow in `text`. Raises WorkflowError with the sentence that GitHub would show."""
    return _Reader(path, Document(text)).workflow()


class _Reader:
    def __init__(self, path: str, document: Document) -> None:
        self._path = path
        self._document = document
        self._error = document.error

    def workflow(self) -> WorkflowFile:
        top = self._mapping(self._document.value, ())
        self._known(top, WORKFLOW_KEYS, ())
        for needed in ("on", "jobs"):
            if needed not in top:
                raise self._error((), f"Required property is missing: {needed}")
        self._expressions(top, ())
        defaults = self._run_defaults(top.get("defaults"), ("defaults",))
        permissions = self._permissions(top.get("permissions"), ("permissions",))
        jobs = self._mapping(top["jobs"], ("jobs",))
        if not jobs:
            raise self._error(("jobs",), "There must be at least one job")
        specs = {key: self._job(key, body, defaults, permissions) for key, body in jobs.items()}
        self._needs_end(specs)
        return WorkflowFile(
            path=self._path,
            name=str(top.get("name") or self._path),
            run_name=str(top.get("run-name") or ""),
            on=self._events(top["on"]),
            env=self._mapping(top.get("env"), ("env",)),
            concurrency=self._concurrency(top.get("concurrency"), ("concurrency",)),
            jobs=specs,
        )

    def _mapping(self, value: Any, place: Place) -> dict[str, Any]:
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self._error(place, "A mapping was expected")
        return value

    def _known(self, value: dict[str, Any], keys: set[str], place: Place) -> None:
        for key in value:
            if key not in keys:
                raise self._error((*place, key), f"Unexpected value '{key}'")

    def _words(self, value: Any, place: Place) -> list[str]:
        found = [value] if isinstance(value, str) else value
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            raise self._error(place, "A sequence of strings was expected")
        return found

    def _events(self, value: Any) -> dict[str, dict[str, Any]]:
        named = value if isinstance(value, dict) else dict.fromkeys(self._words(value, ("on",)))
        for event, filters in named.items():
            place = ("on", event)
            if event not in EVENTS:
                raise self._error(place, f"Unexpected value '{event}'")
            if event not in ("push", "pull_request", "pull_request_target"):
                continue
            self._known(self._mapping(filters, place), FILTERS, place)
            for name, globs in (filters or {}).items():
                self._words(globs, (*place, name))
        return {event: filters if isinstance(filters, dict) else {} for event, filters in named.items()}

    def _permissions(self, value: Any, place: Place) -> dict[str, str] | None:
        if value is None:
            return None
        if value in ("read-all", "write-all"):
            return dict.fromkeys(SCOPES, str(value).removesuffix("-all"))
        asked = self._mapping(value, place)
        self._known(asked, SCOPES, place)
        for scope, level in asked.items():
            if level not in ("read", "write", "none"):
                raise self._error((*place, scope), f"Unexpected value '{level}'")
        return {scope: level for scope, level in asked.items() if level != "none"}

    def _run_defaults(self, value: Any, place: Place) -> dict[str, str]:
        outer = self._mapping(value, place)
        self._known(outer, {"run"}, place)
        run = self._mapping(outer.get("run"), (*place, "run"))
        self._known(run, {"shell", "working-directory"}, (*place, "run"))
        return {key: str(item) for key, item in run.items()}

    def _concurrency(self, value: Any, place: Place) -> Concurrency | None:
        if value is None or isinstance(value, str):
            return Concurrency(value) if value else None
        asked = self._mapping(value, place)
        self._known(asked, {"group", "cancel-in-progress"}, place)
        if "group" not in asked:
            raise self._error(place, "Required property is missing: group")
        return Concurrency(str(asked["group"]), asked.get("cancel-in-progress", False))

    def _job(self, key: str, value: Any, outer: dict[str, str], permissions: dict[str, str] | None) -> JobSpec:
        place: Place = ("jobs", key)
        if not IDENTIFIER.fullmatch(key):
            raise self._error(
                place,
                f"The identifier '{key}' is invalid. {IDENTIFIER_RULE}",
            )
        body = self._mapping(value, place)
        self._known(body, JOB_KEYS, place)
        reusable = "uses" in body
        for needed in () if reusable else ("runs-on", "steps"):
            if needed not in body:
                raise self._error(place, f"Required property is missing: {needed}")
        defaults = outer | self._run_defaults(body.get("defaults"), (*place, "defaults"))
        own = self._permissions(body.get("permissions"), (*place, "permissions"))
        granted = own if own is not None else permissions
        needs = self._words(body["needs"], (*place, "needs")) if "needs" in body else []
        return JobSpec(
            key=key,
            name=str(body.get("name") or key),
            needs=tuple(needs),
            condition=self._condition(body, place),
            env=self._mapping(body.get("env"), (*place, "env")),
            outputs={name: str(text) for name, text in self._mapping(body.get("outputs"), place).items()},
            steps=() if reusable else self._steps(body["steps"], (*place, "steps"), defaults),
            permissions=granted if granted is not None else {"contents": "read", "packages": "read"},
            concurrency=self._concurrency(body.get("concurrency"), (*place, "concurrency")),
            minutes=body.get("timeout-minutes", MINUTES),
            continue_on_error=body.get("continue-on-error", False),
            not_run=next((name for name in NOT_RUN if name in body), ""),
        )

    def _condition(self, body: dict[str, Any], place: Place) -> str:
        text = expressions.as_string(body.get("if", "success()"))
        try:
            expressions.check(text, bare=True)
        except ExpressionError as error:
            raise self._error((*place, "if"), str(error)) from error
        return text

    def _steps(self, value: Any, place: Place, defaults: dict[str, str]) -> tuple[Step, ...]:
        if not isinstance(value, list) or not value:
            raise self._error(place, "A sequence with at least one step was expected")
        steps = tuple(self._step(body, (*place, number), defaults) for number, body in enumerate(value))
        seen: set[str] = set()
        for number, step in enumerate(steps):
            if step.id and step.id in seen:
                raise self._error(
                    (*place, number),
                    f"The identifier '{step.id}' may not be used more than once within the same scope.",
                )
            seen.add(step.id)
        return steps

    def _step(self, value: Any, place: Place, defaults: dict[str, str]) -> Step:
        body = self._mapping(value, place)
        self._known(body, STEP_KEYS, place)
        uses, run = body.get("uses"), body.get("run")
        if (uses is None) == (run is None):
            said = "'uses' and 'run' cannot both be set" if uses else "Every step must define a 'uses' or 'run' key"
            raise self._error(place, said)
        if uses is not None and not re.fullmatch(r"\./.*|docker://.+|[^/@\s]+/[^@\s]+@\S+", str(uses)):
            raise self._error((*place, "uses"), f"Expected format {{org}}/{{repo}}[/path]@ref. Actual '{uses}'")
        first = str(run).strip().splitlines()[:1] if run is not None else []
        return Step(
            name=str(body.get("name") or f"Run {first[0] if first else uses or ''}"),
            id=str(body.get("id", "")),
            condition=self._condition(body, place),
            uses=str(uses or ""),
            run="" if run is None else str(run),
            inputs=self._mapping(body.get("with"), (*place, "with")),
            env=self._mapping(body.get("env"), (*place, "env")),
            shell=str(body.get("shell") or defaults.get("shell", "")),
            folder=str(body.get("working-directory") or defaults.get("working-directory", "")),
            minutes=body.get("timeout-minutes"),
            continue_on_error=body.get("continue-on-error", False),
        )

    def _needs_end(self, jobs: dict[str, JobSpec]) -> None:
        for key, job in jobs.items():
            for needed in job.needs:
                if needed not in jobs:
                    raise self._error(("jobs", key, "needs"), f"Job '{key}' depends on unknown job '{needed}'.")
        done: set[str] = set()
        while ready := [key for key, job in jobs.items() if key not in done and done.issuperset(job.needs)]:
            done.update(ready)
        if stuck := [key for key in jobs if key not in done]:
            raise self._error(
                ("jobs", stuck[0]),
                "The workflow must contain at least one job with no dependencies."
                if not done
                else f"Job '{stuck[0]}' depends on itself through its needs.",
            )

    def _expressions(self, value: Any, place: Place) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                self._expressions(item, (*place, key))
        elif isinstance(value, list):
            for number, item in enumerate(value):
                self._expressions(item, (*place, number))
        elif isinstance(value, str):
            try:
                expressions.check(value)
            except ExpressionError as error:
                raise self._error(place, str(error)) from error


__all__ = ["Concurrency", "JobSpec", "Step", "WorkflowError", "WorkflowFile", "read"]
