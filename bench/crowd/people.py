"""The people of a measurement: they start their runs through the API, all at once, and merge as soon as they are asked to."""

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from uuid import UUID

import requests
from django.core.management import call_command

from catalog.models import ApiToken, Person
from engine.models import Run, RunState, Step, StepState
from onboarding.models import Onboarding, Plan
from tests.chaos import people
from tests.chaos.surroundings import Surroundings
from tests.journey.actors import Actors

TICK = 0.3
START_SECONDS = 60.0
MERGES_AT_ONCE = 8
STOPPED = (StepState.BLOCKED, StepState.FAILED, StepState.DECLINED)


@dataclass
class People(people.People):
    portal: str = ""
    answers: list[float] = field(default_factory=list)
    """Seconds that each click waited for its answer."""
    merged_at: dict[UUID, float] = field(default_factory=dict)
    """Run → when its pull request was merged, on the clock of the traces; GitHub's own time is to the second."""
    _tokens: dict[str, str] = field(default_factory=dict)

    def bring(self, logins: Iterable[str]) -> None:
        super().bring(logins)
        for login in people.TEAMS:
            self._tokens[login] = ApiToken.issue(Person.objects.get(username=login), "bench")[1]

    def click(self, plans: list[tuple[Person, Plan]]) -> None:
        """Start all of these plans, each over its own connection."""
        with ThreadPoolExecutor(len(plans)) as pool:
            ids = list(pool.map(self._click, *zip(*plans, strict=True)))
        self.started(Onboarding.objects.select_related("repository", "person", "run").filter(pk__in=ids))

    def _click(self, person: Person, plan: Plan) -> UUID:
        began = time.monotonic()
        response = requests.post(
            f"{self.portal}/api/v1/onboardings",
            json={"plan": str(plan.pk), "digest": plan.digest},
            headers={"Authorization": f"Bearer {self._tokens[person.username]}"},
            timeout=300,
        )
        self.answers.append(time.monotonic() - began)
        if response.status_code != 201:
            raise RuntimeError(f"a start was answered with {response.status_code}: {response.text}")
        return UUID(response.json()["id"])

    def _merge(self) -> None:
        with ThreadPoolExecutor(MERGES_AT_ONCE) as pool:
            list(pool.map(lambda request: self._merge_one(*request), self._asked()))

    def _merge_one(self, run: UUID, number: int) -> None:
        super()._merge_one(run, number)
        self.merged_at[run] = time.time()

    def stopped(self) -> list[str]:
        """The steps that keep runs from proceeding, as text."""
        steps = Step.objects.filter(run__kind="onboarding", run__state=RunState.ACTIVE, state__in=STOPPED)
        return [f"{step}: {step.state}, {step.reason} {step.detail[-300:]}" for step in steps]


def gather(surroundings: Surroundings, logins: Iterable[str]) -> People:
    """Create the tables, the people, and a repository with its plan for each login; then start web and workers."""
    call_command("migrate", verbosity=0)
    call_command("seed_demo", verbosity=0)
    everybody = People(Actors(surroundings.sandbox), portal=surroundings.environment["PORTAL_URL"])
    everybody.bring(logins)
    surroundings.work()
    _wait_until_ready(surroundings)
    return everybody


def _wait_until_ready(surroundings: Surroundings) -> None:
    """The start of the processes is not measured. Raises RuntimeError."""
    deadline = time.monotonic() + START_SECONDS
    portal = surroundings.environment["PORTAL_URL"]
    while not (_answers(portal) and all(b" ready." in worker.log.read_bytes() for worker in surroundings.workers)):
        if time.monotonic() > deadline:
            raise RuntimeError(f"web or workers did not start; see {surroundings.folder}")
        time.sleep(TICK)


def _answers(portal: str) -> bool:
    try:
        return requests.get(f"{portal}/healthz", timeout=5).ok
    except requests.RequestException:
        return False


def check_alive(surroundings: Surroundings) -> None:
    """No process ends during a measurement. Raises RuntimeError."""
    for program in (surroundings.web, *surroundings.workers):
        if program.process is None or program.process.poll() is not None:
            raise RuntimeError(f"{program.name} died; see {program.log}")


def trace(onboarding: Onboarding) -> str:
    """The traceparent of the click that started it."""
    return Run.objects.values_list("trace", flat=True).get(pk=onboarding.pk)
