"""What a plan says, as a type: everything an onboarding would change, and what it would look at to be sure.

Stored as JSON with the plan; its digest is what a click agrees to. It holds no secret.
"""

import hashlib
import json
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Because(_Part):
    """A file, its line where one decided, and what it says."""

    path: str
    line: int | None
    says: str


class PlannedSetting(_Part):
    """A variable that the code reads. One that is `required` has its value entered before the first deployment; the value
    itself is never part of a plan."""

    name: str
    default: str | None
    secret: bool
    path: str
    line: int | None = None
    required: bool = False
    asked: bool = False
    """The code looks as if it were required; people may have said that it is not."""


class PlannedComponent(_Part):
    """A component as it would be run. `sample` is the query that would prove its metrics."""

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
    evidence: list[Because]
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


class PlannedOther(_Part):
    """What was recognised and is not deployed: `why`, and `can` says what would make it a component."""

    name: str
    root: str
    language: str
    framework: str
    why: str
    can: str


class PlannedFile(_Part):
    """A file of the one commit, with the difference to what is there."""

    path: str
    text: str
    why: str
    diff: str


class PlannedObject(_Part):
    """A cluster object. `change` is new, changed or same; `checked` says by whom."""

    kind: str
    name: str
    namespace: str
    change: str
    checked: str
    manifest: dict[str, Any]


class Choice(StrEnum):
    """Which of two files at one path shall stand."""

    THEIRS = "theirs"
    OURS = "ours"


class Clash(_Part):
    """A file of ours that would meet one of theirs. Nothing is replaced unless somebody `chose` ours, and nothing starts
    before somebody chose."""

    path: str
    diff: str
    chosen: Choice | None = None


class Foreseen(_Part):
    """A cause that will stop the run as things are now, and whose move it will be."""

    kind: str
    summary: str
    explanation: str
    owner: str
    ticket: bool


class Correction(_Part):
    """What people set right about a component on the plan page. None leaves it as it was read."""

    name: str
    included: bool = True
    port: int | None = None
    health_path: str | None = None
    start: str | None = None
    unneeded: list[str] = []
    """Variables that need no value, whatever the code looks like."""


class Content(_Part):
    """The whole plan."""

    repository: str
    head: str
    tree: str
    branch: str
    default_branch: str
    namespace: str
    providers: dict[str, str]
    corrections: list[Correction]
    choices: dict[str, Choice] = {}
    """Path → which of two files shall stand, as people said."""
    components: list[PlannedComponent]
    others: list[PlannedOther] = []
    unknown: str
    looked_at: list[str]
    files: list[PlannedFile]
    clashes: list[Clash]
    objects: list[PlannedObject]
    foreseen: list[Foreseen]
    warnings: list[str]
    template: str = ""
    """The edition of the golden path that wrote the files; nothing for plans of before there were editions."""
    title: str
    body: str
    message: str

    @property
    def applications(self) -> list[PlannedComponent]:
        return [one for one in self.components if one.included]

    @property
    def to_enter(self) -> dict[str, list[str]]:
        """Application → the variables whose values are entered before its first deployment."""
        found = {one.name: [each.name for each in one.settings if each.required] for one in self.applications}
        return {name: names for name, names in found.items() if names}

    @property
    def can_start(self) -> bool:
        return bool(self.applications) and all(one.chosen for one in self.clashes)

    def digest(self) -> str:
        """SHA-256, in hexadecimal, of the content with its keys in order."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(canonical.encode()).hexdigest()
