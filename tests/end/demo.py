"""The whole demo as its users run it, in its own folder, and the people who act in it."""

import contextlib
import html
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import requests

ROOT = Path(__file__).resolve().parents[2]
Result = TypeVar("Result")
Json = dict[str, Any]


def git(*arguments: str) -> str:
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_GLOBAL": "/dev/null"}
    process = subprocess.run(
        ["git", *arguments], capture_output=True, text=True, check=False, timeout=60, env=environment
    )
    assert process.returncode == 0, process.stderr
    return process.stdout.strip()


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in sockets]
    for listener in sockets:
        listener.close()
    return ports


def until(check: Callable[[], Result | None], description: str, seconds: float = 90) -> Result:
    """The first true result of `check`. Fails the test with the description where there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(requests.ConnectionError):
            result = check()
            if result:
                return result
        time.sleep(0.25)
    raise AssertionError(f"{description}: not within {seconds:g} s")


class Demo:
    """What `bin/demo` runs: the same supervisor with the same arguments, without the shell script."""

    def __init__(self, data: Path, **environment: str) -> None:
        self.data = data
        self.port, self.sandbox_port, self.smtp_port = free_ports(3)
        self.environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("PORTAL_", "DATABASE_", "REDIS_", "SECRET_"))
            },
            "PORTAL_POLL_SECONDS": "3",
            "PORTAL_WATCH_SECONDS": "5",
            **environment,
        }
        self.process: subprocess.Popen[str] | None = None
        self.tokens: dict[str, str] = {}
        self.browsers: dict[str, requests.Session] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def sandbox(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"

    def start(self, *options: str) -> None:
        command = [
            *(sys.executable, "-m", "portal.embedded", "demo", "--no-browser", "--data", str(self.data)),
            *("--port", str(self.port), "--sandbox-port", str(self.sandbox_port), "--smtp-port", str(self.smtp_port)),
            *options,
        ]
        with (self.data.parent / "demo.log").open("a") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert "is ready at" in line, (self.data.parent / "demo.log").read_text()[-4000:]

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return self.process.wait(60)

    def manage(self, *arguments: str) -> str:
        """Run a management command against the running demo, with the environment that the demo stored; its output."""
        process = subprocess.run(
            [sys.executable, "-m", "portal.embedded", "manage", "--data", str(self.data), "--", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert process.returncode == 0, process.stderr
        return process.stdout.strip()

    def api(
        self, method: str, path: str, body: Json | None = None, *, person: str = "alice", **headers: str
    ) -> requests.Response:
        """A request to Onramp's API as this person."""
        if person not in self.tokens:
            self.tokens[person] = self.manage("issue_token", person, "test").splitlines()[-1]
        headers["Authorization"] = f"Bearer {self.tokens[person]}"
        return requests.request(method, f"{self.url}/api/v1{path}", json=body, headers=headers, timeout=30)

    def plan(self, repository: str, person: str = "alice") -> Json:
        response = self.api("POST", "/plans", {"address": f"{self.sandbox}/github/{repository}"}, person=person)
        assert response.status_code == 201, response.text
        return dict(response.json())

    def start_onboarding(self, repository: str, person: str = "alice", key: str = "") -> Json:
        plan = self.plan(repository, person)
        body = {"plan": plan["id"], "digest": plan["digest"]}
        headers = {"Idempotency-Key": key} if key else {}
        response = self.api("POST", "/onboardings", body, person=person, **headers)
        assert response.status_code in (200, 201), response.text
        return dict(response.json())

    def run(self, onboarding: str, person: str = "alice") -> Json:
        return dict(self.api("GET", f"/onboardings/{onboarding}", person=person).json())

    def step(self, onboarding: str, name: str) -> Json:
        return next(dict(step) for step in self.run(onboarding)["steps"] if step["name"] == name)

    def wait_for(self, onboarding: str, name: str, state: str, seconds: float = 120) -> Json:
        def check() -> Json | None:
            step = self.step(onboarding, name)
            assert step["state"] != "failed" or state == "failed", (step["reason"], step["detail"])
            return step if step["state"] == state else None

        try:
            return until(check, f"{name} to be {state}", seconds)
        except AssertionError as error:
            states = {step["name"]: (step["state"], step["reason"]) for step in self.run(onboarding)["steps"]}
            raise AssertionError(f"{error}; the steps are {states}") from error

    def github(self, method: str, path: str, body: Json | None = None, person: str = "alice") -> Any:
        headers = {"Authorization": f"Bearer sandbox-{person}-token"}
        response = requests.request(
            method, f"{self.sandbox}/github/api/v3{path}", json=body, headers=headers, timeout=30
        )
        assert response.ok, response.text
        return response.json() if response.content else None

    def merge(self, repository: str, number: int, person: str = "alice") -> None:
        self.github("PUT", f"/repos/{repository}/pulls/{number}/merge", {}, person)

    def clone(self, repository: str, into: Path, *, branch: str = "") -> Path:
        """Run `git clone` as Alice; the checkout."""
        url = f"http://alice:alice@127.0.0.1:{self.sandbox_port}/github/{repository}.git"
        git("clone", "-q", *(["--branch", branch] if branch else []), url, str(into))
        return into

    def copy(self, repository: str, name: str, folder: Path) -> str:
        """Push a sample as a repository of another name; returns `acme/name`."""
        checkout = self.clone(repository, folder / name)
        git(
            "-C",
            str(checkout),
            "push",
            "-q",
            f"http://alice:alice@127.0.0.1:{self.sandbox_port}/github/acme/{name}",
            "HEAD:main",
        )
        return f"acme/{name}"

    def fault(self, kind: str, path: str, **rule: Any) -> None:
        """Make the sandbox misbehave below this path (for webhooks: of this source) until `behave`."""
        response = requests.post(f"{self.sandbox}/_/faults", json={"kind": kind, "path": path, **rule}, timeout=10)
        assert response.ok, response.text

    def behave(self) -> None:
        requests.delete(f"{self.sandbox}/_/faults", timeout=10).raise_for_status()

    def commit(self, checkout: Path, path: str, text: str, message: str) -> str:
        """Change a file, commit and push; the commit's id."""
        (checkout / path).write_text(text)
        git("-C", str(checkout), "pull", "-q")
        git("-C", str(checkout), "add", "-A")
        git(
            "-C",
            str(checkout),
            "-c",
            "user.name=Alice",
            "-c",
            "user.email=alice@acme.example",
            "commit",
            "-qm",
            message,
        )
        git("-C", str(checkout), "push", "-q")
        return git("-C", str(checkout), "rev-parse", "HEAD")

    def grant(self, team: str, **hard: str) -> None:
        """Change the team's allowance as the platform team."""
        body = {"spec": {"hard": {name.replace("_", "."): value for name, value in hard.items()}}}
        response = requests.patch(
            f"{self.sandbox}/kubernetes/api/v1/namespaces/onramp-allowances/resourcequotas/{team}",
            json=body,
            headers={
                "Authorization": "Bearer sandbox-platform-cluster-token",
                "Content-Type": "application/merge-patch+json",
            },
            timeout=30,
        )
        assert response.ok, response.text

    def jira(self, method: str, path: str, body: Json | None = None) -> Any:
        headers = {"Authorization": "Bearer sandbox-jira-token"}
        response = requests.request(
            method, f"{self.sandbox}/jira/rest/api/2{path}", json=body, headers=headers, timeout=30
        )
        assert response.ok, response.text
        return response.json() if response.content else None

    def close(self, ticket: str, status: str = "Done") -> None:
        """Move the ticket to this status as the platform team."""
        transitions = self.jira("GET", f"/issue/{ticket}/transitions")["transitions"]
        transition = next(transition for transition in transitions if transition["name"].lower() == status.lower())
        self.jira("POST", f"/issue/{ticket}/transitions", {"transition": {"id": transition["id"]}})

    def page(self, path: str, person: str = "alice") -> str:
        """A page as this person sees it, signed in through the source host."""
        if person not in self.browsers:
            self.browsers[person] = self._sign_in(person)
        response = self.browsers[person].get(f"{self.url}{path}", timeout=30)
        assert response.ok, (response.status_code, path)
        return response.text

    def _sign_in(self, person: str) -> requests.Session:
        browser = requests.Session()
        form = browser.get(f"{self.url}/sign-in/", timeout=30).text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        action = re.search(rf'action="([^"]*login[^"]*{person}[^"]*)"', form)
        assert token, form
        assert action, form
        response = browser.post(
            f"{self.url}{html.unescape(action[1])}",
            data={"csrfmiddlewaretoken": token[1]},
            headers={"Referer": self.url},
            timeout=30,
        )
        assert response.ok, response.text
        assert "/sign-in/" not in response.url, response.url
        return browser

    def requests_to_sandbox(self, since: int = 0) -> list[Json]:
        return list(requests.get(f"{self.sandbox}/_/requests?since={since}", timeout=30).json()["requests"])


@contextlib.contextmanager
def running(data: Path, **environment: str) -> Iterator[Demo]:
    demo = Demo(data, **environment)
    demo.start()
    try:
        yield demo
    finally:
        demo.stop()


def ticket_key(text: str) -> str:
    match = re.search(r"[A-Z]+-\d+", text)
    assert match, text
    return match.group()
