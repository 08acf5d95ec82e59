"""What an import of teams changed for people: who joined, who left a team, and who is on none any more."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from catalog.models import ApiToken, Membership, Person, Team


@dataclass
class Report:
    """`joined` and `left` are pairs of (login, key of the team). `departed` are on no team any more: their tokens are revoked."""

    teams: int = 0
    joined: list[tuple[str, str]] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)
    departed: list[Person] = field(default_factory=list)

    @classmethod
    @contextmanager
    def comparing(cls) -> Iterator["Report"]:
        """The report of what this block changes, complete once it has ended. In a transaction."""
        report, before = cls(), _memberships()
        yield report
        after = _memberships()
        report.teams = Team.objects.count()
        report.joined, report.left = sorted(after - before), sorted(before - after)
        gone = {login for login, _ in before} - {login for login, _ in after}
        report.departed = list(Person.objects.filter(username__in=gone))
        ApiToken.objects.filter(person__in=report.departed).delete()


def _memberships() -> set[tuple[str, str]]:
    return set(Membership.objects.values_list("login", "team__key"))
