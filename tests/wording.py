"""Refuses words that do not belong in Onramp: `python -m tests.wording [PATH …]`, part of `bin/test lint`.

`docs/language.md` has the rules. Prose is every comment, docstring, string, page and document; names are Python identifiers.
"""

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

BANNED = {
    r"shall": "will, or the imperative",
    r"anew": "again",
    r"lately": "recently",
    r"whoever": "a person who, or name the person",
    r"bears": "has",
    r"once more": "again",
    r"by itself": "automatically, or on its own",
    r"in earnest": "really",
    r"may not": "cannot, or must not",
    r"(?:is|are|was|were) told(?! apart)": "name who tells whom, or use an active verb",
    r"stands(?! for)": "is",
    r"pretend\w*": "simulated",
}
_PROSE = re.compile("|".join(rf"\b{word}\b" for word in BANNED), re.IGNORECASE)
_ALONE = re.compile(r"(?:\S+\s+){0,4}\balone\b", re.IGNORECASE)
"""“Leave it alone” is English; “alone” for “only” is not."""

NAMES = frozenset({"one", "found", "own", "says", "said", "asked"})
"""Identifiers that say nothing about their content."""

VERBATIM = "# verbatim"
"""At the end of a line that repeats a tool's own message."""
_PROSE_TOKENS = {tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}

PROSE_SUFFIXES = {".html", ".md", ".txt", ".toml", ".yaml", ".sh", ".sql"}
EXCEPTIONS = (
    "tests/wording.py",
    "docs/language.md",  # it quotes the banned words
    "requirements/",
    "sandbox/world/samples/files/",  # sample repositories: data
    "static/vendor/",
    "LICENSE",
)


@dataclass(frozen=True)
class Finding:
    path: str
    line: int
    text: str
    advice: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: “{self.text}”: {self.advice}"


def check(paths: Sequence[str]) -> list[Finding]:
    findings = []
    for path in paths:
        if path.startswith(EXCEPTIONS) or "/migrations/" in path:
            continue
        file = ROOT / path
        if file.suffix == ".py":
            findings += [*_python_prose(path, file), *_python_names(path, file)]
        elif file.suffix in PROSE_SUFFIXES or path.startswith("bin/"):
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
                findings += _prose(path, number, line)
    return findings


def _python_prose(path: str, file: Path) -> Iterator[Finding]:
    text = file.read_text(encoding="utf-8")
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in _PROSE_TOKENS and not token.line.rstrip().endswith(VERBATIM):
            for offset, line in enumerate(token.string.splitlines()):
                yield from _prose(path, token.start[0] + offset, line)


def _prose(path: str, number: int, line: str) -> Iterator[Finding]:
    for match in _PROSE.finditer(line):
        word = match.group(0)
        advice = next(advice for banned, advice in BANNED.items() if re.fullmatch(banned, word, re.IGNORECASE))
        yield Finding(path, number, word, advice)
    for match in _ALONE.finditer(line):
        if not re.search(r"\b(?:leav|left|let|stand)\w*\b", match.group(0), re.IGNORECASE):
            yield Finding(path, number, "alone", "only")


def _python_names(path: str, file: Path) -> Iterator[Finding]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        name = getattr(node, "name", None) if isinstance(node, ast.FunctionDef | ast.ClassDef) else None
        if isinstance(node, ast.Name):
            name = node.id
        elif isinstance(node, ast.arg):
            name = node.arg
        if name in NAMES:
            yield Finding(path, node.lineno, str(name), "name it by its content")  # type: ignore[attr-defined]


def main(arguments: Sequence[str]) -> int:
    listed = subprocess.run(["git", "ls-files", *arguments], cwd=ROOT, capture_output=True, check=True).stdout
    paths = [path for path in listed.decode().splitlines() if (ROOT / path).is_file()]
    findings = sorted(set(map(str, check(paths))))
    for finding in findings:
        sys.stdout.write(f"{finding}\n")
    if findings:
        sys.stdout.write(f"{len(findings)} findings; docs/language.md has the rules.\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
