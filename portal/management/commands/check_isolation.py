"""manage.py check_isolation TEAM"""

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.models import Target, Team
from integrations.cluster import administrator
from integrations.errors import IntegrationError
from integrations.providers import NotConfigured
from integrations.secrets import redact
from tenancy import isolation
from tenancy.isolation import Row
from tenancy.isolation_actions import Subject

WIDTH = 14


class Command(BaseCommand):
    help = (
        "Try, as everybody who could, to leave a team's namespace, and say what the cluster allows. The team, its pipeline, "
        "another branch's pipeline, a pod, a stranger and Onramp try each action by access reviews and dry runs; nothing is "
        "changed. Exits with 1 if something is allowed that must be refused, or refused that must work."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("team", help="the team's slug")
        parser.add_argument("--organisation", default="", help="its organisation, where two have a team of this slug")
        parser.add_argument("--target", default="", help="ENVIRONMENT/REGION; default: the organisation's first target")
        parser.add_argument(
            "--kubeconfig",
            type=Path,
            required=True,
            help="of an administrator who may impersonate: Onramp's own account must not",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        team = _team(options["team"], options["organisation"])
        target = _target(team, options["target"])
        try:
            admin = administrator(options["kubeconfig"])
            rows, intruders = isolation.check(admin, team, target), isolation.intruders(admin, team, target)
        except (isolation.CannotCheck, IntegrationError, NotConfigured) as error:
            raise CommandError(f"Not checked: {redact(str(error))}") from error
        self._print(rows)
        for name in intruders:
            self.stdout.write(f"! has rights here and was not let in: {name}")
        wrong = sum(len(row.wrong) for row in rows) + len(intruders)
        if wrong:
            raise CommandError(f"{wrong} of these are wrong (marked !). Is deploy/target-cluster applied as shipped?")
        self.stdout.write(f"As it should be: {len(rows)} actions in {target.namespace_of(team)} on {target}.")

    def _print(self, rows: Sequence[Row]) -> None:
        for subject in isolation.missing(rows):
            self.stdout.write(f"Not tried as {subject}: the team has none yet.")
        subjects = list(rows[0].allowed)
        self.stdout.write(" " * 36 + "".join(subject.ljust(WIDTH) for subject in subjects).rstrip())
        for row in rows:
            cells = "".join(_cell(row, subject).ljust(WIDTH) for subject in subjects)
            self.stdout.write(f"{row.action.name:36}{cells}".rstrip())


def _cell(row: Row, subject: Subject) -> str:
    answer = "allowed" if row.allowed[subject] else "refused"
    return f"! {answer}" if subject in row.wrong else answer


def _team(slug: str, organisation: str) -> Team:
    teams = Team.objects.filter(slug=slug, **({"organisation__slug": organisation} if organisation else {}))
    if teams.count() > 1:
        raise CommandError(f"Several organisations have a team {slug}: name one with --organisation.")
    team = teams.first()
    if team is None:
        raise CommandError(f"There is no team {slug}. manage.py sync_teams imports teams.")
    return team


def _target(team: Team, name: str) -> Target:
    targets = list(Target.objects.filter(organisation=team.organisation).order_by("pk"))
    chosen = [target for target in targets if name in ("", str(target))]
    if not chosen:
        names = ", ".join(map(str, targets)) or "none"
        raise CommandError(f"{team.organisation} has no target {name}. It has: {names}.")
    return chosen[0]
