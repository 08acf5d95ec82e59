"""Every operation × every role."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.http import HttpResponse

from onboarding import actions
from onboarding.engine.outcomes import Failure, Outcome
from onboarding.engine.work import Work
from onboarding.models import Onboarding
from tests.api.client import OPERATIONS, Caller, read
from tests.pages import rows
from tests.plan.world import World

ROLES = ("owner", "teammate", "outsider", "platform", "anonymous", "expired", "invented", "gone", "reader")
NOBODY = (401, 401, 401, 401)
EXPECTED: dict[str, tuple[int, ...]] = {
    # what owner, teammate, outsider and platform get; then those without a living token; then who may only read
    "checkAddress": (200, 200, 422, 422, *NOBODY, 403),
    "makePlan": (201, 201, 422, 422, *NOBODY, 403),
    "readPlan": (200, 200, 404, 200, *NOBODY, 200),
    "startOnboarding": (201, 201, 404, 422, *NOBODY, 403),
    "listOnboardings": (200, 200, 200, 200, *NOBODY, 200),
    "readOnboarding": (200, 200, 404, 200, *NOBODY, 200),
    "retryStep": (202, 202, 404, 202, *NOBODY, 403),
    "repeatFromStep": (202, 202, 404, 202, *NOBODY, 403),
    "enterSettings": (422, 422, 404, 422, *NOBODY, 403),
    "cancelOnboarding": (200, 200, 404, 200, *NOBODY, 403),
    "listLeftovers": (200, 200, 404, 200, *NOBODY, 200),
    "undoOnboarding": (202, 202, 404, 202, *NOBODY, 403),
    "readUndo": (200, 200, 404, 200, *NOBODY, 200),
}
KINDS = {401: "unauthorized", 403: "forbidden", 404: "not-found", 422: "no-right"}


@dataclass
class Asked:
    """One of everything, Alice's; made when an operation needs it."""

    world: World

    def ask(self, by: Caller, operation: str) -> HttpResponse:
        ways: dict[str, Callable[[Caller, str], HttpResponse]] = {
            "checkAddress": self._address,
            "makePlan": self._address,
            "readPlan": self._read_plan,
            "startOnboarding": self._start,
            "listOnboardings": lambda by, name: by.call(name),
            "undoOnboarding": self._ended,
            "readUndo": self._undone,
        }
        return ways.get(operation, self._run)(by, operation)

    def _address(self, by: Caller, operation: str) -> HttpResponse:
        return by.call(operation, {"address": self.world.url("acme/greeter")})

    def _read_plan(self, by: Caller, operation: str) -> HttpResponse:
        return by.call(operation, plan_id=rows.plan(self.world.cast).pk)

    def _start(self, by: Caller, operation: str) -> HttpResponse:
        plan = self.world.plan("acme/greeter")
        return by.call(operation, {"plan": str(plan.pk), "digest": plan.digest})

    def _run(self, by: Caller, operation: str) -> HttpResponse:
        onboarding = rows.onboarding(self.world.cast)
        rows.play(onboarding, "access", fail)
        body: dict[str, object] | None = {"step": "access"} if operation in ("retryStep", "repeatFromStep") else None
        if operation == "enterSettings":
            body = {"application": "parcel-tracker", "values": {"NOT_READ": "x"}}
        return by.call(operation, body, onboarding_id=onboarding.pk)

    def _ended(self, by: Caller, operation: str) -> HttpResponse:
        onboarding = rows.onboarding(self.world.cast)
        actions.cancel(self.world.cast.alice, onboarding)
        return by.call(operation, onboarding_id=onboarding.pk)

    def _undone(self, by: Caller, operation: str) -> HttpResponse:
        onboarding = rows.onboarding(self.world.cast)
        actions.cancel(self.world.cast.alice, onboarding, undone=True)
        return by.call(operation, onboarding_id=onboarding.pk)


def fail(work: Work) -> Outcome:
    raise Failure("It did not go well")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_everybody_gets_what_is_theirs(world: World, callers: dict[str, Caller], operation: str, role: str) -> None:
    answer = Asked(world).ask(callers[role], operation)
    assert answer.status_code == EXPECTED[operation][ROLES.index(role)], answer.content
    if answer.status_code >= 400:
        kind = "settings" if operation == "enterSettings" and answer.status_code == 422 else KINDS[answer.status_code]
        assert read(answer)["kind"] == kind


@pytest.mark.parametrize("role", ["outsider", "anonymous", "expired", "reader"])
def test_who_may_not_changes_nothing(world: World, callers: dict[str, Caller], role: str) -> None:
    onboarding = rows.onboarding(world.cast)
    callers[role].call("cancelOnboarding", onboarding_id=onboarding.pk)
    callers[role].call("undoOnboarding", onboarding_id=onboarding.pk)
    callers[role].call("repeatFromStep", {"step": "access"}, onboarding_id=onboarding.pk)
    callers[role].call("retryStep", {"step": "access"}, onboarding_id=onboarding.pk)
    callers[role].call("startOnboarding", {"plan": str(onboarding.plan.pk), "digest": onboarding.plan.digest})
    onboarding.run.refresh_from_db()
    assert onboarding.run.state == "active"
    assert Onboarding.objects.count() == 1


def test_an_outsiders_list_is_empty(world: World, callers: dict[str, Caller]) -> None:
    onboarding = rows.onboarding(world.cast)
    assert [one["id"] for one in read(callers["teammate"].call("listOnboardings"))] == [str(onboarding.pk)]
    assert read(callers["outsider"].call("listOnboardings")) == []


def test_every_operation_is_in_the_matrix() -> None:
    assert set(OPERATIONS) == set(EXPECTED)
