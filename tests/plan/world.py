"""Planning against the real sandbox: real repositories, real answers, and what is left behind afterwards."""

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
from integrations import providers
from onboarding import actions
from onboarding.content import Content, Correction
from onboarding.looking import Look
from onboarding.models import Effect, Onboarding, Plan, Run
from portal.embedded import environment
from tests.conftest import Cast
from tests.sandbox.process import Sandbox

FREE_OF_EFFECTS = re.compile(
    r"(git-upload-pack|dryRun=All|accessreviews|selfsubjectreviews|/rest/api/2/search|/_search)"
)
STORED = (Repository, Plan, Onboarding, Application, Run, Effect)
IDENTITY = ("-c", "user.name=Alice", "-c", "user.email=alice@acme.example", "-c", "init.defaultBranch=main")


def git(where: Path, *arguments: str, given: str | None = None) -> str:
    surroundings = os.environ | {"GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_GLOBAL": "/dev/null"}
    command = ["git", "-C", str(where), *IDENTITY, *arguments]
    done = subprocess.run(
        command, input=given, capture_output=True, text=True, check=False, timeout=60, env=surroundings
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@dataclass
class World:
    """The cast, the outside world that they live in, and a folder for checkouts."""

    cast: Cast
    sandbox: Sandbox
    folder: Path

    def url(self, repository: str) -> str:
        return f"{self.sandbox.url}/github/{repository}"

    def plan(self, repository: str, person: Person | None = None, corrections: Sequence[Correction] = ()) -> Plan:
        """Every plan of these tests is made under watch: it changes nothing outside."""
        with self.reading_only():
            made = actions.plan(person or self.cast.alice, self.url(repository), corrections)
        assert self.asked()
        return made

    def content(self, repository: str, person: Person | None = None, *corrections: Correction) -> Content:
        return Content.model_validate(self.plan(repository, person, corrections).content)

    def look(self, pasted: str) -> Look:
        """What the address means to Alice."""
        return actions.check(self.cast.alice, pasted)

    def refused(self, pasted: str, person: Person | None = None) -> actions.Refused:
        """Planning this is refused, leaves nothing behind, and says a whole sentence."""
        with self.unchanged(), pytest.raises(actions.Refused) as caught:
            actions.plan(person or self.cast.alice, pasted)
        assert caught.value.says.endswith((".", "?")), caught.value.says
        return caught.value

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Within this block no row is stored and no request has an effect."""
        before = [model.objects.count() for model in STORED]
        with self.reading_only():
            yield
        assert [model.objects.count() for model in STORED] == before

    @contextmanager
    def reading_only(self) -> Iterator[None]:
        """The sandbox's own log shows nothing but questions."""
        self.sandbox.forget_requests()
        yield
        for one in self.asked():
            asked = f"{one['method']} {one['path']}?{one['query']}"
            assert one["method"] in ("GET", "HEAD") or FREE_OF_EFFECTS.search(asked), asked

    def asked(self) -> list[dict[str, Any]]:
        """What arrived at the sandbox, without its own pages."""
        found = self.sandbox.requests()
        return [one for one in found if not one["path"].startswith("/_/") and one["provider"] != "webhook"]

    def push(self, name: str, files: Mapping[str, str | bytes | Path], *, branch: str = "main") -> str:
        """A repository of Alice's own; where it is not there yet, the push makes it. A Path becomes a symlink."""
        checkout = self.folder / name
        if not checkout.exists():
            checkout.mkdir()
            git(checkout, "init", "-q")
        for path, content in files.items():
            place = checkout / path
            place.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Path):
                place.symlink_to(content)
            else:
                place.write_bytes(content if isinstance(content, bytes) else content.encode())
        git(checkout, "add", "-A")
        git(checkout, "commit", "-q", "--allow-empty", "-m", "Something to build")
        return self.push_head(name, branch=branch)

    def push_head(self, name: str, *, branch: str = "main") -> str:
        """What is checked out in this repository's folder."""
        address = f"http://alice:alice@127.0.0.1:{self.sandbox.port}/github/acme/{name}.git"
        git(self.folder / name, "push", "-q", address, f"HEAD:{branch}")
        return git(self.folder / name, "rev-parse", "HEAD")

    def github(self, method: str, path: str, body: object = None, person: str = "alice") -> Any:
        """Somebody's own hand at the source host."""
        headers = {"Authorization": f"Bearer sandbox-{person}-token"}
        answer = requests.request(
            method, f"{self.sandbox.url}/github/api/v3{path}", json=body, headers=headers, timeout=10
        )
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def cluster(self, method: str, path: str, body: object = None) -> requests.Response:
        """The platform's hand at the cluster."""
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        headers = {"Authorization": "Bearer sandbox-platform-cluster-token", "Content-Type": kind}
        return requests.request(method, f"{self.sandbox.url}/kubernetes{path}", json=body, headers=headers, timeout=10)


@pytest.fixture
def configured(behaving: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Onramp's providers are those of the sandbox."""
    ports = environment.Ports(0, behaving.port, behaving.smtp_port)
    for name, value in environment.onramp(ports, "unused").items():
        if name.startswith(tuple(f"PORTAL_{capability}_".upper() for capability in providers.CATALOGUE)):
            monkeypatch.setenv(name, value)
    providers.provider.cache_clear()
    yield
    providers.provider.cache_clear()


@pytest.fixture
def world(cast: Cast, behaving: Sandbox, configured: None, tmp_path: Path) -> World:
    cast.target.cluster_url = f"{behaving.url}/kubernetes"
    cast.target.address = f"http://{{application}}.{{namespace}}.localhost:{behaving.port}/"
    cast.target.save()
    return World(cast, behaving, tmp_path)
