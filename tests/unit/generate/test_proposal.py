"""The words of the pull request, and that nothing from a repository gets out of its place."""

import json
import re
from collections.abc import Iterable
from dataclasses import replace

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding import generate
from onboarding.generate import File
from onboarding.generate.text import dumped, noted
from tests.unit.generate.proposals import MAIN, PLACEMENT, STACKS, WORKFLOW, components, made, together


def words(files: dict[str, str]) -> tuple[str, str]:
    found = components(files)
    return generate.pull_request(found, generate.files(found, PLACEMENT), PLACEMENT)


def test_every_file_has_its_line() -> None:
    _, body = words(STACKS["pip"])
    for path in made(STACKS["pip"]):
        assert re.search(rf"^- `{re.escape(path)}`: \S", body, re.MULTILINE)


def test_it_says_what_happens_and_how_to_take_it_back() -> None:
    title, body = words(STACKS["pip"])
    assert title == "Add a pipeline and deployment for shop"
    for said in ("`main`", "`registry.example`", "`storefront`", "https://shop.storefront.apps.example/", "Revert"):
        assert said in body


def test_it_names_what_the_code_needs_and_nothing_gives() -> None:
    files = {**STACKS["pip"], "app.py": f"import os\nA = os.environ['UPSTREAM']\nB = os.getenv('CITY', 'Oslo')\n{MAIN}"}
    _, body = words(files)
    assert "- shop: `UPSTREAM` (`app.py`, line 2)" in body
    assert "CITY" not in body
    assert "What it needs" not in words(STACKS["npm"])[1]


def test_a_file_with_a_strange_name_is_not_spelt_out() -> None:
    files = {**STACKS["pip"], "@everyone ![x](y).py": "import os\nA = os.environ['UPSTREAM']\n"}
    _, body = words(files)
    assert "- shop: `UPSTREAM`\n" in body
    assert "@everyone" not in body


def test_the_same_input_gives_the_same_bytes() -> None:
    files = together()
    assert made(files) == made(dict(reversed(files.items())))


def test_a_comment_keeps_the_type_of_its_value() -> None:
    text = dumped({"a": noted("3.10", "why"), "b": noted("true", "why"), "c": noted("actions/x@abc", "v1")})
    assert text == "a: '3.10' # why\nb: 'true' # why\nc: actions/x@abc # v1\n"
    assert yaml.safe_load(text) == {"a": "3.10", "b": "true", "c": "actions/x@abc"}


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8))
def test_what_is_dumped_is_what_is_read(data: object) -> None:
    assert yaml.safe_load(dumped(data)) == data or " #~ " in str(data)


HOSTILE = st.text(min_size=1, max_size=20) | st.sampled_from(
    ["${{ github.token }}", "a\nb: c", "'; rm -rf /; '", '"]', "!!python/object", "a #~ b'", "*x", "&x", "- x", "{a}"]
)


def expressions(proposal: Iterable[File], names: Iterable[str]) -> set[str]:
    """The expressions of generated files, every component called x."""
    name = re.compile("|".join(rf"\b{re.escape(one)}\b(?=[ .])" for one in names))
    found = (one for file in proposal for one in re.findall(r"\$\{\{.*?\}\}", file.text))
    return {name.sub("x", one) for one in found}


OURS = expressions(generate.files(components(together()), PLACEMENT), STACKS)


@settings(deadline=None, max_examples=60)
@given(HOSTILE, HOSTILE, HOSTILE)
def test_whatever_a_repository_holds_stays_data(script: str, folder: str, source: str) -> None:
    manifest = json.dumps({"scripts": {"start": script}, "engines": {"node": source}})
    files = {f"{folder}/package.json": manifest, f"{folder}/Procfile": f"web: node {script}\n"}
    files |= {"requirements.txt": source, "app.py": f"{source}\n{MAIN}", ".python-version": source}
    found = components(files)
    assert found, "the service at the root is there, whatever else is"
    proposal = generate.files(found, PLACEMENT)
    assert expressions(proposal, [one.name for one in found]) <= OURS
    assert generate.check(generate.objects(proposal)) == []
    document = yaml.safe_load(next(one.text for one in proposal if one.path == WORKFLOW))
    assert document["permissions"] == {}


def test_placements_of_two_teams_differ_only_in_what_is_theirs() -> None:
    other = replace(PLACEMENT, team="payments", namespace="payments")
    found = components(STACKS["pip"])
    ours, theirs = generate.files(found, PLACEMENT), generate.files(found, other)
    assert [one.text.replace("storefront", "payments") for one in ours] == [one.text for one in theirs]
