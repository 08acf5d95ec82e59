"""Every function that parses is reached by a parser of the fuzzer, or says here why its text is not foreign."""

import subprocess
import sys

from tests.fuzz.exempt import EXEMPT
from tests.fuzz.parsing_code import all_parsing_functions, parsing_functions


def test_every_parsing_function_is_fuzzed() -> None:
    """In a process of its own: the samples of some parsers need a database and an environment of theirs."""
    command = [sys.executable, "-m", "tests.fuzz", "--unreached"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (
        "These functions parse text, but no document of tests/fuzz reaches them. Add a sample to a target in tests/fuzz/targets, or "
        f"the function to EXEMPT with the reason why its text is not foreign:\n{done.stdout}{done.stderr[-2000:]}"
    )


def test_every_exemption_is_needed_and_has_a_reason() -> None:
    assert set(EXEMPT) <= all_parsing_functions()
    assert all(EXEMPT.values())


def test_a_new_parser_is_noticed() -> None:
    source = """
import json
_NUMBER = patterns.compile("[0-9]+")
_LIMIT = 7

def read(text): return json.loads(text)
def first(text): return _NUMBER.search(text)
def limit(): return _LIMIT
class Answer:
    def parse(self, text):
        def within(): return parsing.yaml(text)
        return within
"""
    functions = parsing_functions(source, "new.py")
    assert functions == {("new.py", name) for name in ("read", "first", "Answer.parse.<locals>.within")}
