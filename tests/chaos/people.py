"""What people do in a round: they create repositories, start onboardings, merge pull requests and grant requests."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

import requests
from django.db import InterfaceError, OperationalError, connection

from catalog.models import Person
from engine.models import RunState, Step, StepState
from onboarding.actions import onboardings, plans
from onboarding.models import Blocker, Onboarding, Plan
from tests.conftest import signed_up
from tests.journey.actors import PLENTY, TIGHT, Actors

TEAMS = {"alice": "acme-storefront", "charlie": "acme-payments"}
"""Login → the key of the team."""
SMALL = {
    "Dockerfile": 'FROM python:3.11-slim\nWORKDIR /app\nCOPY app.py ./\nUSER 1000\nEXPOSE 8080\nCMD ["python", "app.py"]\n',
    "app.py": '''"""Answers every request, and writes one line to its log."""

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
"""Has its own container file, so that its pipeline installs nothing and has no tests to run."""


@contextlib.contextmanager
def tolerate_faults() -> Iterator[None]:
    """Ends at an error that a fault can cause; the caller tries again later."""
    try:
        yield
    except (OperationalError, InterfaceError):
        connection.close()
    except (requests.RequestException, AssertionError):
        return


@dataclass
class People:
    actors: Actors
    runs: list[Onboarding] = field(default_factory=list)
    granted: bool = False
    plans: list[tuple[Person, Plan]] = field(default_factory=list)
    _origins: dict[UUID, tuple[str, str]] = field(default_factory=dict)
    """Run → full name of its repository, login of its person."""
    _merged: set[UUID] = field(default_factory=set)

    def prepare(self, count: int) -> None:
        """`count` repositories of two teams, with their plans. One team has hardly any allowance."""
        logins = list(TEAMS)
        self.bring([logins[number % len(logins)] for number in range(count)])
        self.actors.grant("acme-storefront", TIGHT)

    def bring(self, logins: Iterable[str]) -> None:
        """A repository with its plan for each of these, who may be named repeatedly. Their teams have plenty."""
        persons = {login: signed_up(login, f"{login}@acme.example") for login in TEAMS}
        for team in TEAMS.values():
            self.actors.grant(team, PLENTY)
        for login in logins:
            name = self.actors.repository("chaos", person=login, files=SMALL)
            plan = plans.create(persons[login], f"{self.actors.sandbox.url}/github/{name}")
            self.plans.append((persons[login], plan))

    def start(self) -> None:
        self.started([onboardings.start(person, plan, plan.digest)[0] for person, plan in self.plans])

    def started(self, runs: Iterable[Onboarding]) -> None:
        """From now on, people act on these runs as well."""
        for run in runs:
            self.runs.append(run)
            self._origins[run.pk] = (run.repository.full_name, run.person.username)

    def move(self) -> None:
        """Do what Onramp currently waits for people to do."""
        with tolerate_faults():
            self._merge()
        with tolerate_faults():
            if not self.granted and Blocker.objects.exclude(ticket_key="").exists():
                self.actors.grant("acme-storefront", PLENTY)
                self.granted = True

    def _merge(self) -> None:
        for run, number in self._asked():
            self._merge_one(run, number)

    def _asked(self) -> list[tuple[UUID, int]]:
        """(run, number of its pull request) where a person is asked to merge and has not done so yet."""
        waiting = Step.objects.filter(name="merge", state=StepState.WAITING).values_list("run_id", flat=True)
        proposed = Step.objects.filter(name="pull_request", run__in=list(waiting)).exclude(run__in=self._merged)
        return [(run, int(result["number"])) for run, result in proposed.values_list("run_id", "result")]

    def _merge_one(self, run: UUID, number: int) -> None:
        name, person = self._origins[run]
        self.actors.github("PUT", f"/repos/{name}/pulls/{number}/merge", {}, person=person)
        self._merged.add(run)

    def finished(self) -> int:
        with tolerate_faults():
            return Onboarding.objects.filter(run__state=RunState.DONE).count()
        return 0
