"""The state of a running job: its folders, its environment, and the results of its steps."""

import os
import secrets
import shutil
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from sandbox.github.ci import programs
from sandbox.github.formats import WEB
from sandbox.github.models import Job, JobToken
from sandbox.github.workflows import expressions
from sandbox.github.workflows.contexts import github_context, variables
from sandbox.github.workflows.parser import Scope
from sandbox.github.workflows.schema import JobSpec, WorkflowFile

INHERITED = ("LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
INHERITED_PREFIXES = ("PIP_", "NPM_CONFIG_", "npm_config_", "UV_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


@dataclass
class JobState:
    """Creates fresh folders and a token for the job. Raises ExpressionError for an invalid environment or timeout."""

    job: Job
    spec: JobSpec
    workflow: WorkflowFile
    needs: dict[str, Any]
    cancelled: threading.Event
    env: dict[str, str] = field(default_factory=dict)
    """The variables of the workflow and the job, and those that steps wrote to GITHUB_ENV."""
    path: list[str] = field(default_factory=list)
    steps: dict[str, Any] = field(default_factory=dict)
    logins: dict[str, str] = field(default_factory=dict)
    """Registry host → token, set by docker/login-action."""
    status: str = "success"

    def __post_init__(self) -> None:
        self.folder: Path = settings.DATA / "jobs" / str(self.job.pk)
        shutil.rmtree(self.folder, ignore_errors=True)
        for name in ("work", "temp", "home"):
            (self.folder / name).mkdir(parents=True)
        # pytest uses the first configuration in a parent folder; without this file, that of the sandbox's own checkout.
        (self.folder / "pytest.ini").touch()
        defaults = {"token": f"ghs_{secrets.token_urlsafe(27)}", "permissions": self.workflow.permissions_of(self.spec)}
        self.token, _ = JobToken.objects.update_or_create(job=self.job, defaults=defaults)
        self.secrets = {self.token.token}
        job_context = {"job": self.job.key, "token": self.token.token, "workspace": str(self.work)}
        self.github = github_context(self.job.run) | job_context
        self.deadline = time.monotonic() + 60 * expressions.number(self.spec.timeout_minutes, self.scope())
        for source in (self.workflow.env, self.spec.env):
            self.env |= expressions.string_values(source, self.scope())

    @property
    def work(self) -> Path:
        return self.folder / "work"

    def scope(self, env: dict[str, str] | None = None) -> Scope:
        contexts = {
            "github": self.github,
            "env": self.env | (env or {}),
            "secrets": {"GITHUB_TOKEN": self.token.token},
            "needs": self.needs,
            "steps": self.steps,
            "job": {"status": self.status},
            "runner": {"os": "Linux", "arch": "X64", "name": "sandbox", "temp": str(self.folder / "temp")},
        }
        functions: dict[str, Callable[..., Any]] = {
            "success": lambda: self.status == "success",
            "failure": lambda: self.status == "failure",
            "cancelled": lambda: self.status == "cancelled",
            "always": lambda: True,
        }
        return Scope(contexts, functions)

    def environment(self, step_env: dict[str, str]) -> dict[str, str]:
        """All environment variables of a step's process."""
        environment = _inherited_variables() | _tool_configuration() | variables(self.github)
        environment |= {
            "HOME": str(self.folder / "home"),
            "GITHUB_JOB": self.job.key,
            "RUNNER_OS": "Linux",
            "RUNNER_ARCH": "X64",
            "RUNNER_NAME": "sandbox",
            "RUNNER_TEMP": str(self.folder / "temp"),
            "RUNNER_TOOL_CACHE": str(self.folder / "temp"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
        if self.token.allows("id-token", "write"):
            environment["ACTIONS_ID_TOKEN_REQUEST_URL"] = f"{WEB}/_oidc/token?api-version=2.0"
            environment["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = self.token.token
        environment |= self.env | step_env
        environment["PATH"] = os.pathsep.join([*reversed(self.path), str(programs.folder()), *_machine_path()])
        return environment


def _inherited_variables() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if name in INHERITED or name.upper().startswith(INHERITED_PREFIXES)
    }


def _tool_configuration() -> dict[str, str]:
    """The pip and npm configuration of this machine's user, which a job would not find in its own HOME."""
    home = Path.home()
    candidates = {
        "PIP_CONFIG_FILE": [home / ".config/pip/pip.conf", home / ".pip/pip.conf"],
        "NPM_CONFIG_USERCONFIG": [home / ".npmrc"],
    }
    return {name: str(path) for name, paths in candidates.items() for path in paths if path.is_file()}


def _machine_path() -> list[str]:
    """The machine's PATH without the sandbox's own virtual environment."""
    virtual_environment = Path(sys.executable).parent
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return [folder for folder in folders if Path(folder) != virtual_environment]
