"""One module for each provider, named `<capability>_<provider>`, with its row for test_promises.py.

A row holds the answers that the real tool gives, and the calls that must turn them into the promised result.
"""

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from integrations.providers import Registration
from tests.integrations.answering import Answer, Answers

P = TypeVar("P")


@dataclass(frozen=True)
class Case(Generic[P]):
    """A call, the tool's answers to it, and what it returns if it must not raise."""

    call: Callable[[P], object]
    answers: Answers
    result: object = None
    requests: bool = True
    """Whether the call sends a request at all."""


@dataclass(frozen=True)
class NotPromised:
    """The capability promises nothing of the kind, for this reason."""

    reason: str


Cases = tuple[Case[P], ...] | NotPromised


@dataclass(frozen=True)
class Row(Generic[P]):
    """What one provider must do with the answers of its tool."""

    options: Callable[[str], dict[str, str]]
    """The options, without the secrets, for a tool at this address. Secrets are filled in by the suite."""
    ready: Answers
    """The tool's answers when all is well."""
    denied: tuple[Answer, ...]
    """The tool's answers to wrong credentials."""
    rate_limited: Answer
    retry_after: float
    """The seconds that `rate_limited` asks for."""
    reads: tuple[Case[P], ...]
    """Reading calls whose result depends on the shape of the answer, with a good answer."""
    change: Case[P] | NotPromised
    """A call with an effect, with a good answer."""
    missing: Cases[P]
    """Calls about an object that does not exist. They return `result`."""
    raises_missing: Cases[P]
    """Calls about an object that does not exist. They raise Missing."""
    conflict: Cases[P]
    """Calls that somebody else's state does not allow. They raise Conflict."""
    repeated: Cases[P]
    """Calls whose effect is already there, with the tool's answers to the second call. They return `result`."""


def module_of(registration: Registration[Any]) -> str:
    return f"{__name__}.{registration.capability}_{registration.name}"


def row_of(registration: Registration[Any]) -> Row[Any] | None:
    """None if the provider has no row."""
    module = module_of(registration)
    if importlib.util.find_spec(module) is None:
        return None
    row: Row[Any] = importlib.import_module(module).ROW
    return row
