"""Versions of a language: those that still get fixes, and which of them a range of a manifest allows.

https://peps.python.org/pep-0440/#version-specifiers, https://github.com/npm/node-semver#ranges
"""

import re
from dataclasses import dataclass

MAX_RANGE = 200
"""Characters of a range that are looked at."""

_BOUND = re.compile(r"(?P<sign>[<>=!~^]*)\s*v?(?P<version>\d{1,3}(?:\.\d{1,3})?)[\w.*+-]*")
_BETWEEN = re.compile(r"v?(\d[\w.]*)\s+-\s+v?(\d[\w.]*)")


@dataclass(frozen=True)
class Runtime:
    """`supported` and `ended` in rising order, as of `as_of`; `default` is for repositories that say nothing."""

    language: str
    default: str
    supported: tuple[str, ...]
    ended: tuple[str, ...]
    as_of: str

    def allowed(self, asked: str) -> str:
        """The oldest supported version that the range allows; else the version that it names; else nothing."""
        asked = asked[:MAX_RANGE]
        fitting = [one for one in self.supported if _fits(one, asked)]
        named = _BOUND.search(asked)
        return fitting[0] if fitting else _short(named["version"], self.default) if named else ""

    def complaint(self, version: str) -> str:
        """A sentence about a version that gets no more fixes, or nothing."""
        if version and _number(version) <= _number(self.ended[-1]):
            newest = self.supported[-1]
            return f"{self.language} {version} gets no security fixes any more (as of {self.as_of}); {newest} does."
        return ""


def _fits(version: str, asked: str) -> bool:
    return any(_fits_all(version, part) for part in asked.split("||"))


def _fits_all(version: str, part: str) -> bool:
    bounds = list(_BOUND.finditer(_BETWEEN.sub(r">=\1 <=\2", part)))
    return bool(bounds) and all(_holds(_number(version), one["sign"], one["version"]) for one in bounds)


def _holds(candidate: tuple[int, ...], sign: str, bound: str) -> bool:
    """Compared as far as both go: 22 is a 22.11, and below 23."""
    limit = _number(bound)[: len(candidate)]
    shown = candidate[: len(limit)]
    match sign:
        case ">=" | ">":
            return shown >= limit
        case "<=":
            return shown <= limit
        case "<":
            return shown < limit
        case "^":
            return shown >= limit and shown[0] == limit[0]
        case "~=":
            return shown >= limit and shown[:-1] == limit[:-1]
        case "!=":
            return shown != limit
    return shown == limit


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(one[:6]) for one in re.findall(r"\d+", version)[:2])


def _short(version: str, like: str) -> str:
    """As many parts as versions of this language have."""
    return ".".join(version.split(".")[: like.count(".") + 1])
