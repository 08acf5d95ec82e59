"""The smallest outside with an effect: things on a shelf, over real HTTP, of which every request makes another one.

`KIND` is a run of two steps: the first puts one thing there, by the protocol of effects and the door that the product's
providers use; the second follows in the same lane.
"""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from django.db import connection, transaction
from django.db.models.functions import Now

from events.models import Event
from integrations import http
from integrations.errors import from_status
from onboarding.engine import progress, registry
from onboarding.engine.effects import Made
from onboarding.engine.outcomes import Done, Outcome
from onboarding.engine.registry import StepKind
from onboarding.engine.work import Work
from onboarding.models import Run, RunState, Step, StepState
from onboarding.steps.outside import changing, meets

KIND = "shelf"
LANE = "shelf"


class Shelf:
    """`url` is where it answers; another one may be set, to reach it by way of a proxy."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.things: Counter[str] = Counter()

    def put(self, work: Work) -> Outcome:
        name = str(work.run.pk)
        work.ensure("thing", name, look=lambda: self.look(name), make=changing(lambda: self.make(name)))
        return Done("It is there.")

    def make(self, name: str) -> Made:
        answer = http.session("shelf").post(f"{self.url}/{name}")
        if not answer.ok:
            raise from_status("shelf", answer.status_code, "it did not go well", answer.headers)
        return Made({"name": name})

    def look(self, name: str) -> Made | None:
        answer = http.session("shelf").get(f"{self.url}/{name}")
        if not answer.ok:
            raise from_status("shelf", answer.status_code, "it did not go well", answer.headers)
        return Made({"name": name}) if http.json_of("shelf", answer) else None


def after(_: Work) -> Outcome:
    return Done("And on.")


@contextmanager
def standing(before_answer: Callable[[], None] = lambda: None) -> Iterator[Shelf]:
    """A shelf, and its kind of run registered. `before_answer` comes after the effect."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body leave together

        def do_GET(self) -> None:
            self._answer(shelf.things[self.path[1:]])

        def do_POST(self) -> None:
            shelf.things[self.path[1:]] += 1
            before_answer()
            self._answer(shelf.things[self.path[1:]])

        def _answer(self, count: int) -> None:
            body = json.dumps(count).encode() + b" " * 1000  # long enough for the half of it to be in the body
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """The test tells what it needs to know."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    shelf = Shelf(server.server_address[1])
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    put = meets("logs")(shelf.put)
    registry.register(KIND, [StepKind("put", "Put", LANE, (), put), StepKind("after", "", LANE, ("put",), after)])
    try:
        yield shelf
    finally:
        server.shutdown()
        server.server_close()


def begin() -> Run:
    with transaction.atomic():
        return progress.start(KIND)


def all_done(runs: list[Run]) -> bool:
    return Run.objects.filter(pk__in=[run.pk for run in runs], state=RunState.DONE).count() == len(runs)


def once_each(shelf: Shelf, runs: list[Run]) -> None:
    """Each run ended, with one thing outside and one "done" per step in the record."""
    assert all_done(runs), [(step.name, step.state, step.reason) for run in runs for step in run.steps.all()]
    assert shelf.things == Counter({str(run.pk): 1 for run in runs})
    for run in runs:
        done = Event.objects.filter(subject=f"run:{run.pk}", type="onramp.step.done")
        assert sorted(one.data["step"] for one in done) == ["after", "put"]


def lease_ends(step: int) -> None:
    """Time passes for this step, whoever holds it or whatever it waits for."""
    connection.close()
    Step.objects.filter(pk=step, state=StepState.RUNNING).update(lease_until=Now() - timedelta(seconds=1))
    Step.objects.filter(pk=step, state=StepState.WAITING).update(due_at=Now())
