"""Hostile content: it leads to a warning that names the file, in little time and memory, and never to an exception."""

import json
import resource
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.families import FAMILIES
from stacks.folder_files import MAX_TEXT
from tests.unit.stacks.repository import read

LONG = MAX_TEXT - 1_000

TOO_LONG = 60
"""Seconds. Even a slow machine needs less, unless a pattern backtracks endlessly."""


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
def test_a_manifest_cannot_exhaust_the_parser(path: str, text: str) -> None:
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    reading = read({path: text})
    assert time.perf_counter() - began < TOO_LONG
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000, "kilobytes"
    assert any(path in warning for warning in reading.warnings)


@pytest.mark.parametrize(
    "piece",
    ["run(", "HTTPServer(('", ".listen({", "environ.get('A',", "process.env.A || ", "\n", " ", "a\n", "\\\n", "<", "'"],
)
def test_no_text_makes_patterns_slow(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    manifest = json.dumps({"engines": {"node": text[:40_000]}, "scripts": {"start": text[:40_000]}})
    files = {"requirements.txt": text, "app.py": text, "Procfile": f"web: {text}", ".python-version": text}
    files |= {"w/package.json": manifest, "w/server.js": text, "w/.nvmrc": text, "d/Dockerfile": text}
    for number, family in enumerate(FAMILIES):
        names = (*family.markers, *family.manifests, *family.entries)
        files |= {f"f{number}/{name.replace('*', 'x')}": text[:20_000] for name in names}
    began = time.perf_counter()
    read(files)
    assert time.perf_counter() - began < TOO_LONG


@pytest.mark.parametrize(
    "root", ["a b", "a\nb", "a`b`", "$(a)", "a;b", "-x", "a'b", 'a"b', "a=b", "a:b", "${{ a }}", "a/../b"]
)
def test_a_folder_with_a_harmful_name_is_left_out(root: str) -> None:
    reading = read({f"{root}/requirements.txt": "", f"{root}/app.py": "if __name__ == '__main__': ..."})
    assert not reading.components


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
    reading = read(files)
    assert not reading.components
    assert any("left out" in warning for warning in reading.warnings)


NAMES = st.text(st.characters(exclude_characters="\x00"), min_size=1, max_size=30)
MARKERS = st.sampled_from(
    ["package.json", "requirements.txt", "Dockerfile", "Procfile", "app.py", "index.js", ".nvmrc"]
)
PATHS = st.one_of(NAMES, MARKERS, st.tuples(NAMES, MARKERS).map("/".join))
WORDS = ["web: ", "python ", "${{ x }}", '{"scripts": {"start": "node x.js"}}', "CMD ", "EXPOSE 80\n", "\n", "FROM a\n"]
TEXTS = st.one_of(NAMES, st.lists(st.sampled_from(WORDS), max_size=6).map("".join))


@given(st.dictionaries(PATHS, TEXTS, max_size=8), NAMES)
def test_any_input_is_read_and_the_result_is_harmless(files: dict[str, str], name: str) -> None:
    reading = read(files, name)
    assert bool(reading.components) != bool(reading.unknown)
    for component in reading.components:
        commands = (*component.start, *component.test, *component.install, *component.build)
        texts = " ".join((component.root, component.version, component.version_file, *commands))
        assert "${{" not in texts
        assert texts.isprintable()
        assert component.port in range(1, 65_536)
