"""Hostile content: it leads to a warning that names the file, in little time and memory, and never to an exception."""

import json
import resource
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

import stacks
from stacks.families import FAMILIES
from stacks.folder_files import MAX_TEXT
from stacks.listing import MAX_PATHS
from stacks.serving import MAX_SETTINGS
from stacks.workspaces import MAX_GLOBS
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
        ("compose.yaml", "[" * LONG),
        ("compose.yaml", "a: " + "[" * 100_000 + "]" * 100_000),
        ("compose.yaml", "- " * (LONG // 2)),
        ("compose.yaml", "? " * (LONG // 2)),
        ("compose.yaml", "".join(f"a{n}: &a{n}\n  <<: [{', '.join([f'*a{n - 1}'] * 30)}]\n" for n in range(1, 30))),
        ("compose.yaml", "a0: &a0 {b: 1}\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 300))),
        ("pom.xml", "<pluginManagement>" * 9_000 + "</pluginManagement>" * 9_000),
        ("pom.xml", "<a>" * (LONG // 3)),
    ],
)
def test_a_manifest_cannot_exhaust_the_parser(path: str, text: str) -> None:
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    reading = read({"requirements.txt": "", "app.py": "if __name__ == '__main__': ...", path: text})
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
    ("path", "text"),
    [
        ("compose.yaml", "services: {a: {image: postgres}}\nx: 1" + ":1" * (LONG // 2)),
        ("compose.yaml", "services: {0x" + "f" * 20_000 + ": {image: postgres}}"),
        ("compose.yaml", "services: {a: {image: 'postgres'}}\n" + "<<: {a: 1}\n" * 5_000),
        ("pyproject.toml", "project.version = 0x" + "f" * (LONG // 2)),
        ("go.mod", "module a\n\ngo " + "1" * 10_000 + ".1\n"),
        ("go.work", "use (" * (LONG // 5)),
        ("go.work", "use (\n" * (LONG // 6)),
        ("deno.jsonc", "/*//\n" * (LONG // 5)),
        ("deno.jsonc", "/*" * (LONG // 2)),
        ("deno.jsonc", '{"a": "' + "\\" * LONG),
        ("deno.jsonc", "," + " " * LONG),
        ("settings.gradle", "include 'a'," * (LONG // 12)),
        ("build.gradle", "id 'a' apply false " * (LONG // 19)),
        ("build.gradle", "".join(f"id 'a{number}' version\n" for number in range(LONG // 22))),
        ("package.json", json.dumps({"workspaces": ["*a" * 9 + "*b"] * 500})),
        ("package.json", json.dumps({"workspaces": ["**/" * 60 + "*a" * 50] * 200})),
        ("Dockerfile", "COPY a b\n" * (LONG // 9)),
    ],
)
def test_a_manifest_cannot_keep_the_reader_busy(path: str, text: str) -> None:
    """It asserts no time: each of these used to take minutes, or raised what no caller expects."""
    name = "a" * 200
    read({path: text, f"{name}/package.json": "{}", f"{name}/go.mod": "module a", f"{name}/{name}/Dockerfile": text})


@pytest.mark.parametrize(
    ("paths", "named"),
    [
        (["a/" * 50_000 + "package.json"], "characters"),
        (["a/" * 60 + "package.json"], "folders"),
        (["a\0b/package.json"], "control character"),
        (["a\ud800b/package.json"], "Unicode"),
        ([f"{number}/package.json" for number in range(MAX_PATHS + 1)], "first"),
    ],
)
def test_a_path_that_cannot_be_read_is_left_out_with_a_warning(paths: list[str], named: str) -> None:
    reading = stacks.read(paths, {}, "shop")
    assert not stacks.wanted(paths) or len(paths) > MAX_PATHS
    assert any(named in warning for warning in reading.warnings)


def test_a_source_with_too_many_variables_is_cut_with_a_warning() -> None:
    text = "".join(f"os.environ['A{number}']\n" for number in range(10_000))
    reading = read({"requirements.txt": "flask", "app.py": f"import os\nif __name__ == '__main__': ...\n{text}"})
    assert len(reading.components[0].settings) == MAX_SETTINGS
    assert any(f"more than {MAX_SETTINGS} variables" in warning for warning in reading.warnings)


def test_a_workspace_with_too_many_members_is_cut_with_a_warning() -> None:
    members = json.dumps({"workspaces": [f"p{number}" for number in range(1_000)]})
    reading = read({"package.json": members, "p1/package.json": "{}"})
    assert any(f"more than {MAX_GLOBS} workspace members" in warning for warning in reading.warnings)


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
