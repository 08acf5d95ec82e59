"""People's edits to components: validated within the same bounds as what is read, because they go into generated files."""

import shlex
from collections.abc import Sequence
from dataclasses import replace

import patterns
from catalog.models import Person, Repository
from events.log import record
from onboarding.models import SavedCorrections
from onboarding.plans.content import Correction
from onboarding.plans.preflight import RequestRejected
from stacks import Component, harmless

_PATH = patterns.compile(r"/[!-~]{0,199}")
_PORTS = range(1, 65_536)
MAX_COMMAND = 1_000
"""Characters of a start command."""


def saved_for(repository: Repository) -> list[Correction]:
    """The edits that were saved for this repository, stored or not."""
    saved = SavedCorrections.objects.filter(repository=repository.pk).first() if repository.pk else None
    return [Correction.model_validate(correction) for correction in saved.corrections] if saved else []


def save(person: Person, repository: Repository, corrections: Sequence[Correction]) -> None:
    """Save the edits for every later plan of the repository; none discards those that were saved."""
    before = [correction.model_dump(mode="json") for correction in saved_for(repository)]
    after = [correction.model_dump(mode="json") for correction in corrections]
    if before != after:
        facts = {"before": before, "after": after}
        record("onramp.corrections.saved", repository.full_name, person=person.username, **facts)
    if not corrections:
        SavedCorrections.objects.filter(repository=repository).delete()
        return
    values = {"person": person, "corrections": [correction.model_dump(mode="json") for correction in corrections]}
    SavedCorrections.objects.update_or_create(repository=repository, defaults=values)


def apply(components: Sequence[Component], corrections: Sequence[Correction]) -> list[Component]:
    """The components with the edits applied. Raises RequestRejected for an edit that makes no sense."""
    names = [component.name for component in components]
    for correction in corrections:
        if correction.name not in names:
            known = ", ".join(names) or "none"
            raise _invalid(f"There is no component “{_escape(correction.name)}” to edit. Components: {known}.")
    return [_apply(component, corrections) for component in components]


def _apply(component: Component, corrections: Sequence[Correction]) -> Component:
    for correction in corrections:
        if correction.name == component.name:
            component = replace(
                component,
                port=component.port if correction.port is None else _port(correction.port),
                health_path=_path(correction.health_path) if correction.health_path else component.health_path,
                start=_command(correction.start) if correction.start else component.start,
            )
    return component


def _port(port: int) -> int:
    if port not in _PORTS:
        raise _invalid(f"A port is a number from 1 to 65535, not {port}.")
    return port


def _path(path: str) -> str:
    if not _PATH.fullmatch(path) or not harmless(path):
        raise _invalid(f"A health path begins with a slash and contains no spaces, unlike “{_escape(path)}”.")
    return path


def _command(start: str) -> tuple[str, ...]:
    if len(start) > MAX_COMMAND:
        raise _invalid(f"A start command of {len(start):,} characters is too long; put it into a script.")
    if not harmless(start):
        raise _invalid(f"The start command “{_escape(start)}” contains an expression or a control character.")
    try:
        return tuple(shlex.split(start))
    except ValueError as error:
        raise _invalid(f"The start command “{_escape(start)}” has an unclosed quotation mark.") from error


def _escape(text: str) -> str:
    return text.encode("unicode_escape").decode()[:60]


def _invalid(message: str) -> RequestRejected:
    return RequestRejected("correction", message)
