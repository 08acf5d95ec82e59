"""Finds the functions that parse text in the code, and those that the fuzzer's parsers reach.

A function parses if it calls a known parser (of JSON, YAML, TOML, XML, base64, dates, URLs, command lines, pydantic's models) or
uses a regular expression. One that no document reaches has no promise that a search could break.
"""

import ast
import json
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from tests.fuzz import confined, regressions
from tests.fuzz.failure import ROOT, Failure
from tests.fuzz.instrumented import PACKAGES
from tests.fuzz.parser import Parser
from tests.fuzz.world import Runner

CALLS = {
    *("loads", "load_all", "safe_load", "safe_load_all", "fromstring", "parsedate_to_datetime", "fromisoformat", "strptime"),
    *("model_validate", "model_validate_json", "validate_json", "validate_python", "b64decode", "decompress"),
    *("shlex.split", "urlsplit", "urlparse", "parse_qs", "ip_address", "ip_network"),
    *("re.match", "re.search", "re.fullmatch", "re.sub", "re.split", "re.findall", "re.finditer"),
    *("parsing.jsonc", "parsing.toml", "parsing.yaml", "parsing.xml"),
}  # fmt: skip
"""A name, or one with the module or object before it."""
COMPILERS = {"compile", "repeated"}

Function = tuple[str, str]
"""(module's path, qualified name)."""


def parsing_functions(source: str, path: str) -> set[Function]:
    """The functions in this source that parse."""
    tree = ast.parse(source)
    patterns = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and _compiles(node.value)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    return {(path, name) for name, body in _functions(tree) if any(_parses(node, patterns) for node in body)}


def _functions(tree: ast.AST, before: str = "") -> Iterator[tuple[str, list[ast.AST]]]:
    """(qualified name, nodes of its own body without those of functions inside)."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            name = f"{before}{node.name}"
            yield name, list(_own(node))
            yield from _functions(node, f"{name}.<locals>.")
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{before}{node.name}.")
        else:
            yield from _functions(node, before)


def _own(function: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(function):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node
            yield from _own(node)


def _compiles(value: ast.AST) -> bool:
    return any(
        isinstance(node, ast.Call) and _name(node.func).rpartition(".")[2] in COMPILERS for node in ast.walk(value)
    )


def _parses(node: ast.AST, patterns: set[str]) -> bool:
    if isinstance(node, ast.Name):
        return node.id in patterns
    if not isinstance(node, ast.Call):
        return False
    name = _name(node.func)
    return name in CALLS or name.rpartition(".")[2] in CALLS


def _name(node: ast.AST) -> str:
    """`module.function` of a call, or a plain name."""
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value).rpartition('.')[2]}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def all_parsing_functions() -> set[Function]:
    """Those of the whole product."""
    files = (
        path
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if "migrations" not in path.parts
    )
    return {
        function
        for path in files
        for function in parsing_functions(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT)))
    }


def reached(parsers: Iterable[Parser]) -> set[Function]:
    """The functions that run while every parser gets its samples and its regressions."""
    functions: set[Function] = set()
    for parser in parsers:
        result = confined.in_child(parser, lambda runner, parser=parser: _traced(runner, parser))  # type: ignore[misc]
        assert result is not None
        assert result.signature == "reached", f"{parser.name}: {result.signature}\n{result.description}"
        functions |= {(path, name) for path, name in json.loads(result.description)}
    return functions


def _traced(runner: Runner, parser: Parser) -> Failure:
    seen: set[Any] = set()

    def profile(frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            seen.add(frame.f_code)

    threading.setprofile(profile)
    sys.setprofile(profile)
    for document in (*parser.samples(), *(each for _, each in regressions.of(parser.name))):
        runner.run(document)
    sys.setprofile(None)
    ours = [(code.co_filename, code.co_qualname) for code in seen if code.co_filename.startswith(str(ROOT))]
    return Failure("reached", json.dumps([(str(Path(path).relative_to(ROOT)), name) for path, name in ours]))
