"""Draws the decisions of a schedule.

Two ideas from the literature make faults frequent. Each schedule has a temperament of its own, which leaves out most of
what could happen and makes the rest likely (swarm testing: Groce and others, ISSTA 2012). And threads proceed in long
stretches that are interrupted rarely and then for long, because few preemptions suffice for most faults (probabilistic
concurrency testing: Burckhardt and others, ASPLOS 2010).
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from engine.models import Run, RunState, Step
from tests.explore import graphs, world
from tests.explore.actors import Actor, Point, Status
from tests.explore.decisions import Decision, Setup
from tests.explore.schedule import Schedule

LENGTHS = (40, 60, 120)
"""Decisions of a schedule, at most."""
CLICKS = 4
"""Of people, at most: each may undo what has been reached."""
WORKERS, PEOPLE, TIME = ("W1", "W2", "W3"), ("P1", "P2"), "T"
Choice = tuple[float, Decision]
"""Weight and decision."""


@dataclass(frozen=True)
class Temperament:
    """What this schedule is inclined to."""

    length: int
    workers: tuple[str, ...]
    persistence: float
    """How likely the thread that went last goes on."""
    stops: float
    stops_at_calls: float
    deaths: float
    cuts: float
    wakes: float
    """How likely a stopped thread continues while others have something to do."""
    time: float
    eagerness: float
    """How likely another worker begins while one works."""
    impatience: float
    """How likely people click."""
    answers: dict[tuple[str, ...], tuple[str, ...]]
    """Answers of a point → those that are drawn from, with repetitions as weights."""
    clicks: tuple[str, ...]


def setup(generator: random.Random) -> Setup:
    return Setup(
        graph=generator.choice(["single", "chain", "join", "join", "diamond", "branches", "fan"]),
        runs=generator.choice([1, 1, 2]),
        effects=generator.choice([0, 0, 1, 1, 2]),
        find_first=generator.choice([True, False]),
        lag=generator.choice([0, 4]),
        queues=generator.choice([1, 2]),
        listeners=generator.choice([False, False, True]),
    )


def temperament(generator: random.Random) -> Temperament:
    def rarely(*values: float) -> float:
        return generator.choice([0.0, 0.0, *values])

    return Temperament(
        length=generator.choice(LENGTHS),
        workers=WORKERS[: generator.choice([2, 2, 3])],
        persistence=generator.choice([0.0, 0.5, 0.8, 0.95]),
        stops=generator.choice([0.0, 0.03, 0.08]),
        stops_at_calls=generator.choice([0.0, 0.15, 0.5]),
        deaths=rarely(0.01, 0.04),
        cuts=rarely(0.01, 0.04),
        wakes=generator.choice([0.1, 0.5, 2.0]),
        time=generator.choice([0.05, 0.3, 1.0]),
        eagerness=generator.choice([0.3, 3.0]),
        impatience=generator.choice([0.2, 1.0]),
        answers={
            answers: (answers[0],) * generator.choice([1, 2, 6])
            + tuple(answer for answer in answers[1:] if generator.random() < 0.5)
            for answers in (world.CREATE, world.FIND, world.DEADLINE, graphs.ENDINGS)
        },
        clicks=tuple(click for click in ("retry", "rerun", "rerun", "rerun", "cancel") if generator.random() < 0.4),
    )


class Chooser:
    """`decide` returns what happens next, or None at the end."""

    def __init__(self, schedule: Schedule, generator: random.Random) -> None:
        self.schedule, self.generator = schedule, generator
        self.temperament = temperament(generator)
        self.last = ""
        self.count = self.clicks = 0

    def decide(self) -> Decision | None:
        self.count += 1
        actors = list(self.schedule.actors.values())
        if self.count > self.temperament.length or (
            all(actor.status == Status.IDLE for actor in actors) and self._is_over()
        ):
            return None
        ready = [actor for actor in actors if actor.status == Status.READY and not actor.stopped]
        last = next((actor for actor in ready if actor.name == self.last), None)
        if last is not None and self.generator.random() < self._persistence(last):
            return self._of(last)
        choices = [(4.0, actor) for actor in ready]
        others = self._others(actors, bool(ready))
        chosen = self._drawn([*choices, *others])
        if isinstance(chosen, Actor):
            self.last = chosen.name
            return self._of(chosen)
        if isinstance(chosen, Decision):
            self.last = chosen.actor if chosen.verb == "starts" else self.last
            self.clicks += chosen.actor in PEOPLE and chosen.verb == "starts"
        return chosen

    def _persistence(self, actor: Actor) -> float:
        """Less in a transaction, where it holds locks that others meet."""
        return self.temperament.persistence * (0.6 if actor.in_transaction else 1)

    def _is_over(self) -> bool:
        return self.count % 4 == 0 and not Run.objects.filter(state=RunState.ACTIVE).exists()

    def _of(self, actor: Actor) -> Decision:
        """What happens to a thread at its point."""
        temperament, lot = self.temperament, self.generator.random()
        for probability, verb in (
            (temperament.deaths, "dies"),
            (self._stops(actor), "stops"),
            (temperament.cuts / 2, "loses-answer"),
            (temperament.cuts / 2, "is-cut-off"),
        ):
            lot -= probability
            if lot < 0 and (actor.name.startswith("W") or verb in ("dies", "stops")):
                return Decision(actor.name, verb)
        return Decision(actor.name, "goes", self._answer(actor.point))

    def _stops(self, actor: Actor) -> float:
        """Mostly after a call to the outside: there real processes spend their time."""
        if actor.name == TIME:
            return 0.0
        return self.temperament.stops_at_calls if actor.called else self.temperament.stops

    def _answer(self, point: Point) -> str:
        return self.generator.choice(self.temperament.answers.get(point.answers, point.answers))

    def _others(self, actors: Sequence[Actor], is_busy: bool) -> list[tuple[float, Decision]]:
        """What can happen besides: jobs that begin, time, the outside, and those that were stopped."""
        schedule, temperament = self.schedule, self.temperament
        choices: list[tuple[float, Decision]] = [
            (self._wakes(actors) if is_busy else 1.0, Decision(actor.name, "wakes"))
            for actor in actors
            if actor.stopped and actor.status == Status.READY
        ]
        idle = {actor.name for actor in actors if actor.status == Status.IDLE}
        for name in sorted(idle.intersection(temperament.workers)):
            choices.append(
                (temperament.eagerness if schedule.jobs.notified else 0.2, Decision(name, "starts", self._work()))
            )
        if self.clicks < CLICKS and temperament.clicks:
            choices += [
                (temperament.impatience, Decision(name, "starts", self._click()))
                for name in sorted(idle.intersection(PEOPLE))
            ]
        if TIME in idle:
            is_stopped = any(actor.stopped for actor in actors)
            ticks = self.generator.choice([4, 4, 4, 70] if is_stopped else [1, 2, 4, 70])
            weight = temperament.time * (0.3 if is_busy else 1.5) * (5 if is_stopped else 1)
            choices.append((weight, Decision(TIME, "starts", f"pass {ticks}")))
        if schedule.world.requests:
            choices.append((1.0, Decision("@", "request-arrives")))
        choices += [(0.05, Decision("@", "clears")), (0.02, Decision("@", "declines"))]
        return choices

    def _wakes(self, actors: Sequence[Actor]) -> float:
        """A stopped thread disturbs most while another one is about to call, or has just called."""
        calling = any(
            actor.status == Status.READY and not actor.stopped and (actor.called or actor.point.answers == world.CREATE)
            for actor in actors
        )
        return self.temperament.wakes * (5 if calling else 0.3)

    def _work(self) -> str:
        """What a worker receives: mostly a notification."""
        schedule = self.schedule
        queues = [queue for queue, _ in schedule.jobs.notified]
        if queues and self.generator.random() < 0.8:
            return f"drain {self.generator.choice(queues)}"
        run, step = self._target()
        return self.generator.choice(["sweep", "sweep", f"execute {run} {step}", "wake", "drain q0"])

    def _click(self) -> str:
        verb = self.generator.choice(self.temperament.clicks)
        run, step = self._started() or self._target()
        return f"cancel {run}" if verb == "cancel" else f"{verb} {run} {step}"

    def _started(self) -> tuple[int, str] | None:
        """A step that is not as it was at the start: there people click."""
        ids = [run.pk for run in self.schedule.runs]
        started = Step.objects.filter(run__in=ids, attempt__gt=0).order_by("pk").values_list("run_id", "name")
        run, step = self.generator.choice(list(started) or [(None, "")])
        return (ids.index(run), step) if run else None

    def _target(self) -> tuple[int, str]:
        setup = self.schedule.setup
        return self.generator.randrange(setup.runs), self.generator.choice(list(graphs.GRAPHS[setup.graph]))

    def _drawn(self, choices: Sequence[tuple[float, Actor | Decision]]) -> Actor | Decision | None:
        if not choices:
            return None
        return self.generator.choices([choice for _, choice in choices], [weight for weight, _ in choices])[0]
