"""Processes of the cluster: remembered by number and start time, so that none outlives the cluster unseen."""

import logging
import os
import signal
import subprocess
from pathlib import Path

from sandbox.kubernetes.models import Process

logger = logging.getLogger(__name__)
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on (proc(5)); empty where there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def started(pid: int) -> str:
    """When a process started, in ticks since boot; empty where there is none."""
    fields = _stat(pid)
    return fields[19] if fields else ""


def remember(pid: int, pod: str) -> None:
    Process.objects.create(pid=pid, started=started(pid), pod=pod)


def end(process: subprocess.Popen[bytes], grace: float) -> int:
    """Ends a process group, hard after `grace` seconds; its exit code."""
    if process.poll() is None and grace > 0:
        _signal(process.pid, signal.SIGTERM)
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            logger.info("process %s did not end within %s s", process.pid, grace)
    _signal(process.pid, signal.SIGKILL)  # the group may outlive its leader
    code = process.wait()
    Process.objects.filter(pid=process.pid).delete()
    return code


def _signal(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        logger.debug("process group %s is gone already", group)


def end_leftovers() -> int:
    """Ends what an earlier run of the cluster left behind; how many there were."""
    found = 0
    for row in Process.objects.all():
        if row.started and started(row.pid) == row.started:
            _signal(row.pid, signal.SIGKILL)
            found += 1
        row.delete()
    return found


def usage(pid: int) -> tuple[float, int] | None:
    """(seconds of processor time, bytes of resident memory) of a process; None where it is gone."""
    fields = _stat(pid)
    if not fields:
        return None
    return sum(int(one) for one in fields[11:15]) / TICKS, int(fields[21]) * PAGE
