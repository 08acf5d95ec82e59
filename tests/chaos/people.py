"""The moves of people in a round: they bring repositories, start them, merge what is proposed, grant what was asked for."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

import requests
from django.db import InterfaceError, OperationalError, connection

from catalog.models import Person
from onboarding import actions
from onboarding.models import Blocker, Onboarding, Plan, RunState, Step, StepState
from tests.journey.hands import PLENTY, TIGHT, Hands

TEAMS = {"alice": "storefront", "charlie": "payments"}
SMALL = {
    "Dockerfile": 'FROM python:3.11-slim\nWORKDIR /app\nCOPY app.py ./\nUSER 1000\nEXPOSE 8080\nCMD ["python", "app.py"]\n',
    "app.py": '''"""Says hello to whoever connects, and once in its log."""

import os
import socket

server = socket.create_server(("0.0.0.0", int(os.environ.get("PORT", 8080))))
print("here", flush=True)
while True:
    client, _ = server.accept()
    with client:
        client.recv(65536)
        client.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok")
''',
}
"""Built from a container file of its own, so that its pipeline installs nothing and has no tests to run."""


@contextlib.contextmanager
def patient() -> Iterator[None]:
    """Whoever meets a fault comes again later."""
    try:
        yield
    except (OperationalError, InterfaceError):
        connection.close()
    except (requests.RequestException, AssertionError):
        return


@dataclass
class People:
    hands: Hands
    runs: list[Onboarding] = field(default_factory=list)
    granted: bool = False
    plans: list[tuple[Person, Plan]] = field(default_factory=list)
    _of: dict[UUID, tuple[str, str]] = field(default_factory=dict)
    """Run → the repository's name and its person's."""
    _merged: set[UUID] = field(default_factory=set)

    def prepare(self, count: int) -> None:
        """So many repositories of two teams with their plans; one team has hardly any allowance."""
        logins = list(TEAMS)
        self.bring([logins[number % len(logins)] for number in range(count)])
        self.hands.grant("storefront", TIGHT)

    def bring(self, logins: Iterable[str]) -> None:
        """A repository with its plan for each of these; they may be named again and again. Their teams have plenty."""
        everybody = {login: Person.objects.create_user(login, f"{login}@acme.example") for login in TEAMS}
        for team in TEAMS.values():
            self.hands.grant(team, PLENTY)
        for login in logins:
            name = self.hands.repository("chaos", person=login, files=SMALL)
            plan = actions.plan(everybody[login], f"{self.hands.sandbox.url}/github/{name}")
            self.plans.append((everybody[login], plan))

    def start(self) -> None:
        self.started([actions.start(person, plan, plan.digest)[0] for person, plan in self.plans])

    def started(self, runs: Iterable[Onboarding]) -> None:
        """From now on these are looked after, too."""
        for one in runs:
            self.runs.append(one)
            self._of[one.pk] = (one.repository.full_name, one.person.username)

    def move(self) -> None:
        """Whatever is somebody's move at the moment."""
        with patient():
            self._merge()
        with patient():
            if not self.granted and Blocker.objects.exclude(ticket_key="").exists():
                self.hands.grant("storefront", PLENTY)
                self.granted = True

    def _merge(self) -> None:
        for run, number in self._asked():
            self._merge_one(run, number)

    def _asked(self) -> list[tuple[UUID, int]]:
        """(run, number of its pull request) wherever somebody is asked to merge and has not yet done it."""
        waiting = Step.objects.filter(name="merge", state=StepState.WAITING).values_list("run_id", flat=True)
        asked = Step.objects.filter(name="pull_request", run__in=list(waiting)).exclude(run__in=self._merged)
        return [(run, int(result["number"])) for run, result in asked.values_list("run_id", "result")]

    def _merge_one(self, run: UUID, number: int) -> None:
        name, person = self._of[run]
        self.hands.github("PUT", f"/repos/{name}/pulls/{number}/merge", {}, person=person)
        self._merged.add(run)

    def finished(self) -> int:
        with patient():
            return Onboarding.objects.filter(run__state=RunState.DONE).count()
        return 0
