"""The few words and icons that pages have for a step's state, a move and a length of time."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from catalog.models import Membership, Person, Team
from engine.models import Move, Step, StepState
from onboarding.models import Onboarding
from onboarding.reactions.messages import NEEDS_PERSON


@dataclass(frozen=True)
class Status:
    """A word and the name of its icon: colour is never the only sign."""

    word: str
    icon: str


_PLAIN = {
    StepState.READY: Status("In progress", "going"),
    StepState.RUNNING: Status("In progress", "going"),
    StepState.BLOCKED: Status("Blocked", "blocked"),
    StepState.FAILED: Status("Failed", "problem"),
    StepState.DONE: Status("Done", "done"),
    StepState.DECLINED: Status("Declined", "refused"),
    StepState.CANCELLED: Status("Skipped", "skipped"),
}


def needs_person(step: Step) -> bool:
    """It only proceeds once a person has done something."""
    return step.state in NEEDS_PERSON and (step.state != StepState.WAITING or step.move != Move.MACHINE)


def status(step: Step, reader: "Reader", *, held_up: bool) -> Status:
    """`held_up`: an earlier step waits for a person."""
    if step.state == StepState.NOT_STARTED:
        return Status("Cannot start yet", "later") if held_up else Status("Not started", "todo")
    if step.state == StepState.WAITING:
        if step.move == Move.MACHINE:
            return Status("In progress", "going")
        return Status(f"Waiting for {reader.name_of(step.move)}", "yours")
    return _PLAIN[StepState(step.state)]


@dataclass(frozen=True)
class Reader:
    """Who reads about one team's run: the same move is “yours” to one person and “the platform team's” to another."""

    on_team: bool
    is_platform: bool
    team_name: str
    speaks_for_team: bool = False
    """On the team or on its platform team."""
    agreed: bool = False
    """Somebody has let the run into the team's namespace."""

    @property
    def may_agree(self) -> bool:
        return self.speaks_for_team and not self.agreed

    def name_of(self, move: str) -> str:
        if move == Move.PLATFORM:
            return "you, the platform team" if self.is_platform else "the platform team"
        if move == Move.TEAM:
            return "you" if self.on_team else self.team_name
        return "Onramp"

    def whose(self, move: str) -> str:
        """Whose move it is, as a label."""
        if self.is_mine(move):
            return "Your move"
        name = capitalise(self.name_of(move))
        return f"{name}’ move" if name.endswith("s") else f"{name}’s move"

    def is_mine(self, move: str) -> bool:
        return (move == Move.TEAM and self.on_team) or (move == Move.PLATFORM and self.is_platform)


class Readers:
    """Creates a Reader for each run of a page with one query for the person's teams."""

    def __init__(self, person: Person) -> None:
        self.person = person
        columns = ("team", "team__organisation", "team__is_platform")
        rows = Membership.objects.of(person).values_list(*columns)
        self.teams = {team for team, _, _ in rows}
        self.governed = {organisation for _, organisation, platform in rows if platform}

    def of(self, team: Team | None, started_by: int | None = None) -> Reader:
        """`started_by` counts as the team, too."""
        if team is None:
            return Reader(started_by == self.person.pk, bool(self.governed), "the repository's team")
        member, platform = team.pk in self.teams, team.organisation_id in self.governed
        return Reader(member or started_by == self.person.pk, platform, team.name, member or platform)

    def of_run(self, onboarding: Onboarding) -> Reader:
        """Until somebody of the team lets the run in, its starter is a guest there: no move is theirs."""
        agreed = onboarding.agreed_by_id is not None
        return replace(self.of(onboarding.team, onboarding.person_id if agreed else None), agreed=agreed)


def capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """The text with a full stop at its end."""
    text = text.strip()
    return text if not text or text.endswith((".", "!", "?", "…", ".”", "!”", "?”", ":")) else f"{text}."


def link(label: str, url: str) -> tuple[str, str]:
    """A step's link with a label that is understood on its own: “#12” is a pull request."""
    return (f"pull request {label}" if label.startswith("#") else label, url)


def listed(names: Iterable[str]) -> str:
    """“a, b and c”."""
    *first, last = [*names] or [""]
    return f"{', '.join(first)} and {last}" if first else last


def plural(count: int, noun: str) -> str:
    """“1 file”, “2 files”."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def span(value: timedelta) -> str:
    """A length of time in two units at most."""
    seconds = int(value.total_seconds())
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if seconds < 1:
        return "under 1 s"
    if minutes < 1:
        return f"{seconds} s"
    if minutes < 10:
        return f"{minutes} min {seconds % 60} s" if seconds % 60 else f"{minutes} min"
    if hours < 1:
        return f"{minutes} min"
    if days < 1:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    whole = plural(days, "day")
    return f"{whole} {hours % 24} h" if hours % 24 else whole
