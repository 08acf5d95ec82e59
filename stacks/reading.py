"""Reads a repository: the component in each of its folders, and the reason if none of them can be deployed."""

from collections.abc import Mapping, Sequence

from stacks import committed, existing, listing, workspaces
from stacks.candidates import MAX_FOLDERS, aside, folders
from stacks.choosing import WORKFLOW
from stacks.claims import component_of
from stacks.components import Component
from stacks.deployable import partition
from stacks.folder import Folder
from stacks.folder_files import MAX_WARNINGS
from stacks.naming import distinct
from stacks.result import Reading, Unknown
from stacks.safety import safe


def read(paths: Sequence[str], texts: Mapping[str, str], default_name: str) -> Reading:
    """The content of a repository. `default_name` names a component at its root.

    Never raises because of file contents.
    """
    paths, warnings = listing.readable(paths)
    candidates = _folders(paths, texts, warnings)
    in_workspaces = workspaces.find(candidates)
    for member, tops in in_workspaces.items():
        candidates[member].workspaces = {family: candidates[top] for family, top in tops.items()}
    components = [
        component
        for folder in candidates.values()
        if not aside(folder.root) or folder.root in in_workspaces
        if (component := component_of(folder, default_name)) is not None and safe(component, warnings)
    ]
    nearest = {member: max(tops.values(), key=len) for member, tops in in_workspaces.items()}
    deployed, others = partition(components, nearest, texts)
    warnings += committed.warnings(paths)
    warnings += existing.advice(existing.find(paths, WORKFLOW))
    unknown = None if deployed else _unknown(paths, components)
    return Reading(tuple(distinct(deployed)), unknown, tuple(dict.fromkeys(warnings))[:MAX_WARNINGS], tuple(others))


def _folders(paths: Sequence[str], texts: Mapping[str, str], warnings: list[str]) -> dict[str, Folder]:
    candidates = folders(sorted(set(paths)))
    if len(candidates) > MAX_FOLDERS:
        warnings.append(
            f"{len(candidates)} folders contain a manifest. Onramp reads at most {MAX_FOLDERS} and ignored the rest."
        )
        candidates = dict(list(candidates.items())[:MAX_FOLDERS])
    return {root: Folder(root, files, texts, warnings) for root, files in candidates.items()}


def _unknown(paths: Sequence[str], components: Sequence[Component]) -> Unknown:
    considered = tuple(path for path in paths if "/" not in path)[:12]
    if components:
        first = components[0]
        reason = f"This is {first.language or first.family}, but nothing shows how to start it"
    else:
        reason = "No manifest of a supported language was found"
    return Unknown(
        f"{reason}. Add a Dockerfile with EXPOSE and CMD to the component's folder; Onramp always accepts that.",
        considered,
    )
