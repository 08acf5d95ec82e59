"""The parts of a plan's content: components, files, objects and predicted blockers, as they are stored and shown."""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from engine.models import Move


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PlannedEvidence(Part):
    """A file, the line that decided where one did, and what it means."""

    path: str
    line: int | None
    message: str


class PlannedSetting(Part):
    """A variable that the code reads. A `required` one gets its value before the first deployment; the value itself is never
    part of a plan."""

    name: str
    default: str | None
    secret: bool
    path: str
    line: int | None = None
    required: bool = False
    seems_required: bool = False
    """The code looks as if it were required; a person may have decided that it is not."""


class PlannedComponent(Part):
    """A component as it would run."""

    name: str
    root: str
    family: str
    language: str
    version: str
    framework: str
    start: list[str]
    test: list[str]
    port: int
    health_path: str
    metrics_path: str
    confidence: str
    evidence: list[PlannedEvidence]
    settings: list[PlannedSetting]
    address: str
    demand: dict[str, str]
    included: bool = True
    role: str = "service"
    container_file: str = ""
    package_manager: str = ""
    build: list[str] = []
    output: str = ""
    needs: list[str] = []
    alternatives: list[str] = []


class ExcludedComponent(Part):
    """Something recognised that is not deployed: `reason`, and `remedy` says what would make it a component."""

    name: str
    root: str
    language: str
    framework: str
    reason: str
    remedy: str


class PlannedFile(Part):
    """A file of the one commit, with the difference to what is there."""

    path: str
    text: str
    purpose: str
    diff: str


class Change(StrEnum):
    """What happens to a cluster object."""

    CREATE = "create"
    UPDATE = "update"
    UNKNOWN = "unknown"
    """The cluster could not be asked."""
    NONE = "unchanged"
    """It is already as it should be."""
    BY_PIPELINE = "by-pipeline"
    """The pipeline applies it; Onramp only checks beforehand that it may."""


class PlannedObject(Part):
    """A cluster object. `checked` says how it was checked."""

    kind: str
    name: str
    namespace: str
    change: Change
    checked: str
    manifest: dict[str, Any]


class PredictedBlocker(Part):
    """A cause that would stop the run right now, and whose move it would be."""

    kind: str
    summary: str
    explanation: str
    owner: Move
    ticket: bool
