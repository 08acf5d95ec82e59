"""Mutants: a source file with one condition, loop or exception handler changed, as code objects that replace the real ones."""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import CodeType

Key = tuple[str, str, int]
"""(file, qualified name, first line) of a function."""


@dataclass(frozen=True)
class Mutant:
    name: str
    """FILE:LINE and what was changed."""
    codes: dict[Key, CodeType]
    """The functions that differ."""

    def is_of(self, test: Path) -> bool:
        """Whether the file of tests is named after the changed file."""
        return Path(self.name.partition(":")[0]).stem in test.stem


def mutants_of(path: Path, shown: str) -> list[Mutant]:
    """Every mutant of the functions in a file; `shown` is how its name begins. What runs at import is left as it is."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    original = _codes(tree, path)
    mutants = []
    for number, (line, what, _) in enumerate(_sites(tree)):
        changed = copy.deepcopy(tree)
        next(change for index, (_, _, change) in enumerate(_sites(changed)) if index == number)()
        codes = _codes(ast.fix_missing_locations(changed), path)
        differing = {key: code for key, code in codes.items() if original.get(key) != code and key[1] != "<module>"}
        if differing:
            mutants.append(Mutant(f"{shown}:{line} {what}", differing))
    return mutants


def _codes(tree: ast.Module, path: Path) -> dict[Key, CodeType]:
    """Functions that share a name and a first line, as two lambdas of a line do, are left out."""
    codes: dict[Key, CodeType] = {}
    shared: set[Key] = set()
    for code in _nested(compile(tree, str(path), "exec", dont_inherit=True)):
        key = key_of(code)
        if key in codes:
            shared.add(key)
        codes[key] = code
    return {key: code for key, code in codes.items() if key not in shared}


def key_of(code: CodeType) -> Key:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _nested(constant)


def _sites(tree: ast.Module) -> Iterator[tuple[int, str, Callable[[], None]]]:
    """(line, what is changed, the change) for each place, always in the same order."""
    for node in ast.walk(tree):
        match node:
            case ast.If() | ast.While() | ast.IfExp():
                yield node.test.lineno, f"not ({ast.unparse(node.test)})", partial(_negate, node, "test")
            case ast.match_case(guard=ast.expr() as guard):
                yield guard.lineno, f"not ({ast.unparse(guard)})", partial(_negate, node, "guard")
            case ast.Return(value=ast.Compare() | ast.UnaryOp(op=ast.Not()) as value):
                yield node.lineno, f"return not ({ast.unparse(value)})", partial(_negate, node, "value")
            case ast.comprehension():
                for index, condition in enumerate(node.ifs):
                    yield condition.lineno, f"not ({ast.unparse(condition)})", partial(_negate_at, node.ifs, index)
            case ast.BoolOp():
                yield node.lineno, f"and ↔ or in {ast.unparse(node)}", partial(_swap, node)
            case ast.ExceptHandler(type=ast.expr() as caught):
                yield node.lineno, f"does not catch {ast.unparse(caught)}", partial(_empty, node, "type")
            case ast.For():
                yield node.lineno, f"skips the loop over {ast.unparse(node.iter)}", partial(_empty, node, "iter")


def _negate(node: ast.AST, field: str) -> None:
    setattr(node, field, ast.UnaryOp(ast.Not(), getattr(node, field)))


def _negate_at(conditions: list[ast.expr], index: int) -> None:
    conditions[index] = ast.UnaryOp(ast.Not(), conditions[index])


def _swap(node: ast.BoolOp) -> None:
    node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()


def _empty(node: ast.AST, field: str) -> None:
    setattr(node, field, ast.Tuple([], ast.Load()))
