"""Everything is killed at random moments and restarted: all runs finish, and nothing is created twice.

`ONRAMP_KILLS` is the number of kills (2 by default) and `ONRAMP_RUNS` the number of concurrent runs (3 by default); the
long trial uses ten of each. The seed is printed and can be set with `ONRAMP_SEED`.
"""

import contextlib
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.end.demo import Demo, running, until

SAMPLES = ["acme/parcel-tracker", "acme/price-feed", "acme/greeter"]
KILLS, RUNS = int(os.environ.get("ONRAMP_KILLS", "2")), int(os.environ.get("ONRAMP_RUNS", "3"))


def processes_of(data: Path) -> Iterator[int]:
    """Every process with the data folder in its environment, including the sandbox's pods and jobs."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            if f"ONRAMP_DATA={data}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                yield int(entry.name)


def kill_everything(demo: Demo) -> None:
    assert demo.process is not None
    assert demo.process.stdout is not None
    demo.process.kill()  # the supervisor first, or it would restart the others
    demo.process.wait(20)
    demo.process.stdout.close()
    for _ in range(5):  # a process that was just being started is found in the next round
        processes = list(processes_of(demo.data))
        for pid in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if not processes:
            break
        time.sleep(0.2)


def merge_if_open(demo: Demo, repository: str) -> bool:
    pulls = demo.github("GET", f"/repos/{repository}/pulls?state=all")
    assert len(pulls) <= 1, [pull["html_url"] for pull in pulls]
    if pulls and pulls[0]["state"] == "open":
        with contextlib.suppress(AssertionError):  # refused during a kill: the next round tries again
            demo.merge(repository, pulls[0]["number"])
    return bool(pulls and pulls[0]["merged_at"])


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    with running(tmp_path / "data", PORTAL_DOWN_AFTER_SECONDS="600") as started:
        yield started


def repositories(demo: Demo, folder: Path) -> list[str]:
    """The samples, and copies of them where more repositories are needed."""
    copies = [demo.copy(SAMPLES[number % 2], f"copy-{number}", folder) for number in range(RUNS - len(SAMPLES))]
    return [*SAMPLES[:RUNS], *copies]


@pytest.mark.fault(1, "of a worker group")
def test_all_runs_finish_and_nothing_is_created_twice_despite_random_kills(demo: Demo, tmp_path: Path) -> None:
    seed = int(os.environ.get("ONRAMP_SEED") or time.time())
    print(f"seed {seed}")  # noqa: T201 - shown where the test fails
    chance = random.Random(seed)
    demo.grant("acme-storefront", requests_cpu="20", requests_memory="20Gi", pods="200")
    names = repositories(demo, tmp_path)
    runs = {repository: demo.start_onboarding(repository)["id"] for repository in names}

    for _ in range(KILLS):
        wait = time.monotonic() + chance.uniform(1, 12)
        while time.monotonic() < wait:
            for repository in names:
                merge_if_open(demo, repository)
            time.sleep(0.5)
        kill_everything(demo)
        demo.start()

    def all_done() -> bool:
        for repository in names:
            merge_if_open(demo, repository)
        states = {repository: demo.run(run)["state"] for repository, run in runs.items()}
        for repository, run in runs.items():
            for step in demo.run(run)["steps"]:
                assert step["state"] not in ("failed", "blocked"), (repository, step)
        return set(states.values()) == {"done"}

    until(all_done, "all runs to finish", 100 * RUNS)
    for repository in names:
        name = repository.partition("/")[2]
        assert len(demo.github("GET", f"/repos/{repository}/pulls?state=all")) == 1
        branches = [branch["name"] for branch in demo.github("GET", f"/repos/{repository}/branches")]
        assert len([branch for branch in branches if branch.startswith("onramp/")]) <= 1, branches
        hooks = demo.github("GET", f"/repos/{repository}/hooks", person="onramp")
        assert len(hooks) == 1, hooks
        host = {"Host": f"{name}.acme-storefront.localhost:{demo.sandbox_port}"}
        assert requests.get(f"{demo.sandbox}/", headers=host, timeout=10).ok
    assert demo.jira("GET", "/search?jql=project=PLAT")["total"] == 0
    mail = requests.get(f"{demo.sandbox}/mailbox/messages", timeout=10).json()
    subjects = sorted(message["subject"] for message in mail["messages"])
    assert len([subject for subject in subjects if "is onboarded" in subject]) <= len(names), subjects
