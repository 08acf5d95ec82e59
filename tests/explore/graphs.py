"""The runs of a schedule: small graphs whose steps have effects and end as the scheduler decides."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from engine import registry
from engine.context import Work
from engine.models import Move
from engine.outcomes import Declined, Done, Failure, Outcome, Retry, Wait
from engine.registry import StepKind
from onboarding.blockers import causes, lifecycle
from onboarding.blockers.causes import Cause, Check, Facts
from onboarding.models import Blocker, BlockerState, RunKind
from onboarding.steps import blocker
from tests.explore.actors import Actor, Point, reach
from tests.explore.decisions import Setup
from tests.explore.world import Refused, World

GRAPHS: dict[str, dict[str, tuple[str, ...]]] = {
    "single": {"only": ()},
    "chain": {"first": (), "second": ("first",)},
    "join": {"left": (), "right": (), "last": ("left", "right")},
    "diamond": {"first": (), "left": ("first",), "right": ("first",), "last": ("left", "right")},
    "branches": {"a": (), "b": ("a",), "c": (), "d": ("c",), "last": ("b", "d")},
    "fan": {"first": (), "left": ("first",), "middle": ("first",), "right": ("first",)},
}
"""Name → step → what it needs."""

ENDINGS = ("done", "waits", "retries", "fails", "is blocked", "is declined", "has a bug")
TOPIC = "explored"
WAIT = 600.0
"""Seconds until a waiting step would check automatically."""


@dataclass
class Scene:
    """What the code of the steps acts on; one schedule after the other sets its own."""

    setup: Setup
    world: World


_scene: list[Scene] = []
_heard: set[str] = set()
"""Kinds of runs with a listener: one stays until the process ends."""


def scene() -> Scene:
    return _scene[0]


def run_kind(setup: Setup) -> str:
    return f"{setup.graph} {'heard' if setup.listeners else ''}".strip()


def register(setup: Setup, world: World) -> None:
    """Makes these the steps of the kinds of runs that the schedule has."""
    _scene[:] = [Scene(setup, world)]
    kind, graph = run_kind(setup), GRAPHS[setup.graph]
    steps = [
        StepKind(name, name, f"q{position % setup.queues}", needs, partial(held, perform))
        for position, (name, needs) in enumerate(graph.items())
    ]
    registry.register(kind, steps)
    if setup.listeners and kind not in _heard:
        _heard.add(kind)
        registry.on_change(kind, lambda run, step: None)
    registry.register(
        RunKind.BLOCKER, [StepKind("clear", "Clear", "q0", (), partial(held, perform_blocker), never_fails=True)]
    )


def held(perform: Callable[[Work], Outcome], work: Work) -> Outcome:
    """Notes who executes the step's code: a living worker's heartbeat renews its lease when time passes."""
    thread = threading.current_thread()
    if isinstance(thread, Actor):
        thread.held = work.step
    try:
        return perform(work)
    finally:
        if isinstance(thread, Actor):
            thread.held = None


def perform(work: Work) -> Outcome:
    setup, world, name = scene().setup, scene().world, work.step.name
    for number in range(setup.effects):
        effect = f"{name}-{number} of {work.run.pk}"
        try:
            work.ensure(
                "object",
                effect,
                create=partial(world.create, effect),
                find=partial(world.find, effect),
                find_first=setup.find_first,
            )
        except Refused as error:
            raise Failure("The other side refused") from error
    return _ended(reach(Point(f"{name} returns", ENDINGS)), work)


def _ended(how: str, work: Work) -> Outcome:
    match how:
        case "waits":
            return Wait("waits", WAIT)
        case "retries":
            raise Retry("Something was away")
        case "fails":
            raise Failure("It cannot be done")
        case "is blocked":
            return lifecycle.blocked(_cause())
        case "is declined":
            return Declined("Somebody decided against it")
        case "has a bug":
            raise LookupError("a bug in the step's code")
    return Done("done", {"epoch": work.step.epoch})


def _cause() -> Cause:
    """One cause for all steps of all runs, so that they share its blocker."""
    return Cause(CAUSE, "it", Move.TEAM, "Something is in the way", "It is in the way.", "It is gone.")


def _check(facts: Facts) -> Check:
    return Check(scene().world.cleared, "It is gone." if scene().world.cleared else "It is in the way.")


CAUSE = causes.register("explored", title="An explored cause", check=_check)


def perform_blocker(work: Work) -> Outcome:
    """The product's own step; only the ticket is missing whose closing declines a blocker."""
    row = Blocker.objects.get(pk=work.run.pk)
    if scene().world.declined and row.state == BlockerState.OPEN:
        return blocker.close(work, row, BlockerState.DECLINED, "Somebody decided against it")
    return blocker.perform(work)
