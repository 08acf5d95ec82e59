"""Expressions over foreign text: all of them go through `patterns`, and none can be made slow."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

import patterns
from patterns import Pattern, RepeatedPattern

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    *(
        "stacks",
        "generate",
        "readers",
        "integrations",
        "onboarding",
        "catalog",
        "dashboard",
        "events",
        "engine",
        "database",
        "tenancy",
        "api",
    ),
    *("portal", "patterns"),
)
ALLOWED = {
    "patterns/__init__.py": "wraps the engine",
    "portal/embedded/programs.py": "reads the output of programs that the demo itself starts",
}
"""File → why it may use an engine directly."""
ENGINES = {"re", "re2", "regex", "sre_compile", "fnmatch", "glob"}
LENGTH = 30_000
ENDLESS = 10_000
"""Characters. No match of a repeated pattern can be as long."""


def product_files() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def engines_in(source: str) -> Iterator[tuple[int, str]]:
    """(line, what is wrong) of every import of an engine, and of every pattern that a function compiles."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = getattr(node, "module", None)
            for name in [module] if module else [alias.name for alias in node.names]:
                if name.partition(".")[0] in ENGINES:
                    yield node.lineno, f"imports {name}; use patterns, whose work is linear"
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            for call in (each for each in ast.walk(node) if isinstance(each, ast.Call)):
                if ast.unparse(call.func) in ("patterns.compile", "patterns.repeated"):
                    yield (
                        call.lineno,
                        "compiles a pattern in a function; compile it at module level, where a test finds it",
                    )


def test_foreign_text_meets_no_engine_that_backtracks() -> None:
    findings = [
        f"{name}:{line}: {message}"
        for path in product_files()
        if (name := str(path.relative_to(ROOT))) not in ALLOWED
        for line, message in engines_in(path.read_text(encoding="utf-8"))
    ]
    assert not findings, "\n".join(findings)


@pytest.mark.parametrize(
    "source",
    [
        "import re",
        "from re import compile",
        "def read():\n    import fnmatch",
        "import regex as patterns",
        "def read(text):\n    return patterns.compile(text)",
    ],
)
def test_the_rule_finds_it(source: str) -> None:
    assert list(engines_in(source))


def _load_product() -> None:
    for package in PACKAGES:
        for module in pkgutil.walk_packages([str(ROOT / package)], f"{package}."):
            if ".migrations" not in module.name and not module.name.endswith(("__main__", ".wsgi", ".celery")):
                importlib.import_module(module.name)


def product_patterns() -> tuple[Pattern, ...]:
    _load_product()
    return patterns.compiled()


def _width(pattern: Pattern) -> int:
    """Characters of the longest match."""
    return int(parser.parse(pattern.source).getwidth()[1])


def test_no_pattern_for_all_places_can_match_without_end() -> None:
    repeated = [pattern for pattern in product_patterns() if isinstance(pattern, RepeatedPattern)]
    assert len(repeated) > 20
    endless = [
        f"{pattern}: give each of its quantifiers an upper bound" for pattern in repeated if _width(pattern) > ENDLESS
    ]
    assert not endless, "\n".join(endless)


def _example(tree: Any, more: int) -> str:
    """A text that the parsed pattern matches: every quantifier takes its minimum and `more`."""
    return "".join(_piece(code, value, more) for code, value in tree)


def _piece(code: Any, value: Any, more: int) -> str:
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
        least, most, inner = value
        return _example(inner, more) * min(int(most), int(least) + more)
    if code == codes.SUBPATTERN:
        return _example(value[-1], more)
    if code == codes.BRANCH:
        return _example(value[1][-1], more)
    if code == codes.LITERAL:
        return chr(value)
    if code == codes.IN:
        return _member(value)
    return "" if code == codes.AT else "x"


def _member(choices: Any) -> str:
    """The first of a set of characters; a letter for a class or a negated set."""
    code, value = choices[0]
    if code == codes.LITERAL:
        return chr(value)
    return chr(value[0]) if code == codes.RANGE else "1" if value == codes.CATEGORY_DIGIT else "a"


def hostile_texts(pattern: Pattern) -> Iterator[str]:
    """Long texts that almost match it everywhere: an example, every beginning of it, and every one of its characters."""
    seeds = {"\n", " ", "a", "\\", '"', "(", "/*//\n"}
    if not any(each in pattern.source for each in (patterns.NOTHING, patterns.WORD)):
        tree = parser.parse(pattern.source)
        examples = [_example(tree, more)[:300] for more in (0, 1, 30)]
        seeds |= {
            seed
            for example in examples
            for seed in (example, example[:-1], example[: len(example) // 2], *example[:40])
        }
    for seed in sorted(seeds - {""}):
        yield seed * (LENGTH // len(seed))


def test_every_pattern_gets_through_long_texts() -> None:
    """It asserts no time: with an engine that backtracks it does not end."""
    walked = product_patterns()
    assert len(walked) > 200
    for pattern in walked:
        for text in hostile_texts(pattern):
            pattern.search(text)
            pattern.fullmatch(text)
            if isinstance(pattern, RepeatedPattern):
                assert all(match.end() - match.start() <= ENDLESS for match in pattern.finditer(text))


def test_half_of_a_surrogate_pair_is_a_character_like_any_other() -> None:
    match = patterns.compile("b").search("a\ud800b")
    assert match is not None
    assert match.start() == 2


def test_places_are_counted_in_characters() -> None:
    assert [match.start() for match in patterns.repeated("b").finditer("äb€b")] == [1, 3]
