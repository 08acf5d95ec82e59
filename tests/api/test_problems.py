"""Whatever comes in, the answer is a problem with a kind and a sentence, never a crash."""

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
WITH_BODY = [name for name, (_, _, described) in OPERATIONS.items() if "requestBody" in described]


@pytest.mark.parametrize("operation", WITH_BODY)
def test_nonsense_gets_a_sentence(world: World, callers: dict[str, Caller], operation: str) -> None:
    for body in NONSENSE:
        if operation == "checkAddress" and isinstance(body, dict) and body.get("address") == "acme/greeter":
            continue  # what is wrong there is nothing to this operation
        answer = callers["owner"].call(operation, body, onboarding_id=uuid.uuid4())
        assert 400 <= answer.status_code < 500, (body, answer.content)
        problem = read(answer)
        assert set(problem) == {"kind", "detail"}
        assert problem["detail"].rstrip().endswith((".", "?")), problem


@pytest.mark.parametrize(
    ("operation", "ids"),
    [("readPlan", "plan_id"), ("readOnboarding", "onboarding_id"), ("cancelOnboarding", "onboarding_id")],
)
def test_what_is_not_there(callers: dict[str, Caller], operation: str, ids: str) -> None:
    unknown = callers["owner"].call(operation, None, **{ids: uuid.uuid4()})  # type: ignore[arg-type]
    assert (unknown.status_code, read(unknown)["kind"]) == (404, "not-found")
    malformed = callers["owner"].call(operation, None, **{ids: "seven"})
    assert (malformed.status_code, read(malformed)["kind"]) == (422, "invalid")


def test_a_field_that_is_wrong_is_named(callers: dict[str, Caller]) -> None:
    answer = read(callers["owner"].call("startOnboarding", {"plan": "no id"}))
    assert answer["kind"] == "invalid"
    assert "plan" in answer["detail"]
    assert "digest" in answer["detail"]


def test_a_key_that_is_too_long(world: World, callers: dict[str, Caller]) -> None:
    plan = {"plan": str(uuid.uuid4()), "digest": "x"}
    answer = callers["owner"].call("startOnboarding", plan, key="k" * 201)
    assert (answer.status_code, read(answer)["kind"]) == (422, "invalid")


def test_a_refused_address_says_which_kind(world: World, callers: dict[str, Caller]) -> None:
    for address, kind in (("file:///etc/passwd", "address"), ("acme/vault", "no-access")):
        answer = callers["owner"].call("checkAddress", {"address": address})
        assert (answer.status_code, read(answer)["kind"]) == (422, kind)
