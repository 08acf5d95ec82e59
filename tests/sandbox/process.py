"""The sandbox process for the tests, started once, on free ports and with its own data folder."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60


@dataclass
class Sandbox:
    """A running sandbox."""

    url: str
    port: int
    smtp_port: int
    data: Path
    process: subprocess.Popen[bytes]

    def fault(self, kind: str, path: str, **rule: Any) -> int:
        """Add a fault rule for requests under `path` (for webhooks: of this source). Returns the rule's id."""
        answer = requests.post(f"{self.url}/_/faults", json={"kind": kind, "path": path, **rule}, timeout=10)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    def behave(self) -> None:
        """Remove all fault rules."""
        requests.delete(f"{self.url}/_/faults", timeout=10).raise_for_status()

    def requests(self, **query: str) -> list[dict[str, Any]]:
        """The request log. The query takes `provider`, `method`, `since` and `limit`."""
        answer = requests.get(f"{self.url}/_/requests", params=query, timeout=10)
        answer.raise_for_status()
        return list(answer.json()["requests"])

    def forget_requests(self) -> None:
        requests.delete(f"{self.url}/_/requests", timeout=10).raise_for_status()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(
    data: Path, *options: str, port: int | None = None, background: bool = True, jobs_at_once: int = 2
) -> Sandbox:
    """Start `python -m sandbox` and wait until it is ready. Raises RuntimeError with its output if it fails."""
    port = port or free_port()
    smtp_port = free_port()
    command = [sys.executable, "-m", "sandbox", "--port", str(port), "--smtp-port", str(smtp_port), "--data", str(data)]
    data.mkdir(parents=True, exist_ok=True)
    log = data / f"sandbox-{time.time_ns()}.log"
    environment = os.environ | {
        "SANDBOX_BACKGROUND": "1" if background else "0",
        "SANDBOX_JOBS_AT_ONCE": str(jobs_at_once),
    }
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*command, *options], cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    deadline = time.monotonic() + START_SECONDS
    while b"The sandbox is ready" not in log.read_bytes():
        if process.poll() is not None or time.monotonic() > deadline:
            stop(process)
            raise RuntimeError(log.read_text()[-4000:])
        time.sleep(0.1)
    return Sandbox(f"http://127.0.0.1:{port}", port, smtp_port, data, process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Terminate the process, and kill it after ten seconds."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One sandbox for the whole session. A test that breaks its sandbox should start another with `start`."""
    running = start(tmp_path_factory.mktemp("sandbox"))
    yield running
    stop(running.process)


@pytest.fixture
def behaving(sandbox: Sandbox) -> Iterator[Sandbox]:
    """The sandbox, without fault rules before and after the test."""
    sandbox.behave()
    yield sandbox
    sandbox.behave()


def recorded(sandbox: Sandbox, name: str, labels: dict[str, str], value: float, ago: float = 0) -> None:
    """Add one sample to the sandbox's Prometheus, as if it had been scraped `ago` seconds ago."""
    sample = {"name": name, "labels": labels, "value": value, "ago": ago}
    requests.post(f"{sandbox.url}/_/samples", json=sample, timeout=10).raise_for_status()
