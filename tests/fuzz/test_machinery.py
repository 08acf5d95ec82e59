"""The fuzzer detects planted faults (an exception, a hang in C, excessive memory) and shrinks the input that causes them."""

import json
import random
import re
from pathlib import Path

import pytest

from tests.fuzz import confined, failure, mutation, oracles, regressions, shrinking
from tests.fuzz.parser import Document, Parser


def planted(document: Document) -> None:
    if "bad" in json.dumps(document):
        raise KeyError("bad")


def backtracking(document: Document) -> None:
    re.fullmatch("(a|aa)+", "a" * 200 + "b" * len(str(document)))


def greedy(document: Document) -> None:
    assert bytearray(700_000_000)


def parser(run: object) -> Parser:
    return Parser("planted", lambda: [{"name": "good"}], run)  # type: ignore[arg-type]


def test_a_fault_is_found_where_it_is() -> None:
    fault = confined.outcome(parser(planted), ["bad"])
    assert fault is not None
    assert fault.signature.startswith("KeyError at tests/fuzz/test_machinery.py:")
    assert confined.outcome(parser(planted), ["good"]) is None


def test_a_hang_in_c_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "HANG_SECONDS", 1)
    assert confined.outcome(parser(backtracking), "x") == failure.HANG


def test_much_memory_is_noticed() -> None:
    assert confined.outcome(parser(greedy), "x") == failure.MEMORY


def test_a_failing_document_is_made_small() -> None:
    document = {"a": ["x" * 500, {"b": "very bad" * 3}], "c": 7}
    small = shrinking.smallest(document, lambda each: "bad" in json.dumps(each))
    assert small == {"a": [{"b": "bad"}]}


def test_a_regression_is_a_file_that_says_what_broke(tmp_path: Path) -> None:
    fault = failure.Failure("KeyError at stacks/x.py:7", "")
    path = regressions.save("repositories", {"a": "\ud800\x00"}, fault, tmp_path)
    assert path.name.startswith("keyerror-at-stacks-x-py-7-")
    assert list(regressions.of("repositories", tmp_path)) == [(path, {"a": "\ud800\x00"})]


def test_mutations_are_documents_and_leave_the_original_unchanged() -> None:
    document = {"package.json": '{"name": "x", "deps": [1, 2]}', "list": [1, [2.5, None, True]], "text": "a\nb"}
    before, chance = json.dumps(document), random.Random(7)
    for _ in range(2_000):
        mutated = mutation.mutate(document, chance, ["word"], lambda raw: raw[::-1] + b"\xff")
        assert mutation.loads(mutation.dumps(mutated)) is not None or mutated is None
    assert json.dumps(document) == before


@pytest.mark.parametrize("text", ["\x00", "a\ud800", "\udfff"])
def test_what_cannot_be_stored_is_noticed(text: str) -> None:
    with pytest.raises(AssertionError, match="cannot store"):
        oracles.storable({"list": [{text: 1}]})
