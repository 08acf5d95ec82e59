"""What each folder of a repository is, and what of it may go on into generated files."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from onboarding.stacks import container, existing, workspaces
from onboarding.stacks.choosing import MAX_FOLDERS, WORKFLOW, aside, folders
from onboarding.stacks.components import Component, Grounds, Reading, Role, Unknown
from onboarding.stacks.deployed import told_apart
from onboarding.stacks.families import FAMILIES
from onboarding.stacks.folder import Folder
from onboarding.stacks.naming import distinct, label
from onboarding.stacks.recognised import RECOGNISED

_RARE = {one.FAMILY for one in RECOGNISED}
_SCRIPTS = ("shell", "perl")
_ENDINGS = {one.FAMILY: one.ENDINGS for one in FAMILIES}
_CONFIDENCE = ("certain", "likely", "guess")
_OUTPUT = re.compile(r"(?!.*\.\.)/?[\w.*@+-]+(/[\w.*@+-]+)*")
_FOLDER = re.compile(r"[\w.@+][\w.@+-]*(/[\w.@+][\w.@+-]*)*")


def read(paths: Sequence[str], texts: Mapping[str, str], default_name: str) -> Reading:
    """What the repository holds; `default_name` names a component at its root. Never raises for what a file holds."""
    warnings: list[str] = []
    held = folders(sorted(set(paths)))
    if len(held) > MAX_FOLDERS:
        warnings.append(f"{len(held)} folders hold a manifest; the first {MAX_FOLDERS} were read.")
        held = dict(list(held.items())[:MAX_FOLDERS])
    read_folders = {root: Folder(root, files, texts, warnings) for root, files in held.items()}
    members = workspaces.above(read_folders)
    for member, tops in members.items():
        read_folders[member].workspaces = {family: read_folders[top] for family, top in tops.items()}
    found = [
        one
        for folder in read_folders.values()
        if not aside(folder.root) or folder.root in members
        if (one := _component(folder, default_name)) is not None and _safe(one, warnings)
    ]
    kept, others = told_apart(found, {member: max(tops.values(), key=len) for member, tops in members.items()}, texts)
    warnings += _committed(paths)
    warnings += existing.advice(existing.existing(paths, WORKFLOW))
    unknown = None if kept else _unknown(paths, found)
    return Reading(tuple(distinct(kept)), unknown, tuple(dict.fromkeys(warnings)), tuple(others))


_INSTALLED = re.compile(
    r"(?:^|/)(node_modules|bower_components|site-packages)/|(?:^|/)(\.?venv|env)/(?:bin/activate|pyvenv\.cfg)$"
)
_SIGNS = ("node_modules/", "bower_components/", "site-packages/", "venv/", "env/bin/", "env/pyvenv.cfg")
_SECRETS = re.compile(r"(?:^|/)\.env(?:\.(?:local|production|prod))?$")


def _committed(paths: Sequence[str]) -> list[str]:
    """What has no place in a repository: installed packages, and files that usually hold secrets."""
    installed: dict[str, int] = {}
    for path in paths:
        found = _INSTALLED.search(path) if any(one in path for one in _SIGNS) else None
        if found:
            folder = path[: found.end(1) if found[1] else found.end(2)]
            installed[folder] = installed.get(folder, 0) + 1
    said = [
        f"{folder} is committed: installed packages fit one machine alone, and make every build larger. "
        "Take it out (git rm -r --cached) and put it into .gitignore."
        for folder in sorted(installed)[:3]
    ]
    said += [
        f"{path} is committed: what it holds is known to everybody who may read the repository. Renew the secrets in it, "
        "take it out, and enter the values on the page of the run."
        for path in sorted(path for path in paths if ".env" in path and _SECRETS.search(path))[:3]
    ]
    return said


def _component(folder: Folder, default_name: str) -> Component | None:
    """What the folder is by the surest of what the families say; the others are named as alternatives."""
    name = label(folder.root.rpartition("/")[2] or default_name)
    found = []
    for family in FAMILIES:
        folder.workspace = folder.workspaces.get(family.FAMILY)
        component = family.read(folder, name)
        found += [component] if component is not None else []
    if not found:
        return container.read(folder, name)
    best = _best(found, folder)
    if best.grounds == Grounds.SOURCES and best.family in _SCRIPTS and folder.has(*container.NAMES):
        return container.read(folder, name)  # scripts beside a container file are what it copies
    if best.grounds == Grounds.SOURCES and best.confidence == "guess" and _rare(found) > 1:
        return container.read(folder, name)  # sources of several languages that nothing ties together: better unknown
    others = tuple(
        f"{one.family}: {' '.join(one.start)}"
        for one in found
        if one is not best and one.start and one.grounds > Grounds.COMPANION
    )
    best = existing.completed(replace(best, alternatives=(*best.alternatives, *others)), folder)
    return container.decided_by(best, folder)


def _best(found: Sequence[Component], folder: Folder) -> Component:
    """By what the container file builds on, where several are claimed; a script that starts something is of no language."""
    named = next((one for family in container.languages(folder) for one in found if one.family == family), None)
    if named is not None:
        return named
    real = [one for one in found if one.family not in _SCRIPTS and folder.below(*_ENDINGS[one.family])]
    best = min(found, key=_rank)
    return min(real, key=_rank) if best.family in _SCRIPTS and real else best


def _rare(found: Sequence[Component]) -> int:
    return sum(one.grounds == Grounds.SOURCES and one.family in _RARE for one in found)


def _rank(one: Component) -> tuple[int, bool, bool, int]:
    """What is known best comes first, then what can be started; a start page is beside many a program; of equals the first
    of `FAMILIES`."""
    page = one.role == Role.SITE and one.grounds <= Grounds.SOURCES
    return -one.grounds, not one.deployable, page, _CONFIDENCE.index(one.confidence)


def _safe(component: Component, warnings: list[str]) -> bool:
    """Nothing from a repository may carry an expression or a control character into what is generated."""
    bad = next((text for text in _carried(component) if not harmless(text)), None)
    if bad is None and component.root and not _FOLDER.fullmatch(component.root):
        bad = component.root
    if bad is None and component.output and not _OUTPUT.fullmatch(component.output):
        bad = component.output
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
    paths = (one.root, one.container_file, one.ignore_file, one.lock_file, one.version_file, one.output, *one.manifests)
    commands = (*one.install, *one.install_production, *one.build, *one.test, *one.start)
    return (*paths, *commands, one.version, one.health_path, one.metrics_path, one.workspace or "")


def _unknown(paths: Sequence[str], found: Sequence[Component]) -> Unknown:
    looked = tuple(path for path in paths if "/" not in path)[:12]
    if found:
        one = found[0]
        reason = f"This is {one.language or one.family}, but nothing in it says what would be started"
    else:
        reason = "No manifest of a language that Onramp knows was found"
    return Unknown(
        f"{reason}. A Dockerfile in the component's folder, with EXPOSE and CMD, is always understood.", looked
    )
