"""Nobody is left behind, and nobody else is hurt."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.embedded import processes
from portal.embedded.folder import Folder
from portal.embedded.processes import MARK, Identity, Launch

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STARTS_AND_SLEEPS = """
import sys, time
from pathlib import Path
from portal.embedded.processes import Launch, start
child = start(Launch([sys.executable, "-c", "import time; time.sleep(60)"], Path("/dev/null"), Path("/"), {}))
print(child.pid, flush=True)
time.sleep(60)
"""


def until(true: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return true()


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A marked child in a session of its own."""
    launch = Launch(SLEEP, tmp_path / "log", Path("/"), {MARK: str(tmp_path)})
    made = processes.start(launch)
    yield made
    made.kill()
    made.wait()


def identity(process: subprocess.Popen[bytes]) -> Identity:
    known = processes.identity(process.pid)
    assert known is not None
    return known


def test_a_child_ends_with_its_killed_starter() -> None:
    starter = subprocess.Popen([sys.executable, "-c", STARTS_AND_SLEEPS], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    child = int(starter.stdout.readline())
    starter.kill()
    starter.wait()
    starter.stdout.close()
    assert until(lambda: processes.identity(child) is None)


def test_stop_insists_and_takes_the_whole_session(tmp_path: Path) -> None:
    stubborn = "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    family = f"{stubborn} subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); time.sleep(60)"
    process = processes.start(Launch([sys.executable, "-c", family], tmp_path / "log", Path("/"), {}))
    assert until(lambda: len(processes.members(process.pid)) == 2)
    assert processes.stop(process, signal.SIGTERM, patience=0.3) is False
    assert until(lambda: processes.members(process.pid) == [])


def test_leftovers_are_ended(sleeper: subprocess.Popen[bytes], tmp_path: Path) -> None:
    assert processes.end_leftovers([identity(sleeper)], tmp_path) == 1
    assert sleeper.wait(5) == -signal.SIGTERM


def test_a_number_given_anew_is_left_alone(sleeper: subprocess.Popen[bytes], tmp_path: Path) -> None:
    earlier = Identity(sleeper.pid, identity(sleeper).started - 100)
    assert processes.end_leftovers([earlier], tmp_path) == 0
    assert sleeper.poll() is None


def test_of_a_session_without_leader_only_the_marked_are_ended(tmp_path: Path) -> None:
    """The leader was killed; its children carry the mark, and nobody else's would."""
    leaves = (
        "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid)"
    )
    log = tmp_path / "log"
    leader = processes.start(Launch([sys.executable, "-c", leaves], log, Path("/"), {MARK: str(tmp_path)}))
    known = identity(leader)
    leader.wait()
    orphan = int(log.read_text())
    assert processes.end_leftovers([known], tmp_path / "another folder") == 0
    assert processes.identity(orphan) is not None
    assert processes.end_leftovers([known], tmp_path) == 1
    assert until(lambda: processes.identity(orphan) is None)


def test_records_of_an_earlier_boot_mean_nothing(
    sleeper: subprocess.Popen[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Folder(tmp_path)
    monkeypatch.setattr(processes, "boot", lambda: "the boot before")
    folder.record([identity(sleeper)], [])
    monkeypatch.undo()
    assert folder.clear_leftovers() == 0
    assert sleeper.poll() is None


def test_records_are_private_and_used_once(sleeper: subprocess.Popen[bytes], tmp_path: Path) -> None:
    folder, sockets = Folder(tmp_path), tmp_path / "sockets"
    sockets.mkdir()
    folder.record([identity(sleeper)], [sockets])
    assert os.stat(tmp_path / "running.json").st_mode & 0o077 == 0
    assert folder.clear_leftovers() == 1
    assert not sockets.exists()
    assert folder.clear_leftovers() == 0
