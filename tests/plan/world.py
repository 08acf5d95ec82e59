"""Planning against the real sandbox: real repositories, real answers, and checks that nothing was changed."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from catalog.models import Application, Person, Repository
from engine.models import Effect, Run
from integrations import providers
from onboarding.actions import plans
from onboarding.models import Onboarding, Plan
from onboarding.plans.content import Content, Correction
from onboarding.plans.preflight import RepositoryCheck, RequestRejected
from portal.embedded import environment
from tests.conftest import Cast
from tests.sandbox.process import Sandbox

FREE_OF_EFFECTS = re.compile(
    r"(git-upload-pack|dryRun=All|accessreviews|selfsubjectreviews|/rest/api/2/search|/_search)"
)
STORED = (Repository, Plan, Onboarding, Application, Run, Effect)
IDENTITY = ("-c", "user.name=Alice", "-c", "user.email=alice@acme.example", "-c", "init.defaultBranch=main")


def git(checkout: Path, *arguments: str, stdin: str | None = None) -> str:
    variables = os.environ | {"GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_GLOBAL": "/dev/null"}
    command = ["git", "-C", str(checkout), *IDENTITY, *arguments]
    process = subprocess.run(
        command, input=stdin, capture_output=True, text=True, check=False, timeout=60, env=variables
    )
    assert process.returncode == 0, process.stderr
    return process.stdout.strip()


@dataclass
class World:
    """The cast, the sandbox and a folder for checkouts."""

    cast: Cast
    sandbox: Sandbox
    folder: Path

    def url(self, repository: str) -> str:
        return f"{self.sandbox.url}/github/{repository}"

    def plan(self, repository: str, person: Person | None = None, corrections: Sequence[Correction] = ()) -> Plan:
        """Create a plan and check that it changed nothing outside."""
        with self.read_only():
            plan = plans.create(person or self.cast.alice, self.url(repository), corrections)
        assert self.request_log()
        return plan

    def content(self, repository: str, person: Person | None = None, *corrections: Correction) -> Content:
        return Content.model_validate(self.plan(repository, person, corrections).content)

    def check(self, pasted: str) -> RepositoryCheck:
        """The check of this address for Alice."""
        return plans.check_address(self.cast.alice, pasted)

    def rejection(self, pasted: str, person: Person | None = None) -> RequestRejected:
        """Planning this is rejected with a whole sentence and leaves nothing behind."""
        with self.unchanged(), pytest.raises(RequestRejected) as rejected:
            plans.create(person or self.cast.alice, pasted)
        assert rejected.value.message.endswith((".", "?")), rejected.value.message
        return rejected.value

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Check that no row is stored within this block and that no request has an effect."""
        before = [model.objects.count() for model in STORED]
        with self.read_only():
            yield
        assert [model.objects.count() for model in STORED] == before

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Check in the sandbox's log that every request within this block is free of effects."""
        self.sandbox.forget_requests()
        yield
        for request in self.request_log():
            line = f"{request['method']} {request['path']}?{request['query']}"
            assert request["method"] in ("GET", "HEAD") or FREE_OF_EFFECTS.search(line), line

    def request_log(self) -> list[dict[str, Any]]:
        """The sandbox's log without its own pages and webhooks."""
        log = self.sandbox.requests()
        return [line for line in log if not line["path"].startswith("/_/") and line["provider"] != "webhook"]

    def push(self, name: str, files: Mapping[str, str | bytes | Path], *, branch: str = "main") -> str:
        """Push to a repository of Alice's, which the first push creates; the commit's id. A Path becomes a symlink."""
        checkout = self.folder / name
        if not checkout.exists():
            checkout.mkdir()
            git(checkout, "init", "-q")
        for path, content in files.items():
            target = checkout / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Path):
                target.symlink_to(content)
            else:
                target.write_bytes(content if isinstance(content, bytes) else content.encode())
        git(checkout, "add", "-A")
        git(checkout, "commit", "-q", "--allow-empty", "-m", "Something to build")
        return self.push_head(name, branch=branch)

    def push_head(self, name: str, *, branch: str = "main") -> str:
        """Push the commit that is checked out in this repository's folder; its id."""
        url = f"http://alice:alice@127.0.0.1:{self.sandbox.port}/github/acme/{name}.git"
        git(self.folder / name, "push", "-q", url, f"HEAD:{branch}")
        return git(self.folder / name, "rev-parse", "HEAD")

    def github(self, method: str, path: str, body: object = None, person: str = "alice") -> Any:
        """A request to the source host as this person."""
        headers = {"Authorization": f"Bearer sandbox-{person}-token"}
        response = requests.request(
            method, f"{self.sandbox.url}/github/api/v3{path}", json=body, headers=headers, timeout=10
        )
        assert response.ok, response.text
        return response.json() if response.content else None

    def cluster(self, method: str, path: str, body: object = None) -> requests.Response:
        """A request to the cluster as the platform team."""
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        headers = {"Authorization": "Bearer sandbox-platform-cluster-token", "Content-Type": kind}
        return requests.request(method, f"{self.sandbox.url}/kubernetes{path}", json=body, headers=headers, timeout=10)


@pytest.fixture
def configured(behaving: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Onramp's providers are the sandbox's."""
    ports = environment.Ports(0, behaving.port, behaving.smtp_port)
    for name, value in environment.onramp(ports, "unused").items():
        if name.startswith(tuple(f"PORTAL_{capability}_".upper() for capability in providers.NAMES)):
            monkeypatch.setenv(name, value)
    providers.reset()
    yield
    providers.reset()


@pytest.fixture
def world(cast: Cast, behaving: Sandbox, configured: None, tmp_path: Path) -> World:
    cast.target.cluster_url = f"{behaving.url}/kubernetes"
    cast.target.address = f"http://{{application}}.{{namespace}}.localhost:{behaving.port}/"
    cast.target.save()
    return World(cast, behaving, tmp_path)
