"""A few children that wait for work. A thread that finds all of them busy waits a bounded time."""

import contextlib
import os
import threading

from readers.failures import Busy, Failed
from readers.limits import Limits
from readers.process import Child


class Pool:
    """For all threads of one process. A process that is forked from it begins without children."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._begin()
        os.register_at_fork(after_in_child=self._forget)

    def _begin(self) -> None:
        self._free = threading.BoundedSemaphore(self.limits.children)
        self._lock = threading.Lock()
        self._idle: list[Child] = []
        self._children: set[Child] = set()

    def ask(self, request: bytes) -> bytes:
        """Raises Busy, TooSlow, TooLarge, Failed."""
        if not self._free.acquire(timeout=self.limits.patience):
            raise Busy
        try:
            child = self._take()
            try:
                return child.ask(request)
            finally:
                self._give_back(child)
        finally:
            self._free.release()

    def warm(self) -> None:
        """Start a child, if there is none, without waiting for it."""
        with self._lock:
            if not self._children:
                self._idle.append(self._start())

    def close(self) -> None:
        """End the idle children."""
        with self._lock:
            while self._idle:
                self._end(self._idle.pop())

    def pids(self) -> list[int]:
        """The processes of the children."""
        with self._lock:
            return [child.pid for child in self._children]

    def _take(self) -> Child:
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.alive:
                    return child
                self._end(child)
            try:
                return self._start()
            except OSError as error:
                raise Failed from error

    def _give_back(self, child: Child) -> None:
        with self._lock:
            if not child.alive or child.answers >= self.limits.answers:
                self._end(child)
                with contextlib.suppress(OSError):  # the next one who asks tries it again
                    self._idle.append(self._start())  # gets ready while nobody waits for it
            else:
                self._idle.append(child)

    def _start(self) -> Child:
        child = Child(self.limits)
        self._children.add(child)
        return child

    def _end(self, child: Child) -> None:
        self._children.discard(child)
        child.kill()

    def _forget(self) -> None:
        """In a forked process: the children are the parent's, and must end with it."""
        for child in self._children:
            child.forget()
        self._begin()
