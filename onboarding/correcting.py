"""What people set right about components, in the same bounds as what was read: it goes into what is generated."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import replace

from onboarding.content import Correction
from onboarding.looking import Refused
from onboarding.stacks import Component, harmless

_PATH = re.compile(r"/[!-~]{0,199}")
_PORTS = range(1, 65_536)
LONGEST_START = 1_000


def corrected(components: Sequence[Component], corrections: Sequence[Correction]) -> list[Component]:
    """The components as the corrections say. Raises Refused for one that makes no sense."""
    names = [one.name for one in components]
    for one in corrections:
        if one.name not in names:
            raise _nonsense(
                f"There is no component “{_shown(one.name)}” to correct; there are {', '.join(names) or 'none'}."
            )
    return [_one(component, corrections) for component in components]


def _one(component: Component, corrections: Sequence[Correction]) -> Component:
    for one in corrections:
        if one.name == component.name:
            component = replace(
                component,
                port=component.port if one.port is None else _port(one.port),
                health_path=_path(one.health_path) if one.health_path else component.health_path,
                start=_words(one.start) if one.start else component.start,
            )
    return component


def _port(port: int) -> int:
    if port not in _PORTS:
        raise _nonsense(f"A port is a number from 1 to 65535, not {port}.")
    return port


def _path(path: str) -> str:
    if not _PATH.fullmatch(path) or not harmless(path):
        raise _nonsense(f"A health path begins with a slash and holds no blanks, unlike “{_shown(path)}”.")
    return path


def _words(start: str) -> tuple[str, ...]:
    if len(start) > LONGEST_START:
        raise _nonsense(f"A start command of {len(start):,} characters is too long; put it into a script.")
    if not harmless(start):
        raise _nonsense(f"The start command “{_shown(start)}” holds an expression or a control character.")
    try:
        return tuple(shlex.split(start))
    except ValueError as error:
        raise _nonsense(f"The start command “{_shown(start)}” has a quotation mark without its other half.") from error


def _shown(text: str) -> str:
    return text.encode("unicode_escape").decode()[:60]


def _nonsense(says: str) -> Refused:
    return Refused("correction", says)
