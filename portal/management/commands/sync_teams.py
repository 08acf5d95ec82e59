"""manage.py sync_teams FILE"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from catalog.entries import SyncFailed, check_addresses, read_file
from integrations.errors import IntegrationError
from portal import teams


class Command(BaseCommand):
    help = "Import organisations, teams and repositories from a file (and, where it says so, from the source host's teams)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file",
            nargs="?",
            default=settings.ENV.portal_organisation_file,
            help="YAML; default: PORTAL_ORGANISATION_FILE",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["file"]:
            raise CommandError("Name a file or set PORTAL_ORGANISATION_FILE.")
        try:
            entries = read_file(Path(options["file"]))
            check_addresses(entries, settings.ENV.portal_url)
            report = teams.synchronise(entries)
        except (SyncFailed, IntegrationError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Imported {report.teams} teams: {len(report.joined)} joined, {len(report.left)} left.")
        for skipped in report.skipped:
            self.stderr.write(f"Warning: {skipped.team} at the source host was skipped. {skipped.reason}")
        for person in report.departed:
            self.stdout.write(f"{person} is on no team any more: their sessions and tokens have ended.")
