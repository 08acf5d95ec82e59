"""Content that was written to do harm: a warning that names the file, in little time and memory, never an exception."""

import json
import resource
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.stacks.families import FAMILIES
from onboarding.stacks.folder import MAX_TEXT
from tests.unit.stacks.repository import read

LONG = MAX_TEXT - 1_000


HOURS = 60
"""Seconds that tell a pattern which never ends from a slow machine."""


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", "a." * (LONG // 2) + "a=1"),
        ("pyproject.toml", "[" + "a." * (LONG // 2) + "a]"),
        ("pyproject.toml", "a=" + "[" * LONG),
        ("pyproject.toml", "a=" + "{a=" * (LONG // 4)),
        ("package.json", "[" * LONG),
        ("package.json", '{"a":' * (LONG // 5)),
        ("package.json", '{"a":' + "1" * LONG + "}"),
        ("package.json", "{" * 10_000_000),
        ("package.json", '"text"'),
    ],
)
def test_a_manifest_that_is_a_bomb(path: str, text: str) -> None:
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    found = read({path: text})
    assert time.perf_counter() - began < HOURS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000, "kilobytes"
    assert any(path in one for one in found.warnings)


@pytest.mark.parametrize(
    "piece",
    ["run(", "HTTPServer(('", ".listen({", "environ.get('A',", "process.env.A || ", "\n", " ", "a\n", "\\\n", "<", "'"],
)
def test_text_that_makes_patterns_slow(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    manifest = json.dumps({"engines": {"node": text[:40_000]}, "scripts": {"start": text[:40_000]}})
    files = {"requirements.txt": text, "app.py": text, "Procfile": f"web: {text}", ".python-version": text}
    files |= {"w/package.json": manifest, "w/server.js": text, "w/.nvmrc": text, "d/Dockerfile": text}
    for number, family in enumerate(FAMILIES):
        names = (*family.MARKERS, *family.MANIFESTS, *family.ENTRIES)
        files |= {f"f{number}/{name.replace('*', 'x')}": text[:20_000] for name in names}
    began = time.perf_counter()
    read(files)
    assert time.perf_counter() - began < HOURS


@pytest.mark.parametrize(
    "root", ["a b", "a\nb", "a`b`", "$(a)", "a;b", "-x", "a'b", 'a"b', "a=b", "a:b", "${{ a }}", "a/../b"]
)
def test_a_folder_whose_name_could_do_harm_is_left_out(root: str) -> None:
    found = read({f"{root}/requirements.txt": "", f"{root}/app.py": "if __name__ == '__main__': ..."})
    assert not found.components


@pytest.mark.parametrize(
    "files",
    [
        {"requirements.txt": "", "Procfile": "web: python ${{ secrets.X }}\n"},
        {"package.json": json.dumps({"scripts": {"start": "node a.js"}}), "Procfile": "web: node ${{ github.token }}"},
        {"Dockerfile": 'FROM a\nCMD ["${{ secrets.X }}"]\n'},
        {"Dockerfile": 'FROM a\nCMD ["a\\nb"]\n'},
    ],
)
def test_an_expression_or_a_control_character_is_refused_with_a_reason(files: dict[str, str]) -> None:
    found = read(files)
    assert not found.components
    assert any("left out" in one for one in found.warnings)


NAMES = st.text(st.characters(exclude_characters="\x00"), min_size=1, max_size=30)
MARKERS = st.sampled_from(
    ["package.json", "requirements.txt", "Dockerfile", "Procfile", "app.py", "index.js", ".nvmrc"]
)
PATHS = st.one_of(NAMES, MARKERS, st.tuples(NAMES, MARKERS).map("/".join))
WORDS = ["web: ", "python ", "${{ x }}", '{"scripts": {"start": "node x.js"}}', "CMD ", "EXPOSE 80\n", "\n", "FROM a\n"]
TEXTS = st.one_of(NAMES, st.lists(st.sampled_from(WORDS), max_size=6).map("".join))


@given(st.dictionaries(PATHS, TEXTS, max_size=8), NAMES)
def test_whatever_comes_reading_ends_and_what_it_gives_is_tame(files: dict[str, str], name: str) -> None:
    found = read(files, name)
    assert bool(found.components) != bool(found.unknown)
    for one in found.components:
        carried = " ".join((one.root, one.version, one.version_file, *one.start, *one.test, *one.install, *one.build))
        assert "${{" not in carried
        assert carried.isprintable()
        assert one.port in range(1, 65_536)
