"""What must hold after a schedule, by the record of every transition, the rows, and the world. A violation is a sentence."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection

from engine.models import Effect, EffectState, Run, RunState, Step, StepState
from onboarding.models import BlockerState
from tests.explore.decisions import Setup
from tests.explore.graphs import GRAPHS
from tests.explore.world import World

LIVE = {StepState.READY, StepState.RUNNING, StepState.WAITING, StepState.BLOCKED, StepState.FAILED}


@dataclass(frozen=True)
class Transition:
    """Of a step, of an effect (its name), or of a run (`step` is None). `pid` is of the connection that wrote it."""

    id: int
    transaction: int
    pid: int
    run: UUID
    step: int | None
    effect: str
    before: str
    after: str
    epoch_before: int | None
    epoch_after: int | None
    is_expired: bool | None
    is_of_blocker: bool
    """A blocker was closed."""
    is_try: bool
    """Of an effect: a call comes next."""


@dataclass
class Record:
    """The rows of the explored runs; those of blockers are among `transitions`."""

    transitions: list[Transition]
    runs: dict[UUID, Run]
    steps: dict[int, Step]
    effects: list[Effect]
    states: set[tuple[str, ...]] = field(default_factory=set)
    """Every combination of the steps' states that was reached."""


def read(runs: list[Run]) -> Record:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM virtual.transition ORDER BY id")
        transitions = [Transition(*row) for row in cursor.fetchall()]
    ids = [run.pk for run in runs]
    steps = {step.pk: step for step in Step.objects.filter(run__in=ids).order_by("pk")}
    return Record(
        transitions,
        {run.pk: run for run in Run.objects.filter(pk__in=ids)},
        steps,
        list(Effect.objects.filter(step__run__in=ids).select_related("step")),
    )


def violations(record: Record, world: World, setup: Setup, actors: Mapping[int, str]) -> list[str]:
    """`actors` names whom a connection belonged to."""
    checks: list[Iterator[str]] = [
        _effects(record, world),
        Holders(record, actors).violations(),
        _results(record),
        _joins(record, setup),
        _ended_runs(record),
        _blockers(record),
        _ends(record),
    ]
    return [violation for check in checks for violation in check]


def _effects(record: Record, world: World) -> Iterator[str]:
    """Never twice, never zero; and clean-up knows of everything."""
    rows = {effect.name: effect for effect in record.effects}
    for name, arrivals in world.arrivals.items():
        if len(arrivals) > 1:
            yield f"“{name}” exists {len(arrivals)} times"
        if arrivals and (name not in rows or rows[name].state == EffectState.REFUSED):
            yield f"“{name}” exists, but its row says: {rows[name].state if name in rows else 'there is none'}"
    for name, effect in rows.items():
        if effect.state == EffectState.MADE and not world.arrivals[name]:
            yield f"“{name}” is recorded as made, but does not exist"
        if effect.step.state == StepState.DONE and effect.state != EffectState.MADE:
            yield f"{effect.step.name} is done, but its effect “{name}” is {effect.state}"


class Holders:
    """Who holds which step, as the transitions proceed."""

    def __init__(self, record: Record, actors: Mapping[int, str]) -> None:
        self._record, self._actors = record, actors
        self._holders: dict[int, str] = {}
        self._triers: dict[tuple[int, str], str] = {}
        """Step and effect → who tried last."""

    def violations(self) -> Iterator[str]:
        for change in self._record.transitions:
            actor = self._actors.get(change.pid, "")
            if change.effect:
                yield from self._effect(change, actor)
            elif change.step is not None:
                yield from self._step(change, actor)

    def _effect(self, change: Transition, actor: str) -> Iterator[str]:
        """What exists is recorded by the worker that created it. Only the holder tries; and a try was refused only if nobody has
        tried since, for of a later one that answer says nothing."""
        assert change.step is not None
        effect = (change.step, change.effect)
        if change.is_try:
            if self._holders.get(change.step) != actor:
                yield f"{actor} tries “{change.effect}”, but {self._holder(change.step)}"
            self._triers[effect] = actor
        elif change.after == EffectState.REFUSED and self._triers.get(effect) != actor:
            yield f"{actor} wrote {change.before} → refused of “{change.effect}”, but {self._triers.get(effect)} has tried since"

    def _step(self, change: Transition, actor: str) -> Iterator[str]:
        assert change.step is not None
        assert change.epoch_before is not None
        assert change.epoch_after is not None
        name = (
            f"{_name(self._record, change)} ({change.before} → {change.after}, "
            f"epoch {change.epoch_before} → {change.epoch_after})"
        )
        if change.epoch_after < change.epoch_before:
            yield f"the epoch of {name} shrank"
        if change.before == change.after == StepState.RUNNING and not change.is_expired:
            yield f"{name} was claimed by {actor}, but {self._holder(change.step)} and its lease has not expired"
        if change.after == StepState.RUNNING and change.epoch_after != change.epoch_before + 1:
            yield f"{name} was claimed without a new epoch"
        is_written = change.before == StepState.RUNNING and change.epoch_after == change.epoch_before
        if is_written and self._holders.get(change.step) != actor:
            yield f"{name} was written by {actor}, but {self._holder(change.step)}"
        is_released = change.before == StepState.BLOCKED and change.after in (StepState.READY, StepState.DECLINED)
        if is_released and actor.startswith("W") and actor not in self._watching():
            yield f"{name} was released by {actor}, which holds no blocker"
        if change.after == StepState.RUNNING:
            self._holders[change.step] = actor
        else:
            self._holders.pop(change.step, None)

    def _watching(self) -> set[str]:
        """Those who hold the step of a blocker."""
        return {actor for step, actor in self._holders.items() if step not in self._record.steps}

    def _holder(self, step: int) -> str:
        return f"{self._holders[step]} holds it" if step in self._holders else "nobody holds it"


def _results(record: Record) -> Iterator[str]:
    for step in record.steps.values():
        if step.state == StepState.DONE and step.result.get("epoch") != step.epoch:
            yield f"{step.name} is done in epoch {step.epoch}, but has the result of {step.result.get('epoch')}"


def _joins(record: Record, setup: Setup) -> Iterator[str]:
    """A step begins only once everything that it needs is done; also gathers the combinations of states."""
    graph = GRAPHS[setup.graph]
    for run in record.runs:
        states = dict.fromkeys(graph, StepState.NOT_STARTED.value) | {
            name: StepState.READY.value for name, needs in graph.items() if not needs
        }
        for change in record.transitions:
            if change.run != run or change.step is None or change.effect:
                continue
            name = record.steps[change.step].name
            states[name] = change.after
            record.states.add((setup.graph, *states.values()))
            missing = [need for need in graph[name] if states[need] != StepState.DONE]
            if change.before == StepState.NOT_STARTED and change.after in LIVE and missing:
                yield f"{name} became {change.after}, but {missing} are not done"


def _ended_runs(record: Record) -> Iterator[str]:
    ended: dict[UUID, Transition] = {}
    for change in record.transitions:
        end = ended.get(change.run)
        if change.effect or change.is_of_blocker:
            continue
        if end is not None and change.transaction != end.transaction:
            what = "the run" if change.step is None else _name(record, change)
            yield f"{what} went from {change.before} to {change.after} after its run had ended as {end.after}"
        if change.step is None and end is None:
            ended[change.run] = change


def _blockers(record: Record) -> Iterator[str]:
    """A blocker is closed once, or those whom it held would be told two things."""
    for change in record.transitions:
        if change.is_of_blocker and change.before != BlockerState.OPEN:
            yield f"a blocker was closed as {change.after} after it had been closed as {change.before}"


def _ends(record: Record) -> Iterator[str]:
    for run in record.runs.values():
        states = {step.name: step.state for step in record.steps.values() if step.run_id == run.pk}
        if run.state != RunState.ACTIVE and LIVE.intersection(states.values()):
            yield f"the run has ended as {run.state}, but its steps are {states}"
        if (run.state == RunState.DONE) != (Counter(states.values()).keys() == {StepState.DONE}):
            yield f"the run is {run.state}, and its steps are {states}"


def _name(record: Record, change: Transition) -> str:
    return record.steps[change.step].name if change.step in record.steps else f"a blocker's step {change.step}"
