"""One child process, and the exchange with it."""

import contextlib
import fcntl
import os
import subprocess
import sys
import threading
from io import RawIOBase
from pathlib import Path
from typing import cast

from readers import frames
from readers.child import OUT_OF_MEMORY
from readers.failures import Failed, TooLarge, TooSlow
from readers.limits import Limits

_MOMENT = 1.0
"""Seconds in which a process that closed its pipes has ended."""

_PIPE = 1024**2
"""Bytes that a pipe holds: with the usual 64 kB both sides would take turns for every listing."""

_ROOT = Path(__file__).resolve().parents[1]


class Child:
    """Starts at once and gets ready beside its parent. Used by one thread at a time."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._ready = self._expired = False
        self.answers = 0
        ours, self._lifeline = os.pipe()
        try:
            self._process = self._start(ours)
        finally:
            os.close(ours)
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # a user may have only so much
                fcntl.fcntl(cast(RawIOBase, pipe), fcntl.F_SETPIPE_SZ, _PIPE)

    def _start(self, lifeline: int) -> "subprocess.Popen[bytes]":
        arguments = [lifeline, self._limits.seconds, self._limits.memory]
        return subprocess.Popen(  # noqa: S603 - our own program, and numbers
            [sys.executable, "-s", "-P", "-m", "readers.child", *map(str, arguments)],
            env={"PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=(lifeline,),
            start_new_session=True,
            bufsize=0,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return not self._expired and self._process.poll() is None

    def ask(self, request: bytes) -> bytes:
        """The answer. Raises TooSlow, TooLarge, Failed; the child is then dead."""
        if not self._ready:
            self._exchange(None, self._limits.starting)
            self._ready = True
        self.answers += 1
        return self._exchange(request, self._limits.seconds)

    def _exchange(self, request: bytes | None, seconds: float) -> bytes:
        timer = threading.Timer(seconds, self._expire)
        timer.daemon = True
        timer.start()
        try:
            if request is not None:
                frames.write(cast(RawIOBase, self._process.stdin), request)
            return frames.read(cast(RawIOBase, self._process.stdout), self._limits.longest_answer)
        except frames.TooLong as error:
            self.kill()
            raise TooLarge from error
        except (OSError, EOFError) as error:
            raise self._failure() from error
        finally:
            timer.cancel()

    def _expire(self) -> None:
        self._expired = True
        self._process.kill()

    def _failure(self) -> Exception:
        """Why it does not answer. It closed its pipes, so it ends, and its exit status says why."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_MOMENT)
        expired = self._expired
        self.kill()
        if expired:
            return TooSlow()
        return TooLarge() if self._process.returncode == OUT_OF_MEMORY else Failed()

    def kill(self) -> None:
        """Also waits for its end, so that nothing stays behind."""
        self._process.kill()
        self._process.wait()
        self._close()

    def forget(self) -> None:
        """In a process forked from the child's parent: it is not ours to end, and must end with its parent."""
        self._process.returncode = 0
        self._close()

    def _close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1
