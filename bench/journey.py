"""One onboarding in this process: the real engine with the real steps, and the moves of its people."""

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import requests
from django.core.management import call_command
from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from bench.ledger import Ledger
from catalog.models import Person
from events import bell, intake
from integrations import providers
from onboarding import actions, sweeping
from onboarding.engine import work
from onboarding.models import Onboarding, RunState, Step, StepState
from portal.wsgi import application

LONGEST = 300.0
SWEEP = 2.0


class Journey:
    """Carries the rings that Celery would carry, one after the other, and writes down what each turn costs.

    Webhooks are taken in between, by the same thread: what a piece costs is then not mixed with waiting for another's turn
    at Python's lock.
    """

    def __init__(self, ledger: Ledger, sandbox_url: str, repository: str, webhooks: "Webhooks") -> None:
        self.ledger = ledger
        self.sandbox_url = sandbox_url
        self.repository = repository
        self.webhooks = webhooks
        self.rings: queue.SimpleQueue[tuple[str, int]] = queue.SimpleQueue()
        bell.carried_by(lambda lane, pk: self.rings.put((lane, pk)))

    def run(self) -> Onboarding:
        """From the address to the proof. Raises RuntimeError with the step that stands in the way."""
        person = Person.objects.create_user("alice", "alice@acme.example")
        with self.ledger.piece("plan"):
            plan = actions.plan(person, f"{self.sandbox_url}/github/{self.repository}")
        with self.ledger.piece("start"):
            onboarding, _ = actions.start(person, plan, plan.digest)
        self._until(lambda: self._state(onboarding, "merge") == StepState.WAITING, onboarding)
        self.ledger.merged = True
        self._merge(onboarding)
        self._until(lambda: Onboarding.objects.get(pk=onboarding.pk).run.state == RunState.DONE, onboarding)
        self._drain()
        return onboarding

    def _until(self, reached: Callable[[], bool], onboarding: Onboarding) -> None:
        deadline = time.monotonic() + LONGEST
        swept = time.monotonic()
        while not reached():
            if time.monotonic() > deadline:
                raise RuntimeError(f"not within {LONGEST:g} s: {self._standing(onboarding)}")
            if time.monotonic() - swept > SWEEP:
                sweeping.once()
                swept = time.monotonic()
            self._one(0.2)
            stopped = onboarding.run.steps.filter(state__in=[StepState.FAILED, StepState.BLOCKED, StepState.REFUSED])
            if stopped.exists():
                raise RuntimeError(self._standing(onboarding))

    def _drain(self) -> None:
        """What the end of the run rang for: the messages to people, the first look of the watch."""
        quiet = time.monotonic() + 2
        while time.monotonic() < quiet:
            if self._one(0.2):
                quiet = time.monotonic() + 1

    def _one(self, patience: float) -> bool:
        deadline = time.monotonic() + patience
        while self.rings.empty() and not self.webhooks.take() and time.monotonic() < deadline:
            time.sleep(0.002)
        try:
            lane, pk = self.rings.get_nowait()
        except queue.Empty:
            return False
        if lane == "events":
            with self.ledger.piece("webhook understood"):
                intake.handle(pk)
            return True
        step = Step.objects.select_related("run").get(pk=pk)
        with self.ledger.piece(step.name) as piece:
            piece.waited = not work.turn(pk)
        step.refresh_from_db()
        piece.waited = piece.waited or step.state == StepState.WAITING
        return True

    def _merge(self, onboarding: Onboarding) -> None:
        """Alice's move."""
        number = onboarding.run.steps.get(name="pull_request").result["number"]
        answer = requests.put(
            f"{self.sandbox_url}/github/api/v3/repos/{self.repository}/pulls/{number}/merge",
            json={},
            headers={"Authorization": "Bearer sandbox-alice-token"},
            timeout=30,
        )
        answer.raise_for_status()

    def _state(self, onboarding: Onboarding, name: str) -> str:
        return str(onboarding.run.steps.get(name=name).state)

    def _standing(self, onboarding: Onboarding) -> str:
        rows = onboarding.run.steps.exclude(state=StepState.DONE)
        return "\n".join(
            f"{row.name} {row.state}: {row.reason} {row.detail} {row.blocker.explanation if row.blocker else ''}"
            for row in rows.select_related("blocker")
        )


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the ledger has it."""


class Webhooks:
    """Requests that wait until the measured thread takes them."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._waiting: queue.SimpleQueue[tuple[dict[str, Any], Any, Future[list[bytes]]]] = queue.SimpleQueue()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer: Future[list[bytes]] = Future()
        self._waiting.put((environ, start_response, answer))
        return answer.result(LONGEST)

    def take(self) -> bool:
        """Answer one, if there is one."""
        try:
            environ, start_response, answer = self._waiting.get_nowait()
        except queue.Empty:
            return False
        with self.ledger.piece("webhook stored"):
            answer.set_result(list(application(environ, start_response)))
        return True


@contextmanager
def serving(ledger: Ledger, port: int) -> Iterator[Webhooks]:
    """Our web server on the loopback, for the webhooks; each request is a piece."""
    webhooks = Webhooks(ledger)
    with make_server("127.0.0.1", port, webhooks, WSGIServer, _Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, name="web", daemon=True)
        thread.start()
        try:
            yield webhooks
        finally:
            server.shutdown()


def warm_up(ledger: Ledger, portal_url: str, webhooks: Webhooks) -> None:
    """What a process does once in its life is no cost of a run: loading clients, addresses and templates."""
    for capability in providers.CATALOGUE:
        providers.provider(capability)
    for capability in ("source", "cluster", "metrics", "logs", "issues"):
        providers.provider(capability).ready()
    forged = threading.Thread(target=requests.post, args=[f"{portal_url}/events/github/"], kwargs={"data": b"{}"})
    forged.start()
    while forged.is_alive():
        webhooks.take()
    ledger.pieces.clear()


@contextmanager
def database() -> Iterator[None]:
    """An empty database beside the one that DATABASE_URL names, with the sandbox's teams in it."""
    before = setup_databases(verbosity=0, interactive=False)
    try:
        call_command("seed_demo", verbosity=0, stdout=open("/dev/null", "w"))  # noqa: SIM115
        yield
    finally:
        teardown_databases(before, verbosity=0)


def plain_inserts(count: int) -> float:
    """Seconds that so many statements take at the least here: inserts of one row, each its own transaction."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE plain (id bigserial PRIMARY KEY, said text)")
        began = time.perf_counter()
        for number in range(count):
            cursor.execute("INSERT INTO plain (said) VALUES (%s)", [f"row {number}"])
        return time.perf_counter() - began
