"""The people of a measurement: they start their runs through the API, all at once, and merge at once what they are asked to."""

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from uuid import UUID

import requests
from django.core.management import call_command

from catalog.models import ApiToken, Person
from onboarding.models import Onboarding, Plan, Run, RunState, Step, StepState
from tests.chaos import people
from tests.chaos.surroundings import Surroundings
from tests.journey.hands import Hands

A_MOMENT = 0.3
START_SECONDS = 60.0
HANDS = 8
"""People who merge at the same time."""
STOPPED = (StepState.BLOCKED, StepState.FAILED, StepState.REFUSED)


@dataclass
class People(people.People):
    portal: str = ""
    answers: list[float] = field(default_factory=list)
    """Seconds that each click waited for its answer."""
    merged_at: dict[UUID, float] = field(default_factory=dict)
    """Run → when its pull request was merged, on the clock of the traces; GitHub says it to the second only."""
    _tokens: dict[str, str] = field(default_factory=dict)

    def bring(self, logins: Iterable[str]) -> None:
        super().bring(logins)
        for login in people.TEAMS:
            self._tokens[login] = ApiToken.issue(Person.objects.get(username=login), "bench")[1]

    def click(self, plans: list[tuple[Person, Plan]]) -> None:
        """Start all these, each from a connection of its own."""
        with ThreadPoolExecutor(len(plans)) as pool:
            made = list(pool.map(self._click, *zip(*plans, strict=True)))
        self.started(Onboarding.objects.select_related("repository", "person").filter(pk__in=made))

    def _click(self, person: Person, plan: Plan) -> UUID:
        began = time.monotonic()
        answer = requests.post(
            f"{self.portal}/api/v1/onboardings",
            json={"plan": str(plan.pk), "digest": plan.digest},
            headers={"Authorization": f"Bearer {self._tokens[person.username]}"},
            timeout=300,
        )
        self.answers.append(time.monotonic() - began)
        if answer.status_code != 201:
            raise RuntimeError(f"a start was answered {answer.status_code}: {answer.text}")
        return UUID(answer.json()["id"])

    def _merge(self) -> None:
        with ThreadPoolExecutor(HANDS) as pool:
            list(pool.map(lambda asked: self._merge_one(*asked), self._asked()))

    def _merge_one(self, run: UUID, number: int) -> None:
        super()._merge_one(run, number)
        self.merged_at[run] = time.time()

    def stopped(self) -> list[str]:
        """What keeps runs from going on by themselves, in words."""
        found = Step.objects.filter(run__kind="onboarding", run__state=RunState.ACTIVE, state__in=STOPPED)
        return [f"{one}: {one.state}, {one.reason} {one.detail[-300:]}" for one in found]


def gather(to: Surroundings, logins: Iterable[str]) -> People:
    """Tables, people, and a repository with its plan for each login; then web and workers, ready."""
    call_command("migrate", verbosity=0)
    call_command("seed_demo", verbosity=0)
    found = People(Hands(to.sandbox), portal=to.environment["PORTAL_URL"])
    found.bring(logins)
    to.work()
    _ready(to)
    return found


def _ready(to: Surroundings) -> None:
    """Starting the processes is not what is measured. Raises RuntimeError."""
    deadline = time.monotonic() + START_SECONDS
    portal = to.environment["PORTAL_URL"]
    while not (_answers(portal) and all(b" ready." in one.log.read_bytes() for one in to.workers)):
        if time.monotonic() > deadline:
            raise RuntimeError(f"web or workers did not start; see {to.folder}")
        time.sleep(A_MOMENT)


def _answers(portal: str) -> bool:
    try:
        return requests.get(f"{portal}/healthz", timeout=5).ok
    except requests.RequestException:
        return False


def going(to: Surroundings) -> None:
    """Nothing may die here. Raises RuntimeError."""
    for one in (to.web, *to.workers):
        if one.process is None or one.process.poll() is not None:
            raise RuntimeError(f"{one.name} died; see {one.log}")


def trace(one: Onboarding) -> str:
    """The traceparent of its click."""
    return Run.objects.values_list("trace", flat=True).get(pk=one.pk)
