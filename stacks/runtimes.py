"""Versions of a language: which still get fixes, and which of these a range in a manifest allows.

https://peps.python.org/pep-0440/#version-specifiers, https://github.com/npm/node-semver#ranges
"""

from dataclasses import dataclass

import patterns

MAX_RANGE = 200
"""Characters of a range that are read."""

_BOUND = patterns.repeated(r"(?P<sign>[<>=!~^]{0,9})\s{0,40}v?(?P<version>\d{1,3}(?:\.\d{1,3})?)[\w.*+-]{0,200}")
_BETWEEN = patterns.repeated(r"v?(\d[\w.]{0,200})\s{1,40}-\s{1,40}v?(\d[\w.]{0,200})")
_DIGITS = patterns.repeated(r"\d{1,200}")


@dataclass(frozen=True)
class Runtime:
    """`supported` and `ended` ascend and are as of `as_of`. `default` is for repositories without a version."""

    language: str
    default: str
    supported: tuple[str, ...]
    ended: tuple[str, ...]
    as_of: str

    def allowed(self, version_range: str) -> str:
        """The oldest supported version in the range; or else the first version that it names; or else an empty text."""
        version_range = version_range[:MAX_RANGE]
        fitting = [version for version in self.supported if _fits(version, version_range)]
        first = _BOUND.search(version_range)
        return fitting[0] if fitting else _shortened(first["version"], self.default) if first else ""

    def complaint(self, version: str) -> str:
        """A sentence about a version that no longer gets fixes, or an empty text."""
        if version and _number(version) <= _number(self.ended[-1]):
            newest = self.supported[-1]
            return (
                f"{self.language} {version} no longer gets security fixes (as of {self.as_of}). "
                f"Upgrade to a supported version; {newest} is the newest."
            )
        return ""


def _fits(version: str, version_range: str) -> bool:
    return any(_fits_all(version, part) for part in version_range.split("||"))


def _fits_all(version: str, part: str) -> bool:
    bounds = list(_BOUND.finditer(_BETWEEN.sub(r">=\1 <=\2", part)))
    return bool(bounds) and all(_holds(_number(version), bound["sign"], bound["version"]) for bound in bounds)


def _holds(candidate: tuple[int, ...], sign: str, bound: str) -> bool:
    """Compares as many parts as both versions have: 22 counts as 22.11, and is below 23."""
    limit = _number(bound)[: len(candidate)]
    shortened = candidate[: len(limit)]
    match sign:
        case ">=" | ">":
            return shortened >= limit
        case "<=":
            return shortened <= limit
        case "<":
            return shortened < limit
        case "^":
            return shortened >= limit and shortened[0] == limit[0]
        case "~=":
            return shortened >= limit and shortened[:-1] == limit[:-1]
        case "!=":
            return shortened != limit
    return shortened == limit


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part[:6]) for part in _DIGITS.findall(version)[:2])


def _shortened(version: str, like: str) -> str:
    """The version with as many parts as `like`."""
    return ".".join(version.split(".")[: like.count(".") + 1])
