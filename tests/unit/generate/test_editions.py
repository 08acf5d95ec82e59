"""A change of the generated files is a new edition. Only repositories in the languages that changed are behind."""

import hashlib
from types import SimpleNamespace

import pytest

import generate
from generate import editions, ruby
from generate.toolchains import TOOLCHAINS
from tests.unit.generate.proposals import STACKS, components, generated

WRITTEN = {
    "deno": ("2026-11-30", "1f42d45ebcf9f58688bfcccb048cb96a46e1299732270b3f0a52acd8e87cb97a"),
    "dotnet": ("2026-11-30", "dd648e66941f96427f8d1f70b67b21b18cd9868016f8c1c997db9e64e87e4860"),
    "go": ("2026-11-30", "57547e32a779d6165ff5aefe4d660abff17471e04206841b9cf3dbc3642a4870"),
    "java": ("2026-11-30", "40292c294ec714c82ad56bd564ddd564b51fcfbdf24e15c664d355d1371e9d61"),
    "node": ("2026-11-30", "d78512c96c1deb8c5a08facac06005c7ba776ff9902c77c4ba83b21a5db83df4"),
    "php": ("2026-11-30", "8b8371653a0cfa980132eccc49637168e8877b36ff7f8f27b48d0b20e49c245a"),
    "python": ("2026-11-30", "76fd841fdd500f3794f15bf40c94b975e88d0176d5ce4050093e23ce58715bdf"),
    "ruby": ("2026-11-30", "ccdbae0360ca86695730b15772d1ace908d08e5b7ac9992e149f3ba6cb574395"),
    "rust": ("2026-11-30", "8d1b5b4710ef5b29d02bf07a04b767241d007b1a2a14886d88e5842aa7b4f30f"),
    "static": ("2026-11-30", "c53d9db16e5fd607dfd810143f69642a3664f6d3d2fc69aa810aacdeb4da3118"),
    "dockerfile": ("2026-11-30", "468d484e9b2589099e3df2949f7839c0442230dcbd4c686efd1f16e72798797b"),
}
"""Language → (its newest edition, the digest of the files that are generated for its stacks)."""

LATER = "2999-01-01"


def digest(family: str) -> str:
    stacks = {name: files for name, files in STACKS.items() if components(files)[0].family == family}
    texts = "".join(
        f"{name}\0{path}\0{text}\0" for name, files in stacks.items() for path, text in sorted(generated(files).items())
    )
    return hashlib.sha256(texts.encode()).hexdigest()


@pytest.mark.parametrize("family", [*TOOLCHAINS, "dockerfile"])
def test_a_change_of_the_generated_files_is_a_new_edition(family: str) -> None:
    current = (max(generate.editions_of([family]).values()), digest(family))
    assert current == WRITTEN.get(family), (
        f"The files that are generated for {family} have changed. Add an edition that says what it brings: to EDITIONS in the "
        "module of the language, or to those in generate/editions.py if the files of all languages have changed. A new language "
        f"needs no edition. Then write here: {current}"
    )


def test_editions_are_in_order() -> None:
    for declared in (editions.EDITIONS, *(toolchain.EDITIONS for toolchain in TOOLCHAINS.values())):
        assert list(declared) == sorted(declared)


def test_a_repository_with_the_newest_editions_is_up_to_date() -> None:
    assert generate.since(generate.editions_of(["python", "node"])) == []


def test_without_any_editions_everything_shared_is_new() -> None:
    assert generate.since({}) == list(reversed(editions.EDITIONS.values()))


def test_a_new_edition_of_a_language_concerns_only_its_repositories(monkeypatch: pytest.MonkeyPatch) -> None:
    python, rails = generate.editions_of(["python"]), generate.editions_of(["node", "ruby"])
    monkeypatch.setitem(ruby.EDITIONS, LATER, "Faster gems.")
    assert generate.since(python) == []
    assert generate.since(rails) == ["Faster gems."]
    assert generate.since(generate.editions_of(["node", "ruby"])) == []


def test_a_new_shared_edition_concerns_every_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    written = [generate.editions_of(["python"]), generate.editions_of([])]
    monkeypatch.setitem(editions.EDITIONS, LATER, "Smaller manifests.")
    assert [generate.since(each) for each in written] == [["Smaller manifests."]] * 2


def test_a_new_language_concerns_no_repository_until_it_has_an_edition(monkeypatch: pytest.MonkeyPatch) -> None:
    python, elixir = generate.editions_of(["python"]), generate.editions_of(["elixir"])
    toolchain = SimpleNamespace(EDITIONS={})
    monkeypatch.setattr(editions, "TOOLCHAINS", {**TOOLCHAINS, "elixir": toolchain})
    assert generate.since(python) == generate.since(elixir) == []
    toolchain.EDITIONS[LATER] = "Releases with mix."
    assert generate.since(python) == []
    assert generate.since(elixir) == ["Releases with mix."]
