"""One onboarding in this process: the real engine with the real steps, and what people do."""

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

from bench.cost.ledger import Ledger
from catalog.models import Membership, Person
from engine import execution, sweeper
from engine.models import RunState, Step, StepState
from events import intake, notifier
from integrations import providers
from onboarding.actions import onboardings, plans
from onboarding.models import Blocker, Onboarding
from portal.wsgi import application

TIMEOUT = 300.0
SWEEP_INTERVAL = 2.0
CHECKED_AT_START = ("source", "cluster", "metrics", "logs", "issues")
"""Capabilities whose providers are called once before the measurement."""


class Driver:
    """Executes what Celery would execute, one notification at a time, and records the cost of each.

    The same thread answers webhooks in between, so that no part's cost includes waiting for another one at Python's lock.
    """

    def __init__(self, ledger: Ledger, sandbox_url: str, repository: str, webhooks: "Webhooks") -> None:
        self.ledger = ledger
        self.sandbox_url = sandbox_url
        self.repository = repository
        self.webhooks = webhooks
        self.notifications: queue.SimpleQueue[tuple[str, int]] = queue.SimpleQueue()
        notifier.set_transport(lambda queue_name, row_id: self.notifications.put((queue_name, row_id)))

    def run(self) -> Onboarding:
        """From the address to the verification. Raises RuntimeError with the step that stopped."""
        account = Membership.objects.account_of("alice")  # of the login that her team has, as after a sign-in
        person = Person.objects.create_user("alice", "alice@acme.example", account_id=account)
        with self.ledger.part("plan"):
            plan = plans.create(person, f"{self.sandbox_url}/github/{self.repository}")
        with self.ledger.part("start"):
            onboarding, _ = onboardings.start(person, plan, plan.digest)
        self._execute_until(lambda: self._state(onboarding, "merge") == StepState.WAITING, onboarding)
        self.ledger.merged = True
        self._merge(onboarding)
        self._execute_until(lambda: Onboarding.objects.get(pk=onboarding.pk).run.state == RunState.DONE, onboarding)
        self._execute_rest()
        return onboarding

    def _execute_until(self, reached: Callable[[], bool], onboarding: Onboarding) -> None:
        deadline = time.monotonic() + TIMEOUT
        swept = time.monotonic()
        while not reached():
            if time.monotonic() > deadline:
                raise RuntimeError(f"not done within {TIMEOUT:g} s:\n{self._unfinished(onboarding)}")
            if time.monotonic() - swept > SWEEP_INTERVAL:
                sweeper.sweep()
                swept = time.monotonic()
            self._execute_next(0.2)
            stopped = onboarding.run.steps.filter(state__in=[StepState.FAILED, StepState.BLOCKED, StepState.DECLINED])
            if stopped.exists():
                raise RuntimeError(self._unfinished(onboarding))

    def _execute_rest(self) -> None:
        """What the end of the run triggers: messages to people, the first check of the watch."""
        quiet = time.monotonic() + 2
        while time.monotonic() < quiet:
            if self._execute_next(0.2):
                quiet = time.monotonic() + 1

    def _execute_next(self, timeout: float) -> bool:
        """Handle the next notification; False where none arrived within `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while self.notifications.empty() and not self.webhooks.answer_next() and time.monotonic() < deadline:
            time.sleep(0.002)
        try:
            queue_name, row_id = self.notifications.get_nowait()
        except queue.Empty:
            return False
        if queue_name == intake.QUEUE:
            with self.ledger.part("webhook handled"):
                intake.handle(row_id)
            return True
        step = Step.objects.select_related("run").get(pk=row_id)
        with self.ledger.part(step.name) as part:
            part.waited = not execution.execute(row_id)
        step.refresh_from_db()
        part.waited = part.waited or step.state == StepState.WAITING
        return True

    def _merge(self, onboarding: Onboarding) -> None:
        """Alice merges the pull request."""
        number = onboarding.run.steps.get(name="pull_request").result["number"]
        response = requests.put(
            f"{self.sandbox_url}/github/api/v3/repos/{self.repository}/pulls/{number}/merge",
            json={},
            headers={"Authorization": "Bearer sandbox-alice-token"},
            timeout=30,
        )
        response.raise_for_status()

    def _state(self, onboarding: Onboarding, name: str) -> str:
        return str(onboarding.run.steps.get(name=name).state)

    def _unfinished(self, onboarding: Onboarding) -> str:
        lines = []
        for step in onboarding.run.steps.exclude(state=StepState.DONE):
            blocker = Blocker.objects.filter(pk=step.blocked_by_id).first()
            lines.append(
                f"{step.name} {step.state}: {step.reason} {step.detail} {blocker.explanation if blocker else ''}"
            )
        return "\n".join(lines)


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the ledger records requests."""


class Webhooks:
    """Requests that wait until the measured thread answers them."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._waiting: queue.SimpleQueue[tuple[dict[str, Any], Any, Future[list[bytes]]]] = queue.SimpleQueue()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        response: Future[list[bytes]] = Future()
        self._waiting.put((environ, start_response, response))
        return response.result(TIMEOUT)

    def answer_next(self) -> bool:
        """Answer one request; False where none waits."""
        try:
            environ, start_response, response = self._waiting.get_nowait()
        except queue.Empty:
            return False
        with self.ledger.part("webhook stored"):
            response.set_result(list(application(environ, start_response)))
        return True


@contextmanager
def serving(ledger: Ledger, port: int) -> Iterator[Webhooks]:
    """Our web server on the loopback, for webhooks; each request is a part."""
    webhooks = Webhooks(ledger)
    with make_server("127.0.0.1", port, webhooks, WSGIServer, _Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, name="web", daemon=True)
        thread.start()
        try:
            yield webhooks
        finally:
            server.shutdown()


def warm_up(ledger: Ledger, portal_url: str, webhooks: Webhooks) -> None:
    """Load clients, routes and templates: a process does this once in its life, so it is no cost of a run."""
    for capability in providers.capabilities():
        provider = capability.provider()
        if capability.name in CHECKED_AT_START:
            provider.ready()
    forged = threading.Thread(target=requests.post, args=[f"{portal_url}/events/github/"], kwargs={"data": b"{}"})
    forged.start()
    while forged.is_alive():
        webhooks.answer_next()
    ledger.parts.clear()


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
    """Seconds that this many statements take at the least here: inserts of one row, each in its own transaction."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE plain (id bigserial PRIMARY KEY, word text)")
        began = time.perf_counter()
        for number in range(count):
            cursor.execute("INSERT INTO plain (word) VALUES (%s)", [f"row {number}"])
        return time.perf_counter() - began
