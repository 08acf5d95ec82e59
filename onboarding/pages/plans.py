"""The page of a plan: what was found, what would be created and by whom."""

import shlex
from dataclasses import dataclass

import yaml

from catalog.models import Person
from onboarding.models import Onboarding, Plan, SavedCorrections
from onboarding.pages import durations
from onboarding.pages.diffs import FileDiff, diff_lines
from onboarding.pages.wording import Reader, Readers, plural
from onboarding.plans.content import Change, Choice, Content, PlannedComponent, PlannedObject
from onboarding.steps import golden_path

RUNTIMES = {"node": "Node", "java": "Java", "dotnet": ".NET"}
"""Family → what its versions are versions of, where that is not the language."""


@dataclass(frozen=True)
class ConflictView:
    """Two files at one path, and which of them to keep where somebody chose."""

    file: FileDiff
    chosen: Choice | None
    obstacle: str = ""


@dataclass(frozen=True)
class ObjectView:
    planned: PlannedObject
    text: str


@dataclass(frozen=True)
class StepView:
    """A step before it runs: what it does and creates, whose move it is, how long it usually takes."""

    title: str
    does: str
    creates: str
    owner: str
    usual: durations.Range | None


@dataclass(frozen=True)
class ComponentView:
    """A component with its commands as people type them."""

    planned: PlannedComponent
    start: str

    @property
    def language(self) -> str:
        """The language with its version, or with the runtime that the version belongs to."""
        language, version = self.planned.language, self.planned.version
        runtime = RUNTIMES.get(self.planned.family, language)
        if not version:
            return language
        return f"{language} {version}" if runtime == language else f"{language} · {runtime} {version}"

    @property
    def test(self) -> str:
        return shlex.join(self.planned.test)

    @property
    def build(self) -> str:
        return shlex.join(self.planned.build)

    @property
    def required_values(self) -> int:
        """How many values must be entered."""
        return sum(setting.required for setting in self.planned.settings)


@dataclass(frozen=True)
class PlanView:
    plan: Plan
    content: Content
    reader: Reader
    steps: list[StepView]
    components: list[ComponentView]
    files: list[FileDiff]
    conflicts: list[ConflictView]
    namespace_objects: list[ObjectView]
    pipeline_objects: list[ObjectView]
    active: Onboarding | None
    started: Onboarding | None
    """The newest run of this plan: the page then shows what was approved."""
    usual: durations.Range | None
    saved: SavedCorrections | None

    @property
    def timed(self) -> bool:
        """Whether there is history about any of the steps."""
        return any(step.usual for step in self.steps)

    @property
    def summary(self) -> str:
        """How much would be created, in one sentence."""
        files, objects = plural(len(self.files), "file"), len(self.namespace_objects)
        namespace = f", and {plural(objects, 'object')} in the namespace {self.content.namespace}" if objects else ""
        return f"One pull request with {files}{namespace}."

    @property
    def updates(self) -> int:
        """How many files exist already, as Onramp once wrote them."""
        return sum(bool(file.removed) for file in self.files)

    @property
    def tickets(self) -> int:
        return sum(blocker.ticket for blocker in self.content.predicted_blockers)


def of(plan: Plan, person: Person) -> PlanView:
    content = Content.model_validate(plan.content)
    reader = Readers(person).of(plan.team)
    objects = [ObjectView(planned, _manifest(planned)) for planned in content.objects]
    saved = SavedCorrections.objects.select_related("person").filter(repository=plan.repository).first()
    return PlanView(
        plan=plan,
        content=content,
        reader=reader,
        steps=_steps(content, reader),
        components=[ComponentView(component, shlex.join(component.start)) for component in content.components],
        files=[FileDiff(file.path, file.purpose, diff_lines(file.diff)) for file in content.files],
        conflicts=[
            ConflictView(FileDiff(conflict.path, "", diff_lines(conflict.diff)), conflict.chosen, conflict.obstacle)
            for conflict in content.conflicts
        ],
        namespace_objects=[view for view in objects if view.planned.change != Change.BY_PIPELINE],
        pipeline_objects=[view for view in objects if view.planned.change == Change.BY_PIPELINE],
        active=Onboarding.objects.visible_to(person).filter(repository=plan.repository, active=True).first(),
        started=plan.onboardings.visible_to(person)
        .select_related("run", "person")
        .order_by("-run__created_at")
        .first(),
        usual=durations.whole_run(),
        saved=saved if content.corrections else None,
    )


def _manifest(planned: PlannedObject) -> str:
    return yaml.safe_dump(planned.manifest, sort_keys=False, allow_unicode=True, width=100)


def _steps(content: Content, reader: Reader) -> list[StepView]:
    took = durations.each_step()
    return [
        StepView(
            title=step.title,
            does=step.does,
            creates=step.creates(content),
            owner=reader.name_of(step.owner),
            usual=took.get(step.name),
        )
        for step in golden_path.ONBOARDING
        if step.only_if(content)
    ]
