"""What each folder of a repository is, and what of it may go on into generated files."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from onboarding.stacks import container
from onboarding.stacks.choosing import MAX_COMPONENTS, folders
from onboarding.stacks.components import Component, Reading, Unknown
from onboarding.stacks.families import FAMILIES
from onboarding.stacks.folder import Folder
from onboarding.stacks.naming import distinct, label

_CONFIDENCE = ("certain", "likely", "guess")
_FOLDER = re.compile(r"[\w.@+][\w.@+-]*(/[\w.@+][\w.@+-]*)*")


def read(paths: Sequence[str], texts: Mapping[str, str], default_name: str) -> Reading:
    """The components of the repository; `default_name` names one at its root. Never raises for what a file holds."""
    warnings: list[str] = []
    held = folders(sorted(set(paths)))
    if len(held) > MAX_COMPONENTS:
        warnings.append(f"{len(held)} folders hold a manifest; the first {MAX_COMPONENTS} were read.")
        held = dict(list(held.items())[:MAX_COMPONENTS])
    found = [_component(Folder(root, files, texts, warnings), default_name) for root, files in held.items()]
    components = distinct([one for one in found if one is not None and _safe(one, warnings)])
    unknown = None if components else _unknown(paths, bool(held))
    return Reading(tuple(components), unknown, tuple(warnings))


def _component(folder: Folder, default_name: str) -> Component | None:
    """The surest of what the families say; the others are named as alternatives."""
    name = label(folder.root.rpartition("/")[2] or default_name)
    found = [one for family in FAMILIES if (one := family.read(folder, name)) is not None]
    if not found:
        return container.read(folder, name)
    best = min(found, key=lambda one: _CONFIDENCE.index(one.confidence))
    others = tuple(f"{one.family}: {' '.join(one.start)}" for one in found if one is not best)
    return container.decided_by(replace(best, alternatives=(*best.alternatives, *others)), folder)


def _safe(component: Component, warnings: list[str]) -> bool:
    """Nothing from a repository may carry an expression or a control character into what is generated."""
    bad = next((text for text in _carried(component) if not harmless(text)), None)
    if bad is None and component.root and not _FOLDER.fullmatch(component.root):
        bad = component.root
    if bad is None:
        return True
    shown = bad.encode("unicode_escape").decode()[:60]
    warnings.append(
        f"{component.name} was left out: “{shown}” holds an expression, a control character or a sign "
        "that a folder's name in a pipeline cannot have."
    )
    return False


def harmless(text: str) -> bool:
    """Neither an expression of a pipeline nor a control character."""
    return "${{" not in text and text.isprintable()


def _carried(one: Component) -> tuple[str, ...]:
    """Every text that generated files may hold."""
    paths = (one.root, one.container_file, one.ignore_file, one.lock_file, one.version_file, *one.manifests)
    commands = (*one.install, *one.install_production, *one.build, *one.test, *one.start)
    return (*paths, *commands, one.version, one.health_path, one.metrics_path)


def _unknown(paths: Sequence[str], manifests: bool) -> Unknown:
    looked = tuple(path for path in paths if "/" not in path)[:12]
    reason = (
        "Manifests were found, but nothing in them says what would be started"
        if manifests
        else "No manifest of a language that Onramp knows was found"
    )
    return Unknown(
        f"{reason}. A Dockerfile in the component's folder, with EXPOSE and CMD, is always understood.", looked
    )
