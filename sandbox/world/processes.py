"""Process groups of jobs and pods, stored by number and start time, so that none outlives the sandbox."""

import logging
import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from sandbox.world.models import Process

logger = logging.getLogger(__name__)
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on (proc(5)); empty if there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _started(pid: int) -> str:
    """The start time of a process in ticks since boot; empty if there is no such process."""
    fields = _stat(pid)
    return fields[19] if fields else ""


def start(
    command: list[str], folder: str | Path, environment: Mapping[str, str], owner: str
) -> subprocess.Popen[bytes]:
    """Start a process group without input, with stdout and stderr in one pipe. Raises OSError."""
    process = subprocess.Popen(  # noqa: S603 - a CI and a cluster run what is pushed and deployed
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    register(process.pid, owner)
    return process


def register(pid: int, owner: str) -> None:
    """Store a process group, so that `end_leftovers` can end it after a crash."""
    Process.objects.create(pid=pid, started=_started(pid), owner=owner)


def end(process: subprocess.Popen[bytes], grace: float) -> int:
    """End a process group, with SIGKILL after `grace` seconds. Returns the exit code of its leader."""
    if process.poll() is None and grace > 0:
        _signal(process.pid, signal.SIGTERM)
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            logger.info("process %s did not end within %s s", process.pid, grace)
    _signal(process.pid, signal.SIGKILL)  # the group can outlive its leader
    code = process.wait()
    Process.objects.filter(pid=process.pid).delete()
    return code


def _signal(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):  # gone, or (macOS) all ended and not yet reaped
        logger.debug("process group %s has already ended", group)


def end_leftovers() -> None:
    """End the processes that an earlier run of the sandbox left behind."""
    for row in Process.objects.all():
        if row.started and _started(row.pid) == row.started:
            logger.info("process %s of %s was left behind", row.pid, row.owner)
            _signal(row.pid, signal.SIGKILL)
        row.delete()


def usage(pid: int) -> tuple[float, int] | None:
    """(seconds of processor time, bytes of resident memory) of a process; None if it has ended."""
    fields = _stat(pid)
    if not fields:
        return None
    return sum(int(ticks) for ticks in fields[11:15]) / TICKS, int(fields[21]) * PAGE
