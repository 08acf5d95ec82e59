"""What holds for all requests within a `with` block: read-only, free of side effects, a deadline, a recording."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from integrations.http.calls import Call

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class EffectWhilePlanning(RuntimeError):
    """Planning tried to change something outside. This is a defect of ours, never a provider's answer."""


_read_only: ContextVar[bool] = ContextVar("read_only", default=False)
_side_effect_free: ContextVar[bool] = ContextVar("side_effect_free", default=False)
_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
_recording: ContextVar[list[Call] | None] = ContextVar("recording", default=None)


@contextmanager
def read_only() -> Iterator[None]:
    """Only requests without effects are sent within this block: safe methods, and those declared `side_effect_free()`."""
    token = _read_only.set(True)
    try:
        yield
    finally:
        _read_only.reset(token)


@contextmanager
def side_effect_free() -> Iterator[None]:
    """A provider declares the calls of this block free of effects (a search by POST, a dry run, an access review)."""
    token = _side_effect_free.set(True)
    try:
        yield
    finally:
        _side_effect_free.reset(token)


@contextmanager
def deadline(deadline: float) -> Iterator[None]:
    """All exchanges of this block end before `deadline` (of `time.monotonic()`), and none begins after it. An earlier one
    around the block remains."""
    around = _deadline.get()
    token = _deadline.set(deadline if around is None else min(around, deadline))
    try:
        yield
    finally:
        _deadline.reset(token)


@contextmanager
def recording() -> Iterator[list[Call]]:
    """Collects every call of this block, in order."""
    calls: list[Call] = []
    token = _recording.set(calls)
    try:
        yield calls
    finally:
        _recording.reset(token)


def changes(call: Call) -> bool:
    """Whether this request may change something. Raises EffectWhilePlanning where it may and must not."""
    if call.method in SAFE_METHODS or _side_effect_free.get():
        return False
    if _read_only.get():
        raise EffectWhilePlanning(f"Planning tried to {call.method} {call.url}")
    return True


def current_deadline() -> float | None:
    return _deadline.get()


def record(call: Call) -> None:
    calls = _recording.get()
    if calls is not None:
        calls.append(call)
