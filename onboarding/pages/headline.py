"""A run in one sentence: what is happening, and whose move it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine import registry
from engine.models import Move, Run, RunState, Step, StepState
from onboarding.models import Onboarding
from onboarding.pages import wording
from onboarding.pages.wording import Reader

_URGENCY = [StepState.FAILED, StepState.BLOCKED, StepState.WAITING]


@dataclass(frozen=True)
class Headline:
    """`icon` is its icon, `mine` whether the reader must act, `short` the text for titles and lists."""

    text: str
    whose: str
    icon: str
    short: str
    mine: bool = False
    link: tuple[str, str] | None = None

    @property
    def ended(self) -> bool:
        return self.whose == ""


def title(run: Run, step: Step) -> str:
    """The step's name for people; a step that this version does not know keeps its own."""
    if registry.known(run.kind, step.name):
        return registry.kind(run.kind, step.name).title
    return wording.capitalise(step.name.replace("_", " "))


def headline(onboarding: Onboarding, steps: Sequence[Step], reader: Reader) -> Headline:
    run, name = onboarding.run, onboarding.repository.full_name
    if run.state == RunState.DONE:
        return Headline(f"Onboarded: {name} is built, deployed and monitored.", "", "done", "Onboarded")
    if run.state == RunState.DECLINED:
        declined = [step.reason for step in steps if step.state == StepState.DECLINED]
        reason = wording.sentence(next(iter(declined), "Somebody decided against it."))
        return Headline(f"Ended without being finished. {reason}", "", "refused", "Declined")
    if run.state == RunState.CANCELLED:
        return Headline("Cancelled. Everything created until then is listed below.", "", "skipped", "Cancelled")
    return _active(run, steps, reader)


def _active(run: Run, steps: Sequence[Step], reader: Reader) -> Headline:
    """The team's move before the platform's, a person's before the machine's."""
    needy = [step for step in steps if wording.needs_person(step)]
    of_team = [step for step in needy if step.move == Move.TEAM]
    step = next(iter(sorted(of_team, key=_urgency)), None) or next(iter(needy), None)
    if step is not None:
        return _needs_person(run, step, reader)
    running = [step for step in steps if step.state in (StepState.RUNNING, StepState.READY, StepState.WAITING)]
    if not running:
        return Headline("About to start.", reader.whose(Move.MACHINE), "going", "In progress")
    text = f"In progress: {wording.listed(title(run, step) for step in running)}."
    if len(running) == 1 and running[0].reason:
        text = wording.sentence(running[0].reason)
    return Headline(text, reader.whose(Move.MACHINE), "going", "In progress")


def _urgency(step: Step) -> int:
    return _URGENCY.index(StepState(step.state))


def _needs_person(run: Run, step: Step, reader: Reader) -> Headline:
    whose, mine = reader.whose(step.move), reader.is_mine(step.move)
    reason = wording.sentence(step.reason)
    link = wording.link(*step.links[0]) if step.links and mine else None
    if step.state == StepState.FAILED:
        return Headline(f"“{title(run, step)}” failed. {reason}", whose, "problem", "Failed", mine, link)
    if step.state == StepState.BLOCKED:
        waiting = "" if mine else f"Waiting for {reader.name_of(step.move)}. "
        return Headline(f"{waiting}{reason}", whose, "blocked", "Blocked", mine, link)
    return Headline(reason, whose, "yours", "Your move" if mine else "Waiting", mine, link)
