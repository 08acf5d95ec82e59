"""What an import of teams changed for people: who joined, who left a team, and who is on none any more."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db.models.functions import Lower

from catalog.models import ApiToken, Membership, Person, Team
from catalog.source_teams import Skipped


@dataclass
class Report:
    """`joined` and `left` are pairs of (login, key of the team). `departed` are on no team any more: their tokens are revoked.

    `expected` has the logins, in lower case, with their accounts, that a team is about to get: they have not departed.
    """

    teams: int = 0
    joined: list[tuple[str, str]] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)
    departed: list[Person] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    expected: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    @contextmanager
    def comparing(cls) -> Iterator["Report"]:
        """The report of what this block changes, complete once it has ended. In a transaction."""
        report, before = cls(), _memberships()
        yield report
        after = _memberships()
        report.teams = Team.objects.count()
        report.joined, report.left = sorted(after - before), sorted(before - after)
        report.departed = report._without_team({login.lower() for login, _ in before})
        ApiToken.objects.filter(person__in=report.departed).delete()

    def __add__(self, later: "Report") -> "Report":
        return Report(
            later.teams,
            self.joined + later.joined,
            self.left + later.left,
            self.departed + later.departed,
            self.skipped + later.skipped,
        )

    def _without_team(self, members: set[str]) -> list[Person]:
        """Of those who were on a team or have tokens; an import that failed may have left somebody the tokens."""
        admitted = set(Membership.objects.values_list(Lower("login"), "account_id")) | self.expected
        with_tokens = set(ApiToken.objects.values_list("person", flat=True))
        return [
            person
            for person in Person.objects.order_by("username")
            if (person.username.lower() in members or person.pk in with_tokens)
            and not {(person.username.lower(), account) for account in ("", person.account_id)} & admitted
        ]


def _memberships() -> set[tuple[str, str]]:
    return set(Membership.objects.values_list("login", "team__key"))
