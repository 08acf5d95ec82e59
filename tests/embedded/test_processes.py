"""No process of ours is left behind, and no other process is ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.embedded import leftovers, proc, processes
from portal.embedded.folder import Folder
from portal.embedded.proc import Identity
from portal.embedded.processes import MARK, Launch

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STARTS_AND_SLEEPS = """
import sys, time
from pathlib import Path
from portal.embedded.processes import Launch, start
child = start(Launch([sys.executable, "-c", "import time; time.sleep(60)"], Path("/dev/null"), Path("/"), {}))
print(child.pid, flush=True)
time.sleep(60)
"""


def until(condition: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A child with our mark, in its own session."""
    launch = Launch(SLEEP, tmp_path / "log", Path("/"), {MARK: str(tmp_path)})
    process = processes.start(launch)
    yield process
    process.kill()
    process.wait()


def identity(process: subprocess.Popen[bytes]) -> Identity:
    recorded = proc.identity(process.pid)
    assert recorded is not None
    return recorded


def test_a_child_ends_when_its_parent_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", STARTS_AND_SLEEPS], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert until(lambda: proc.identity(child) is None)


def test_stop_kills_and_ends_the_whole_session(tmp_path: Path) -> None:
    stubborn = "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    family = f"{stubborn} subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); time.sleep(60)"
    process = processes.start(Launch([sys.executable, "-c", family], tmp_path / "log", Path("/"), {}))
    assert until(lambda: len(proc.members(process.pid)) == 2)
    assert processes.stop(process, signal.SIGTERM, patience=0.3) is False
    assert until(lambda: proc.members(process.pid) == [])


def test_leftover_processes_are_ended(sleeper: subprocess.Popen[bytes], tmp_path: Path) -> None:
    assert leftovers.end_leftovers([identity(sleeper)], tmp_path) == 1
    assert sleeper.wait(5) == -signal.SIGTERM


def test_a_process_with_a_reused_id_is_left_alone(sleeper: subprocess.Popen[bytes], tmp_path: Path) -> None:
    earlier = Identity(sleeper.pid, identity(sleeper).started - 100)
    assert leftovers.end_leftovers([earlier], tmp_path) == 0
    assert sleeper.poll() is None


def test_only_marked_processes_of_a_session_without_leader_are_ended(tmp_path: Path) -> None:
    """The leader was killed; its children have the mark, and no other process would."""
    leaves = (
        "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid)"
    )
    log = tmp_path / "log"
    leader = processes.start(Launch([sys.executable, "-c", leaves], log, Path("/"), {MARK: str(tmp_path)}))
    recorded = identity(leader)
    leader.wait()
    orphan = int(log.read_text())
    assert leftovers.end_leftovers([recorded], tmp_path / "another folder") == 0
    assert proc.identity(orphan) is not None
    assert leftovers.end_leftovers([recorded], tmp_path) == 1
    assert until(lambda: proc.identity(orphan) is None)


def test_records_of_an_earlier_boot_are_ignored(
    sleeper: subprocess.Popen[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Folder(tmp_path)
    monkeypatch.setattr(proc, "boot_id", lambda: "the boot before")
    folder.record([identity(sleeper)], [])
    monkeypatch.undo()
    assert folder.clear_leftovers() == 0
    assert sleeper.poll() is None


def test_records_are_private_and_used_only_once(sleeper: subprocess.Popen[bytes], tmp_path: Path) -> None:
    folder, sockets = Folder(tmp_path), tmp_path / "sockets"
    sockets.mkdir()
    folder.record([identity(sleeper)], [sockets])
    assert os.stat(tmp_path / "running.json").st_mode & 0o077 == 0
    assert folder.clear_leftovers() == 1
    assert not sockets.exists()
    assert folder.clear_leftovers() == 0
