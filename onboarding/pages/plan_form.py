"""What the form of a plan's page contains: edits to components, and which of two files to keep."""

import shlex
from collections.abc import Mapping

from onboarding.plans.content import Choice, Content, Correction, PlannedComponent

MAX_DIGITS = 5
"""Of a port. Python refuses to read a number of thousands of digits."""


class InvalidForm(ValueError):
    """The message is a sentence for the person who filled in the form."""


def corrections(content: Content, fields: Mapping[str, str]) -> list[Correction]:
    """The edits in the form, earlier ones kept. Raises InvalidForm."""
    earlier = {edit.name: edit for edit in content.corrections}
    edits = [
        _correction(component, earlier.get(component.name, Correction(name=component.name)), fields)
        for component in content.components
    ]
    return [edit for edit in edits if edit != Correction(name=edit.name)]


def choices(content: Content, fields: Mapping[str, str]) -> dict[str, Choice]:
    """Path → which of two files to keep; a path that the form does not mention stays open."""
    chosen = {conflict.path: fields.get(f"keep-{conflict.path}", "") for conflict in content.conflicts}
    return {path: Choice(choice) for path, choice in chosen.items() if choice in set(Choice)}


def _correction(component: PlannedComponent, earlier: Correction, fields: Mapping[str, str]) -> Correction:
    name = component.name
    port, health, start = (fields.get(f"{field}-{name}", "").strip() for field in ("port", "health", "start"))
    if port and not (port.isascii() and port.isdigit() and len(port) <= MAX_DIGITS and 1 <= int(port) <= 65535):
        raise InvalidForm(f"{name}: a port is a number from 1 to 65535, not “{port[:20]}”.")
    if health and not health.startswith("/"):
        raise InvalidForm(f"{name}: the health path must begin with a slash, unlike “{health[:40]}”.")
    changed: dict[str, object] = {"included": f"included-{name}" in fields}
    if port and int(port) != component.port:
        changed["port"] = int(port)
    if health and health != component.health_path:
        changed["health_path"] = health
    if start and start != shlex.join(component.start):
        changed["start"] = _command(name, start)
    candidates = [setting.name for setting in component.settings if setting.seems_required]
    changed["unneeded"] = [setting for setting in candidates if f"needs-{name}-{setting}" not in fields]
    return earlier.model_copy(update=changed)


def _command(name: str, start: str) -> str:
    try:
        shlex.split(start)
    except ValueError as error:
        raise InvalidForm(f"{name}: the start command has an unclosed quotation mark.") from error
    return start
