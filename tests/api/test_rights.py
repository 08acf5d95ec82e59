"""Every operation for every role."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.http import HttpResponse

from engine.context import Work
from engine.outcomes import Failure, Outcome
from onboarding.actions import onboardings
from onboarding.models import Onboarding
from tests.api.client import OPERATIONS, Caller, read
from tests.pages import rows
from tests.plan.world import World

ROLES = ("owner", "teammate", "outsider", "platform", "anonymous", "expired", "invented", "gone", "reader")
UNAUTHENTICATED = (401, 401, 401, 401)
EXPECTED: dict[str, tuple[int, ...]] = {
    # owner, teammate, outsider and platform; then those without a valid token; then a read-only token
    "checkAddress": (200, 200, 422, 422, *UNAUTHENTICATED, 403),
    "createPlan": (201, 201, 422, 422, *UNAUTHENTICATED, 403),
    "getPlan": (200, 200, 404, 200, *UNAUTHENTICATED, 200),
    "startOnboarding": (201, 201, 404, 422, *UNAUTHENTICATED, 403),
    "listOnboardings": (200, 200, 200, 200, *UNAUTHENTICATED, 200),
    "getOnboarding": (200, 200, 404, 200, *UNAUTHENTICATED, 200),
    "agreeToOnboarding": (409, 409, 404, 409, *UNAUTHENTICATED, 403),
    "retryStep": (202, 202, 404, 202, *UNAUTHENTICATED, 403),
    "rerunFromStep": (202, 202, 404, 202, *UNAUTHENTICATED, 403),
    "enterSettings": (409, 409, 404, 409, *UNAUTHENTICATED, 403),
    "cancelOnboarding": (200, 200, 404, 200, *UNAUTHENTICATED, 403),
    "listLeftovers": (200, 200, 404, 200, *UNAUTHENTICATED, 200),
    "undoOnboarding": (202, 202, 404, 202, *UNAUTHENTICATED, 403),
    "getUndo": (200, 200, 404, 200, *UNAUTHENTICATED, 200),
}
KINDS = {401: "unauthorized", 403: "forbidden", 404: "not-found", 409: "not-possible", 422: "no-right"}


@dataclass
class Requests:
    """Sends an operation's request about Alice's objects, which are created when it needs them."""

    world: World
    repository: str = "no-such-repository"

    def send(self, by: Caller, operation: str) -> HttpResponse:
        requests: dict[str, Callable[[Caller, str], HttpResponse]] = {
            "checkAddress": self._address,
            "createPlan": self._address,
            "getPlan": self._read_plan,
            "startOnboarding": self._start,
            "listOnboardings": lambda by, name: by.call(name),
            "undoOnboarding": self._ended,
            "getUndo": self._being_undone,
        }
        return requests.get(operation, self._run)(by, operation)

    def _address(self, by: Caller, operation: str) -> HttpResponse:
        return by.call(operation, {"address": self.world.url("acme/greeter")})

    def _read_plan(self, by: Caller, operation: str) -> HttpResponse:
        return by.call(operation, plan_id=rows.plan(self.world.cast).pk)

    def _start(self, by: Caller, operation: str) -> HttpResponse:
        plan = self.world.plan("acme/greeter")
        return by.call(operation, {"plan": str(plan.pk), "digest": plan.digest})

    def _run(self, by: Caller, operation: str) -> HttpResponse:
        onboarding = rows.onboarding(self.world.cast, self.repository)
        rows.execute(onboarding, "access", fail)
        body: dict[str, object] | None = {"step": "access"} if operation in ("retryStep", "rerunFromStep") else None
        if operation == "enterSettings":
            body = {"application": "parcel-tracker", "values": {"NOT_READ": "x"}}
        return by.call(operation, body, onboarding_id=onboarding.pk)

    def _ended(self, by: Caller, operation: str) -> HttpResponse:
        onboarding = rows.onboarding(self.world.cast, self.repository)
        onboardings.cancel(self.world.cast.bob, onboarding)
        return by.call(operation, onboarding_id=onboarding.pk)

    def _being_undone(self, by: Caller, operation: str) -> HttpResponse:
        onboarding = rows.onboarding(self.world.cast)
        onboardings.cancel(self.world.cast.bob, onboarding, undo=True)
        return by.call(operation, onboarding_id=onboarding.pk)


def fail(work: Work) -> Outcome:
    raise Failure("The step failed")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_role_gets_the_expected_status(
    world: World, callers: dict[str, Caller], operation: str, role: str
) -> None:
    answer = Requests(world).send(callers[role], operation)
    assert answer.status_code == EXPECTED[operation][ROLES.index(role)], answer.content
    if answer.status_code >= 400:
        assert read(answer)["kind"] == KINDS[answer.status_code]


@pytest.mark.parametrize("role", ["outsider", "anonymous", "expired", "reader"])
def test_a_caller_without_the_right_changes_nothing(world: World, callers: dict[str, Caller], role: str) -> None:
    onboarding = rows.onboarding(world.cast)
    callers[role].call("cancelOnboarding", onboarding_id=onboarding.pk)
    callers[role].call("undoOnboarding", onboarding_id=onboarding.pk)
    callers[role].call("rerunFromStep", {"step": "access"}, onboarding_id=onboarding.pk)
    callers[role].call("retryStep", {"step": "access"}, onboarding_id=onboarding.pk)
    callers[role].call("startOnboarding", {"plan": str(onboarding.plan.pk), "digest": onboarding.plan.digest})
    onboarding.run.refresh_from_db()
    assert onboarding.run.state == "active"
    assert Onboarding.objects.count() == 1


@pytest.mark.parametrize(
    "operation", ["retryStep", "rerunFromStep", "enterSettings", "cancelOnboarding", "undoOnboarding"]
)
def test_a_starter_acts_as_long_as_they_are_on_the_team_or_may_write(
    world: World, callers: dict[str, Caller], operation: str
) -> None:
    """Alice's team may write to the greeter at the source host; nobody may write to a repository that does not exist there."""
    world.cast.storefront.memberships.filter(login="alice").delete()
    requests = Requests(world)
    assert requests.send(callers["owner"], operation).status_code == 403
    requests.repository = "greeter"
    row = rows.repository(world.cast, "greeter")
    row.external_id = str(world.github("GET", "/repos/acme/greeter")["id"])
    row.save()
    assert requests.send(callers["owner"], operation).status_code in (200, 202, 409)


@pytest.mark.parametrize("operation", ["rerunFromStep", "cancelOnboarding", "undoOnboarding"])
def test_write_access_to_another_repository_of_the_same_name_is_no_right(
    world: World, callers: dict[str, Caller], operation: str
) -> None:
    """Alice may write to the greeter of today; the run is of a greeter with another id."""
    world.cast.storefront.memberships.filter(login="alice").delete()
    answer = Requests(world, "greeter").send(callers["owner"], operation)
    assert answer.status_code == 403
    assert "cannot write" in read(answer)["detail"]


def test_an_outsiders_list_is_empty(world: World, callers: dict[str, Caller]) -> None:
    onboarding = rows.onboarding(world.cast)
    assert [onboarding_["id"] for onboarding_ in read(callers["teammate"].call("listOnboardings"))] == [
        str(onboarding.pk)
    ]
    assert read(callers["outsider"].call("listOnboardings")) == []


def test_every_operation_is_in_the_table() -> None:
    assert set(OPERATIONS) == set(EXPECTED)
