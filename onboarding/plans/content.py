"""The content of a plan, as a type: everything an onboarding would change, and what it would check to be sure.

Stored as JSON with the plan; its digest is what a person agrees to. It contains no secret.
"""

import hashlib
import json
from enum import StrEnum
from typing import Any

from onboarding.plans.planned import (
    Change,
    ExcludedComponent,
    Part,
    PlannedComponent,
    PlannedEvidence,
    PlannedFile,
    PlannedObject,
    PlannedSetting,
    PredictedBlocker,
)

__all__ = [
    "Change",
    "Choice",
    "Content",
    "Correction",
    "ExcludedComponent",
    "FileConflict",
    "PlannedComponent",
    "PlannedEvidence",
    "PlannedFile",
    "PlannedObject",
    "PlannedSetting",
    "PredictedBlocker",
]


class Choice(StrEnum):
    """Which of two files at one path to keep."""

    THEIRS = "theirs"
    OURS = "ours"


class FileConflict(Part):
    """A file of ours at the path of one of theirs. Nothing is replaced unless somebody `chose` ours, and nothing starts
    before somebody chose. `obstacle` says what is there that no file can replace: then ours can only be left out."""

    path: str
    diff: str
    chosen: Choice | None = None
    obstacle: str = ""


class Correction(Part):
    """A person's edit to a component on the plan page. None leaves what was read."""

    name: str
    included: bool = True
    port: int | None = None
    health_path: str | None = None
    start: str | None = None
    unneeded: list[str] = []
    """Variables that need no value, whatever the code looks like."""


class Content(Part):
    """The whole plan."""

    repository: str
    head: str
    tree: str
    branch: str
    default_branch: str
    namespace: str
    team_is_suggested: bool = False
    """Nobody decided who owns the repository; its own CODEOWNERS file suggests the plan's team."""
    providers: dict[str, str]
    corrections: list[Correction]
    choices: dict[str, Choice] = {}
    """Path → which of two files to keep, as people decided."""
    components: list[PlannedComponent]
    excluded: list[ExcludedComponent] = []
    unknown: str
    looked_at: list[str]
    files: list[PlannedFile]
    conflicts: list[FileConflict]
    objects: list[PlannedObject]
    predicted_blockers: list[PredictedBlocker]
    warnings: list[str]
    editions: dict[str, str] = {}
    """Part of the template → the edition that wrote the files (`generate.editions_of`)."""
    title: str
    body: str
    message: str

    @property
    def applications(self) -> list[PlannedComponent]:
        return [component for component in self.components if component.included]

    @property
    def required_values(self) -> dict[str, list[str]]:
        """Application → the variables whose values are entered before its first deployment."""
        names = {
            application.name: [setting.name for setting in application.settings if setting.required]
            for application in self.applications
        }
        return {application: settings for application, settings in names.items() if settings}

    @property
    def manifests_of_pipeline(self) -> list[dict[str, Any]]:
        """The objects that the pipeline applies."""
        return [planned.manifest for planned in self.objects if planned.change == Change.BY_PIPELINE]

    @property
    def can_start(self) -> bool:
        return bool(self.applications) and all(conflict.chosen for conflict in self.conflicts)

    def digest(self) -> str:
        """SHA-256, in hexadecimal, of the content with its keys in order."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(canonical.encode()).hexdigest()
