"""A run in one sentence: what is happening, and whose move it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from onboarding.engine import registry
from onboarding.models import Move, Onboarding, Run, RunState, Step, StepState
from onboarding.reading import words
from onboarding.reading.words import Reader


@dataclass(frozen=True)
class Headline:
    """`shape` is the shape and the icon; `mine` says that the reader is the one who must act."""

    text: str
    whose: str
    shape: str
    short: str
    mine: bool = False
    link: tuple[str, str] | None = None

    @property
    def ended(self) -> bool:
        return self.whose == ""


def title(run: Run, step: Step) -> str:
    """The step's name for people; a step that the code knows no more keeps its own."""
    if registry.known(run.kind, step.name):
        return registry.kind(run.kind, step.name).title
    return words.capitalised(step.name.replace("_", " "))


def headline(onboarding: Onboarding, steps: Sequence[Step], reader: Reader) -> Headline:
    run, name = onboarding.run, onboarding.repository.full_name
    if run.state == RunState.DONE:
        return Headline(f"Onboarded: {name} is built, deployed and observed.", "", "done", "Onboarded")
    if run.state == RunState.REFUSED:
        why = next((step.reason for step in steps if step.state == StepState.REFUSED), "Somebody decided against it.")
        return Headline(f"Ended without being finished. {words.sentence(why)}", "", "refused", "Refused")
    if run.state == RunState.CANCELLED:
        return Headline("Cancelled. What was made until then is listed below.", "", "skipped", "Cancelled")
    return _active(run, steps, reader)


def _active(run: Run, steps: Sequence[Step], reader: Reader) -> Headline:
    """The team's move before the platform's, a person's before the machine's."""
    needing = [step for step in steps if words.needs_somebody(step)]
    of_team = [step for step in needing if step.move == Move.TEAM]
    step = next(iter(sorted(of_team, key=_urgency)), None) or next(iter(needing), None)
    if step is not None:
        return _somebody(run, step, reader)
    going = [one for one in steps if one.state in (StepState.RUNNING, StepState.READY, StepState.WAITING)]
    if not going:
        return Headline("About to start.", reader.whose(Move.MACHINE), "going", "In progress")
    first = next((one for one in going if one.reason), going[0])
    about = words.listed(title(run, one) for one in going)
    text = words.sentence(first.reason) if len(going) == 1 and first.reason else f"In progress: {about}."
    return Headline(text, reader.whose(Move.MACHINE), "going", "In progress")


def _urgency(step: Step) -> int:
    return [StepState.FAILED, StepState.BLOCKED, StepState.WAITING].index(StepState(step.state))


def _somebody(run: Run, step: Step, reader: Reader) -> Headline:
    whose, mine = reader.whose(step.move), reader.is_mine(step.move)
    reason = words.sentence(step.reason)
    link = words.link(*step.links[0]) if step.links and mine else None
    if step.state == StepState.FAILED:
        return Headline(
            f"There is a problem in “{title(run, step)}”. {reason}", whose, "problem", "Problem", mine, link
        )
    if step.state == StepState.BLOCKED:
        waits = f"Waiting for {reader.name_of(step.move)}. " if not mine else ""
        return Headline(f"{waits}{reason}", whose, "blocked", "Blocked", mine, link)
    return Headline(reason, whose, "yours", "Your move" if mine else "Waiting", mine, link)
