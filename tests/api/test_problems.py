"""Any invalid request gets a problem with a kind and a sentence, never a crash."""

import uuid

import pytest

from tests.api.client import OPERATIONS, Caller, read
from tests.plan.world import World

NONSENSE: tuple[object, ...] = (
    "not json at all",
    "[]",
    "null",
    '"text"',
    "{",
    {},
    {"address": None},
    {"address": 7},
    {"address": "x" * 2_001},
    {"address": "a\x00b"},
    {"address": "acme/greeter", "corrections": [{"name": "a\x00b", "port": 1}]},
    {"address": "acme/greeter", "corrections": [{"name": "greeter", "port": "many"}]},
    {"address": "acme/greeter", "corrections": [{"name": "greeter", "prot": 1}]},
    {"address": "acme/greeter", "corrections": "greeter"},
    {"plan": "no id", "digest": "x"},
    {"plan": str(uuid.uuid4()), "digest": "x"},
    {"plan": str(uuid.uuid4())},
    {"step": None},
    {"step": "\x00"},
)
WITH_BODY = [name for name, (_, _, description) in OPERATIONS.items() if "requestBody" in description]


@pytest.mark.parametrize("operation", WITH_BODY)
def test_nonsense_is_rejected_with_a_sentence(world: World, callers: dict[str, Caller], operation: str) -> None:
    for body in NONSENSE:
        if operation == "checkAddress" and isinstance(body, dict) and body.get("address") == "acme/greeter":
            continue  # this operation does not read the invalid fields
        answer = callers["owner"].call(operation, body, onboarding_id=uuid.uuid4())
        assert 400 <= answer.status_code < 500, (body, answer.content)
        problem = read(answer)
        assert set(problem) == {"kind", "detail"}
        assert problem["detail"].rstrip().endswith((".", "?")), problem


@pytest.mark.parametrize(
    ("operation", "ids"),
    [("getPlan", "plan_id"), ("getOnboarding", "onboarding_id"), ("cancelOnboarding", "onboarding_id")],
)
def test_an_unknown_id_is_not_found(callers: dict[str, Caller], operation: str, ids: str) -> None:
    unknown = callers["owner"].call(operation, None, **{ids: uuid.uuid4()})  # type: ignore[arg-type]
    assert (unknown.status_code, read(unknown)["kind"]) == (404, "not-found")
    malformed = callers["owner"].call(operation, None, **{ids: "seven"})
    assert (malformed.status_code, read(malformed)["kind"]) == (422, "invalid")


def test_an_invalid_field_is_named(callers: dict[str, Caller]) -> None:
    answer = read(callers["owner"].call("startOnboarding", {"plan": "no id"}))
    assert answer["kind"] == "invalid"
    assert "plan" in answer["detail"]
    assert "digest" in answer["detail"]


def test_an_idempotency_key_that_is_too_long_is_rejected(world: World, callers: dict[str, Caller]) -> None:
    plan = {"plan": str(uuid.uuid4()), "digest": "x"}
    answer = callers["owner"].call("startOnboarding", plan, key="k" * 201)
    assert (answer.status_code, read(answer)["kind"]) == (422, "invalid")


def test_a_rejected_address_has_the_kind_of_its_problem(world: World, callers: dict[str, Caller]) -> None:
    for address, kind in (("file:///etc/passwd", "address"), ("acme/vault", "no-access")):
        answer = callers["owner"].call("checkAddress", {"address": address})
        assert (answer.status_code, read(answer)["kind"]) == (422, kind)
