"""GitHub's glob patterns for branches and paths.

https://docs.github.com/actions/reference/workflow-syntax-for-github-actions#filter-pattern-cheat-sheet
"""

import re
from collections.abc import Iterable
from functools import lru_cache

PARTS = re.compile(r"\*\*/|\*\*|\*|\?|\+|\[[^\]]+\]|\\.|.", re.DOTALL)
MEANING = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "?", "+": "+"}


@lru_cache(maxsize=500)
def _pattern(glob: str) -> re.Pattern[str]:
    return re.compile("".join(_meaning(part) for part in PARTS.findall(glob)))


def _meaning(part: str) -> str:
    if part in MEANING:
        return MEANING[part]
    if part.startswith("["):
        return part
    return re.escape(part[-1])


def matches(globs: Iterable[str], name: str) -> bool:
    """Whether the name matches the patterns, applied in order; a pattern with `!` excludes it again."""
    matched = False
    for glob in globs:
        negative = glob.startswith("!")
        if _pattern(glob.removeprefix("!")).fullmatch(name):
            matched = not negative
    return matched
