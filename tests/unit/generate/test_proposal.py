"""The text of the pull request; and text from a repository stays data in the generated files."""

import json
import re
from collections.abc import Iterable
from dataclasses import replace

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import generate
from generate import File
from generate.yaml_text import commented, dump
from tests.unit.generate.proposals import MAIN, PLACEMENT, STACKS, WORKFLOW, components, generated, monorepo


def pull_request(files: dict[str, str]) -> tuple[str, str]:
    repository = components(files)
    return generate.pull_request(repository, generate.files(repository, PLACEMENT), PLACEMENT)


def test_the_body_lists_every_file() -> None:
    _, body = pull_request(STACKS["pip"])
    for path in generated(STACKS["pip"]):
        assert re.search(rf"^- `{re.escape(path)}`: \S", body, re.MULTILINE)


def test_the_body_explains_what_happens_and_how_to_undo_it() -> None:
    title, body = pull_request(STACKS["pip"])
    assert title == "Add a pipeline and deployment for shop"
    for text in ("`main`", "`registry.example`", "`storefront`", "https://shop.storefront.apps.example/", "Revert"):
        assert text in body


def test_the_body_lists_variables_without_a_default() -> None:
    files = {**STACKS["pip"], "app.py": f"import os\nA = os.environ['UPSTREAM']\nB = os.getenv('CITY', 'Oslo')\n{MAIN}"}
    _, body = pull_request(files)
    assert "- shop: `UPSTREAM` (`app.py`, line 2)" in body
    assert "CITY" not in body
    assert "Required variables" not in pull_request(STACKS["npm"])[1]


def test_a_file_with_an_unusual_name_is_not_mentioned() -> None:
    files = {**STACKS["pip"], "@everyone ![x](y).py": "import os\nA = os.environ['UPSTREAM']\n"}
    _, body = pull_request(files)
    assert "- shop: `UPSTREAM`\n" in body
    assert "@everyone" not in body


def test_the_same_input_gives_the_same_bytes() -> None:
    files = monorepo()
    assert generated(files) == generated(dict(reversed(files.items())))


def test_a_comment_does_not_change_the_type_of_its_value() -> None:
    text = dump({"a": commented("3.10", "why"), "b": commented("true", "why"), "c": commented("actions/x@abc", "v1")})
    assert text == "a: '3.10' # why\nb: 'true' # why\nc: actions/x@abc # v1\n"
    assert yaml.safe_load(text) == {"a": "3.10", "b": "true", "c": "actions/x@abc"}


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8))
def test_dumped_data_is_read_back_unchanged(data: object) -> None:
    assert yaml.safe_load(dump(data)) == data or " #~ " in str(data)


HOSTILE = st.text(min_size=1, max_size=20) | st.sampled_from(
    ["${{ github.token }}", "a\nb: c", "'; rm -rf /; '", '"]', "!!python/object", "a #~ b'", "*x", "&x", "- x", "{a}"]
)


def expressions(proposal: Iterable[File], names: Iterable[str]) -> set[str]:
    """The expressions in generated files, with each component called x."""
    name = re.compile("|".join(rf"\b{re.escape(each)}\b(?=[ .])" for each in names))
    return {name.sub("x", text) for file in proposal for text in re.findall(r"\$\{\{.*?\}\}", file.text)}


OURS = expressions(generate.files(components(monorepo()), PLACEMENT), STACKS)


@settings(deadline=None, max_examples=60)
@given(HOSTILE, HOSTILE, HOSTILE)
def test_text_from_a_repository_stays_data(script: str, folder: str, source: str) -> None:
    manifest = json.dumps({"scripts": {"start": script}, "engines": {"node": source}})
    files = {f"{folder}/package.json": manifest, f"{folder}/Procfile": f"web: node {script}\n"}
    files |= {"requirements.txt": source, "app.py": f"{source}\n{MAIN}", ".python-version": source}
    repository = components(files)
    assert repository, "the service at the root is always found"
    proposal = generate.files(repository, PLACEMENT)
    assert expressions(proposal, [component.name for component in repository]) <= OURS
    assert generate.check(generate.objects(proposal)) == []
    document = yaml.safe_load(next(file.text for file in proposal if file.path == WORKFLOW))
    assert document["permissions"] == {}


def test_files_of_two_teams_differ_only_in_the_team() -> None:
    other = replace(PLACEMENT, team="payments", namespace="payments")
    repository = components(STACKS["pip"])
    storefront, payments = generate.files(repository, PLACEMENT), generate.files(repository, other)
    assert [file.text.replace("storefront", "payments") for file in storefront] == [file.text for file in payments]
