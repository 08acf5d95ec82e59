"""The page of a plan: what was understood, what would be made and by whom, line by line."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

import yaml

from catalog.models import Person
from onboarding.content import Choice, Content, Correction, PlannedComponent, PlannedObject
from onboarding.engine import registry
from onboarding.models import Kept, Move, Onboarding, Plan
from onboarding.reading import usual
from onboarding.reading.words import Reader, Readers, listed
from onboarding.steps import configuration

BY_THE_PIPELINE = "by the pipeline"


@dataclass(frozen=True)
class DiffLine:
    """`kind` is add, remove, same or place."""

    kind: str
    sign: str
    text: str


@dataclass(frozen=True)
class FileView:
    path: str
    why: str
    lines: list[DiffLine]

    @property
    def added(self) -> int:
        return sum(line.kind == "add" for line in self.lines)

    @property
    def removed(self) -> int:
        return sum(line.kind == "remove" for line in self.lines)


@dataclass(frozen=True)
class ClashView:
    """Two files that meet, and which of them shall stand where somebody chose."""

    file: FileView
    chosen: Choice | None


@dataclass(frozen=True)
class ObjectView:
    planned: PlannedObject
    text: str


@dataclass(frozen=True)
class PlannedStep:
    """A step before it runs: what it creates, who does it, how long it usually takes."""

    title: str
    creates: str
    owner: str
    usual: usual.Range | None


@dataclass(frozen=True)
class ComponentView:
    """A component with its start command as one types it."""

    planned: PlannedComponent
    start: str

    @property
    def test(self) -> str:
        return shlex.join(self.planned.test)

    @property
    def build(self) -> str:
        return shlex.join(self.planned.build)

    @property
    def to_enter(self) -> int:
        """How many values are to be entered."""
        return sum(each.required for each in self.planned.settings)


@dataclass(frozen=True)
class PlanView:
    plan: Plan
    content: Content
    reader: Reader
    steps: list[PlannedStep]
    components: list[ComponentView]
    files: list[FileView]
    clashes: list[ClashView]
    room: list[ObjectView]
    delivered: list[ObjectView]
    active: Onboarding | None
    usual: usual.Range | None
    kept: Kept | None

    @property
    def timed(self) -> bool:
        """Whether history knows how long any of the steps takes."""
        return any(step.usual for step in self.steps)

    @property
    def summary(self) -> str:
        """How much would be made, in one sentence."""
        files, objects = len(self.files), len(self.room)
        pull = f"One pull request with {files} file{'' if files == 1 else 's'}"
        room = (
            f", {objects} object{'' if objects == 1 else 's'} in the namespace {self.content.namespace}"
            if objects
            else ""
        )
        return f"{pull}{room}."

    @property
    def updates(self) -> int:
        """How many files are there already, as Onramp once wrote them."""
        return sum(bool(one.removed) for one in self.files)

    @property
    def tickets(self) -> int:
        return sum(one.ticket for one in self.content.foreseen)


def of(plan: Plan, person: Person) -> PlanView:
    content = Content.model_validate(plan.content)
    reader = Readers(person).of(plan.team, plan.person_id)
    objects = [ObjectView(one, _manifest(one)) for one in content.objects]
    return PlanView(
        plan=plan,
        content=content,
        reader=reader,
        steps=_steps(content, reader),
        components=[ComponentView(one, shlex.join(one.start)) for one in content.components],
        files=[FileView(one.path, one.why, diff_lines(one.diff)) for one in content.files],
        clashes=[ClashView(FileView(one.path, "", diff_lines(one.diff)), one.chosen) for one in content.clashes],
        room=[one for one in objects if one.planned.change != BY_THE_PIPELINE],
        delivered=[one for one in objects if one.planned.change == BY_THE_PIPELINE],
        active=Onboarding.objects.filter(repository=plan.repository, active=True).first(),
        usual=usual.whole_run(),
        kept=Kept.objects.select_related("person").filter(repository=plan.repository).first()
        if content.corrections
        else None,
    )


def diff_lines(diff: str) -> list[DiffLine]:
    """A unified diff without its header, each line with its sign."""
    kinds = {"+": "add", "-": "remove", "@": "place"}
    lines = [line for line in diff.splitlines() if not line.startswith(("--- ", "+++ ", "\\ No newline"))]
    return [DiffLine(kinds.get(line[:1], "same"), line[:1] if line[:1] in "+-" else " ", _text(line)) for line in lines]


def _text(line: str) -> str:
    return line if line.startswith("@") else line[1:]


def _manifest(planned: PlannedObject) -> str:
    return yaml.safe_dump(planned.manifest, sort_keys=False, allow_unicode=True, width=100)


def _steps(content: Content, reader: Reader) -> list[PlannedStep]:
    took = usual.each_step()
    return [
        PlannedStep(kind.title, *_creates(kind.name, content, reader), took.get(kind.name))
        for kind in registry.kinds("onboarding")
        if kind.name != configuration.NAME or configuration.needed(content)
    ]


def _creates(step: str, content: Content, reader: Reader) -> tuple[str, str]:
    """(what the step makes outside, whose move it is)."""
    onramp = reader.name_of(Move.MACHINE)
    names = listed(one.name for one in content.applications) if content.applications else "the applications"
    files = f"{len(content.files)} file{'s' if len(content.files) != 1 else ''}"
    made = {
        "access": f"a webhook on {content.repository}, so that Onramp hears of pushes and merges",
        "namespace": f"the namespace {content.namespace} with its quota, guard rails and rights, where they are missing",
        "pipeline": "nothing; it checks that pipelines may run in the repository",
        "delivery": "nothing; it checks that the pipeline may apply its manifests",
        "metrics": "nothing; it checks that metrics can arrive",
        "logs": f"how long logs of {content.namespace} are kept",
        "pull_request": f"the branch {content.branch} with one commit of {files}, and one pull request",
        "build": "nothing; it follows the pull request’s build",
        configuration.NAME: f"a Secret in {content.namespace} with the values that you enter",
        "merge": "nothing; you look at the pull request and merge it"
        if reader.on_team
        else "nothing; the team looks at the pull request and merges it",
        "release": f"nothing; it follows the build of {content.default_branch}, which pushes the images",
        "deploy": f"nothing; the pipeline deploys {names} into {content.namespace}",
        "proof": "nothing; it looks for the image, the address, a metric and a log line",
    }
    owner = reader.name_of(Move.TEAM) if step in ("merge", configuration.NAME) else onramp
    return made.get(step, "what its page will list"), owner


def corrections(content: Content, given: Mapping[str, str]) -> list[Correction]:
    """What the plan's form says about its components, earlier corrections kept. Raises ValueError with a sentence."""
    earlier = {one.name: one for one in content.corrections}
    found = [_correction(one, earlier.get(one.name, Correction(name=one.name)), given) for one in content.components]
    return [one for one in found if one != Correction(name=one.name)]


def choices(content: Content, given: Mapping[str, str]) -> dict[str, Choice]:
    """Which of two files shall stand, as the plan's form says; what it does not say stays open."""
    asked = {one.path: given.get(f"stands-{one.path}", "") for one in content.clashes}
    return {path: Choice(said) for path, said in asked.items() if said in set(Choice)}


def _correction(component: PlannedComponent, earlier: Correction, given: Mapping[str, str]) -> Correction:
    name = component.name
    port, health, start = (given.get(f"{field}-{name}", "").strip() for field in ("port", "health", "start"))
    if port and not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise ValueError(f"{name}: a port is a number from 1 to 65535, not “{port[:20]}”.")
    if health and not health.startswith("/"):
        raise ValueError(f"{name}: the health path begins with a slash, unlike “{health[:40]}”.")
    changed: dict[str, object] = {"included": f"included-{name}" in given}
    if port and int(port) != component.port:
        changed["port"] = int(port)
    if health and health != component.health_path:
        changed["health_path"] = health
    if start and start != shlex.join(component.start):
        changed["start"] = _command(name, start)
    asked = [each.name for each in component.settings if each.asked]
    changed["unneeded"] = [one for one in asked if f"needs-{name}-{one}" not in given]
    return earlier.model_copy(update=changed)


def _command(name: str, start: str) -> str:
    try:
        shlex.split(start)
    except ValueError as error:
        raise ValueError(f"{name}: the start command cannot be read: a quotation mark is not closed.") from error
    return start
