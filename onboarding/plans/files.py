"""The files that the pull request would add or change, compared with those that are there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import generate
import readers
from catalog.models import Repository
from engine.models import RunState
from onboarding.models import Plan
from onboarding.plans.content import Choice, FileConflict, PlannedFile
from onboarding.plans.snapshot import Snapshot
from stacks import Component

MAX_EARLIER = 20
"""Onboardings of one repository whose files are recognised as ours."""


@dataclass(frozen=True)
class Proposal:
    """`manifests` are the objects that the pipeline would apply; `conflicting` the paths where two files meet."""

    files: list[PlannedFile] = field(default_factory=list)
    conflicts: list[FileConflict] = field(default_factory=list)
    conflicting: list[str] = field(default_factory=list)
    manifests: Sequence[dict[str, Any]] = ()
    title: str = ""
    body: str = ""


def written_by_us(repository: Repository) -> dict[str, set[str]]:
    """Path → the texts that earlier onboardings of the repository wrote there."""
    plans = Plan.objects.filter(repository__pk=repository.pk, onboardings__run__state=RunState.DONE)
    texts: dict[str, set[str]] = {}
    for content in plans.order_by("-created_at").values_list("content", flat=True)[:MAX_EARLIER]:
        for file in content["files"]:
            texts.setdefault(file["path"], set()).add(file["text"])
    return texts


def propose(
    components: Sequence[Component],
    placement: generate.Placement,
    taken: Snapshot,
    written: Mapping[str, set[str]],
    choices: Mapping[str, Choice],
) -> Proposal:
    """Files of ours that nobody touched are updated; where two files meet, both are shown and somebody chooses.
    Raises NotRead."""
    if not components:
        return Proposal()
    files = generate.files(components, placement)
    compared = generate.compare(files, taken.texts, taken.paths, written, taken.special)
    conflicting = [conflict.path for conflict in compared.conflicts]
    obstacles = {conflict.path: conflict.obstacle for conflict in compared.conflicts if conflict.obstacle}
    preferred = {path for path in conflicting if choices.get(path) == Choice.OURS and path not in obstacles}
    changed = (*compared.changed, *(file for file in files if file.path in preferred))
    title, body = generate.pull_request(components, compared.new, placement, changed)
    proposed = sorted((*compared.new, *changed), key=lambda file: file.path)
    diffs = iter(_diffs(proposed, compared.conflicts, taken))
    return Proposal(
        files=[PlannedFile(path=file.path, text=file.text, purpose=file.why, diff=next(diffs)) for file in proposed],
        conflicts=[
            FileConflict(
                path=conflict.path,
                diff=next(diffs),
                chosen=_chosen(conflict, choices),
                obstacle=conflict.obstacle,
            )
            for conflict in compared.conflicts
        ],
        conflicting=conflicting,
        manifests=generate.objects(files),
        title=title,
        body=body,
    )


def _chosen(conflict: generate.Conflict, choices: Mapping[str, Choice]) -> Choice | None:
    """Nobody can choose to put a file where none can be."""
    chosen = choices.get(conflict.path)
    return None if conflict.obstacle and chosen == Choice.OURS else chosen


def _diffs(files: Sequence[generate.File], conflicts: Sequence[generate.Conflict], taken: Snapshot) -> list[str]:
    """The differences of the files, then those of the conflicts. Raises NotRead."""
    return readers.diffs(
        [
            *((file.path, file.text, taken.texts.get(file.path)) for file in files),
            *((conflict.path, conflict.ours, conflict.theirs) for conflict in conflicts),
        ]
    )
