"""What a running job knows: its folders, its variables, what its steps said."""

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

from sandbox.github.addresses import WEB
from sandbox.github.ci import programs
from sandbox.github.models import Job, JobToken
from sandbox.github.workflows import expressions
from sandbox.github.workflows.contexts import github_context, variables
from sandbox.github.workflows.expressions import Scope
from sandbox.github.workflows.syntax import JobSpec, WorkflowFile

PASSED_ON = ("LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
PASSED_PREFIXES = ("PIP_", "NPM_CONFIG_", "npm_config_", "UV_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


@dataclass
class JobState:
    """Fresh folders and a token of its own. Raises ExpressionError for a bad environment or time limit."""

    job: Job
    spec: JobSpec
    workflow: WorkflowFile
    needs: dict[str, Any]
    cancelled: threading.Event
    env: dict[str, str] = field(default_factory=dict)
    """Of the workflow, the job, and what steps wrote to GITHUB_ENV."""
    path: list[str] = field(default_factory=list)
    steps: dict[str, Any] = field(default_factory=dict)
    logins: dict[str, str] = field(default_factory=dict)
    """Registry host → token, as docker/login-action left them."""
    status: str = "success"

    def __post_init__(self) -> None:
        self.folder: Path = settings.DATA / "jobs" / str(self.job.pk)
        shutil.rmtree(self.folder, ignore_errors=True)
        for name in ("work", "temp", "home"):
            (self.folder / name).mkdir(parents=True)
        # pytest takes the first configuration in any folder above: without this one, that of whoever keeps the sandbox.
        (self.folder / "pytest.ini").touch()
        made = {"token": f"ghs_{secrets.token_urlsafe(27)}", "permissions": self.workflow.permissions_of(self.spec)}
        self.token, _ = JobToken.objects.update_or_create(job=self.job, defaults=made)
        self.secrets = {self.token.token}
        own = {"job": self.job.key, "token": self.token.token, "workspace": str(self.work)}
        self.github = github_context(self.job.run) | own
        self.deadline = time.monotonic() + 60 * expressions.number(self.spec.timeout_minutes, self.scope())
        for source in (self.workflow.env, self.spec.env):
            self.env |= expressions.texts(source, self.scope())

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
        """All variables of a step's process."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if name in PASSED_ON or name.upper().startswith(PASSED_PREFIXES)
        }
        found = kept | _home_of_tools() | variables(self.github)
        found |= {
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
        if self.token.may("id-token", "write"):
            found["ACTIONS_ID_TOKEN_REQUEST_URL"] = f"{WEB}/_oidc/token?api-version=2.0"
            found["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = self.token.token
        found |= self.env | step_env
        found["PATH"] = os.pathsep.join([*reversed(self.path), str(programs.folder()), *_machine_path()])
        return found


def _home_of_tools() -> dict[str, str]:
    """Where pip and npm of this machine's user are configured: a job has a HOME of its own."""
    home = Path.home()
    places = {
        "PIP_CONFIG_FILE": [home / ".config/pip/pip.conf", home / ".pip/pip.conf"],
        "NPM_CONFIG_USERCONFIG": [home / ".npmrc"],
    }
    return {name: str(path) for name, paths in places.items() for path in paths if path.is_file()}


def _machine_path() -> list[str]:
    """The machine's programs without those of the sandbox's own virtual environment."""
    own = Path(sys.executable).parent
    return [place for place in os.environ.get("PATH", os.defpath).split(os.pathsep) if Path(place) != own]
