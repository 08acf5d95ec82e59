"""The smallest provider with an effect: a real HTTP server on which every POST creates one more object.

`KIND` is a run of two steps in one queue: `create` creates one object, by the protocol of effects and with the HTTP
session of the product's providers; `after` follows.
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

from engine import registry, runs
from engine.context import Work
from engine.effects import Made
from engine.models import Run, RunState, Step, StepState
from engine.outcomes import Done, Outcome
from engine.registry import StepKind
from events.models import Event
from integrations import http
from integrations.errors import from_status
from onboarding.steps.errors import as_effect, translates_errors_of

KIND = "fake_provider"
QUEUE = "fake_provider"


class FakeProvider:
    """The server and its client. A test may replace `url`, to reach the server through a proxy."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.objects: Counter[str] = Counter()
        """Name → how many objects of that name exist."""

    def perform(self, work: Work) -> Outcome:
        name = str(work.run.pk)
        work.ensure("object", name, find=lambda: self.find(name), create=as_effect(lambda: self.create(name)))
        return Done("The object exists.")

    def create(self, name: str) -> Made:
        answer = http.session("fake").post(f"{self.url}/{name}")
        if not answer.ok:
            raise from_status("fake", answer.status_code, "could not create the object", answer.headers)
        return Made({"name": name})

    def find(self, name: str) -> Made | None:
        answer = http.session("fake").get(f"{self.url}/{name}")
        if not answer.ok:
            raise from_status("fake", answer.status_code, "could not find the object", answer.headers)
        return Made({"name": name}) if http.json_of("fake", answer) else None


def after(_: Work) -> Outcome:
    return Done("Done as well.")


@contextmanager
def serving(before_answer: Callable[[], None] = lambda: None) -> Iterator[FakeProvider]:
    """The running provider, with its kind of run registered. `before_answer` is called after each effect."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body leave together

        def do_GET(self) -> None:
            self._answer(provider.objects[self.path[1:]])

        def do_POST(self) -> None:
            provider.objects[self.path[1:]] += 1
            before_answer()
            self._answer(provider.objects[self.path[1:]])

        def _answer(self, count: int) -> None:
            body = json.dumps(count).encode() + b" " * 1000  # long enough for half of the answer to end in the body
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Keep the output of the tests free of requests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider = FakeProvider(server.server_address[1])
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    create = translates_errors_of("logs")(provider.perform)
    kinds = [StepKind("create", "Create", QUEUE, (), create), StepKind("after", "", QUEUE, ("create",), after)]
    registry.register(KIND, kinds)
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()


def start_run() -> Run:
    with transaction.atomic():
        return runs.start(KIND)


def all_done(runs: list[Run]) -> bool:
    return Run.objects.filter(pk__in=[run.pk for run in runs], state=RunState.DONE).count() == len(runs)


def assert_each_done_once(provider: FakeProvider, runs: list[Run]) -> None:
    """Each run has ended, with one object at the provider and one “done” event per step."""
    assert all_done(runs), [(step.name, step.state, step.reason) for run in runs for step in run.steps.all()]
    assert provider.objects == Counter({str(run.pk): 1 for run in runs})
    for run in runs:
        done = Event.objects.filter(subject=f"run:{run.pk}", type="onramp.step.done")
        assert sorted(event.data["step"] for event in done) == ["after", "create"]


def pass_time(step_id: int) -> None:
    """The step's lease expires, or its wait is over."""
    connection.close()
    Step.objects.filter(pk=step_id, state=StepState.RUNNING).update(lease_until=Now() - timedelta(seconds=1))
    Step.objects.filter(pk=step_id, state=StepState.WAITING).update(due_at=Now())
