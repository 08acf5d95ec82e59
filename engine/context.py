"""What a step's code is given while it runs."""

import functools
import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol, TypeVar

from django.db import transaction
from django.utils import timezone

from database import clock, prepared
from engine import effects, lease, statements
from engine.models import EffectState, Run, Step
from engine.outcomes import Lost


class StepResult(Protocol):
    """A frozen dataclass of JSON values that one step returns in `Done` and later steps read."""

    step: ClassVar[str]
    """The name of the step that returns it."""

    def __init__(self, **values: Any) -> None: ...


Result = TypeVar("Result", bound=StepResult)


class Work:
    """One execution of a step: its row, what earlier steps returned, its log and its effects."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.lines: list[str] = []
        self.began = time.monotonic()

    @property
    def run(self) -> Run:
        return self.step.run

    @functools.cached_property
    def _results(self) -> dict[str, dict[str, Any]]:
        """Step name → result, of all steps of this run."""
        rows = prepared.execute(statements.RESULTS, {"run": self.step.run_id})
        return {name: json.loads(result) for name, result in rows}

    def result(self, kind: type[Result]) -> Result:
        """What an earlier step of this run returned. Raises KeyError where the run has no such step, TypeError where the
        step has not returned yet."""
        return kind(**self._results[kind.step])

    def now(self) -> datetime:
        """By the clock that all workers share, as every time in a row."""
        return clock.now()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction for everything that a step's code writes to rows. It commits only while this worker holds the step.
        Raises Lost."""
        with transaction.atomic():
            prepared.execute(statements.LOCK, {"run": self.run.pk})
            lease.renew(self.step)
            yield

    def remember(self, **values: object) -> None:
        """Keep values for the next executions of this step, in its result. Raises Lost."""
        self.step.result = self.step.result | values
        if not lease.held(self.step).update(result=self.step.result):
            raise Lost

    def created_by_this_run(self, kind: str, name: str, created: bool) -> bool:
        """Whether this run created the effect: now, or in an earlier try that found nothing of that name."""
        if created:
            return True
        known = self.step.known_effects.get((kind, name))
        return known is not None and bool(known.reference.get("created"))

    def log(self, line: str) -> None:
        self.lines.append(f"{timezone.now():%H:%M:%S} {line}\n")

    def ensure(
        self,
        kind: str,
        name: str,
        *,
        create: Callable[[], effects.Made],
        find: Callable[[], effects.Made | None] | None = None,
        visible_after: timedelta | None = None,
        find_first: bool = True,
        turn: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> effects.Made:
        """See `effects.ensure`."""
        known = self.step.known_effects.get((kind, name))
        made = effects.ensure(
            self.step,
            kind,
            name,
            create=create,
            find=find,
            visible_after=visible_after,
            find_first=find_first,
            turn=turn,
        )
        if known is None or known.state != EffectState.MADE:
            self.log(f"{kind} {name}")
        return made
