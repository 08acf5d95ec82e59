"""manage.py prune [--dry-run]"""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat

from portal import retention
from portal.retention import Amount, Kind

ROW = "{:38}{:>12}{:>11}  {:12}{:12}{}"


class Command(BaseCommand):
    help = """Remove what is older than its age. Workers do the same, a little every ten minutes.

For each kind: how many rows, their bytes without indexes, and the days of the oldest and the newest.

It removes logs and attempts of ended runs (one summary per step is left), events of steps and messages,
handled webhooks, plans that nobody started, idempotency keys, expired sessions. The ages are settings:
PORTAL_KEEP_LOGS_DAYS, PORTAL_KEEP_EVENTS_DAYS, PORTAL_KEEP_PLANS_DAYS, PORTAL_KEEP_KEYS_DAYS and
PORTAL_WEBHOOK_DAYS.

It never removes runs, steps, effects, blockers, what people did, or what tools reported:
docs/operating.md says why ("What grows, and what removes it").

Removal is in short statements that wait for no worker. It may be stopped at any time, and started
again. Two at once are harmless: the second one says that the first is at work, and ends.
Events leave in whole partitions, so the youngest old ones stay until their partition is old.
The space of removed rows is used again; only events give it back to the disk at once."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be removed")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            self._print("Would remove", {kind: kind.measure() for kind in retention.KINDS})
            return
        with retention.exclusive() as free:
            if not free:
                raise CommandError("Another process removes old rows right now. Try again once it has ended.")
            retention.add_partitions()
            amounts = {kind: kind.measure() for kind in retention.KINDS}
            self._print("Removing", amounts)
            unfinished = [kind.title for kind in retention.KINDS if retention.remove(kind)[1]]
        if unfinished:
            raise CommandError(f"Left, because a lock was taken: {', '.join(unfinished)}. Try again.")
        self.stdout.write("Removed.")

    def _print(self, verb: str, amounts: dict[Kind, Amount]) -> None:
        self.stdout.write(ROW.format(verb, "rows", "bytes", "oldest", "newest", "kept for"))
        for kind, amount in amounts.items():
            size = filesizeformat(amount.bytes).replace("\xa0", " ")
            dates = (_day(amount.oldest), _day(amount.newest))
            self.stdout.write(ROW.format(kind.title, f"{amount.rows:,}", size, *dates, _age(kind)))


def _age(kind: Kind) -> str:
    days = kind.age / timedelta(days=1)
    text = f"{days:g} day{'' if days == 1 else 's'}" if days else "-"
    return f"{text} ({kind.variable})" if kind.variable else text


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "-"
