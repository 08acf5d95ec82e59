"""The outside world: objects with names, created by calls whose answers may be lost.

It keeps the promises that the real one keeps, and no others:

- A call begins only before its deadline, `effects.fence_time()` + `http.TIMEOUT`, as in `onboarding.steps.errors.as_effect`.
  A holder that was stopped for longer makes no call.
- A request that was sent arrives by that deadline or never, even if its sender has died or has lost the step. The
  time-out covers the whole exchange, and a provider that goes on after it is what `VISIBLE_AFTER` allows for.
- An object is found at most `Setup.lag` seconds after it arrived, with `http.TIMEOUT` + lag < `VISIBLE_AFTER`.
- A clear refusal means that this request created nothing. It says nothing about other requests.
- Names are not unique: a second call creates a second object.
"""

from collections import defaultdict
from dataclasses import dataclass

from engine import effects
from engine.effects import Made
from engine.outcomes import Ambiguous, NotDone, Retry
from integrations import http
from tests.explore.actors import Point, reach
from tests.explore.clock import Clock

CREATED, REFUSED, LOST_AFTER, LOST_BEFORE, SENT = "creates", "refuses", "creates, answer lost", "request lost", "sent"
CREATE = (CREATED, REFUSED, LOST_AFTER, LOST_BEFORE, SENT)
FIND = ("looks", "fails")
DEADLINE = ("arrives", "is lost")


class Refused(Exception):
    """The other side says no."""


@dataclass(frozen=True)
class Request:
    """Under way; it arrives before `deadline` of the clock, or never."""

    name: str
    deadline: float


class World:
    def __init__(self, clock: Clock, lag: float) -> None:
        self.clock = clock
        self.lag = lag
        self.arrivals: dict[str, list[float]] = defaultdict(list)
        """Name → when each of its objects came into being."""
        self.requests: list[Request] = []
        self.cleared = False
        """The cause that blocks steps is gone."""
        self.declined = False
        """The cause will never go: somebody decided so."""

    def find(self, name: str) -> Made | None:
        if reach(Point(f"find {name}", FIND)) == "fails":
            raise Retry("The search failed")
        visible = [at for at in self.arrivals[name] if at + self.lag <= self.clock.monotonic()]
        return Made({"object": name}) if visible else None

    def create(self, name: str) -> Made:
        answer = reach(Point(f"create {name}", CREATE))
        deadline = effects.fence_time() + http.TIMEOUT
        if self.clock.monotonic() >= deadline:
            raise Ambiguous("no time was left for the call")
        if answer == REFUSED:
            raise NotDone(Refused(name))
        if answer == SENT:
            self.requests.append(Request(name, deadline))
        elif answer != LOST_BEFORE:
            self.arrivals[name].append(self.clock.monotonic())
        if answer == CREATED:
            return Made({"object": name})
        raise Ambiguous("no answer")

    def arrive(self, request: Request) -> None:
        self.requests.remove(request)
        self.arrivals[request.name].append(self.clock.monotonic())

    def expire(self, until: float) -> None:
        """Time is about to pass the deadline of these requests: each arrives now or never."""
        for request in [request for request in self.requests if request.deadline <= until]:
            if reach(Point(f"create {request.name} reaches its deadline", DEADLINE)) == "arrives":
                if request in self.requests:
                    self.arrive(request)
            elif request in self.requests:
                self.requests.remove(request)
