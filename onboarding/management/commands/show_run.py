"""manage.py show_run ID"""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import CharField
from django.db.models.functions import Cast

from onboarding.models import Run


class Command(BaseCommand):
    help = "Show a run with its steps, attempts and effects."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", help="the run's id, or its first characters")
        parser.add_argument("--logs", action="store_true", help="with the log of every attempt")

    def handle(self, *args: Any, **options: Any) -> None:
        run = self._find(options["run"])
        self.stdout.write(
            f"{run.kind} {run.pk}: {run.state}, begun {run.created_at:%Y-%m-%d %H:%M:%S}, topic {run.topic or '-'}"
        )
        for step in run.steps.prefetch_related("effects", "attempts"):
            due = f", due {step.due_at:%H:%M:%S}" if step.due_at else ""
            self.stdout.write(
                f"  {step.name}: {step.state} (attempt {step.attempt}, epoch {step.epoch}{due}) {step.reason}"
            )
            for effect in step.effects.all():
                self.stdout.write(f"    {effect.kind} {effect.name}: {effect.state} {json.dumps(effect.reference)}")
            for attempt in step.attempts.all() if options["logs"] else []:
                self.stdout.write(
                    f"    attempt {attempt.number}: {attempt.outcome} {attempt.says}\n{attempt.log}".rstrip()
                )

    def _find(self, given: str) -> Run:
        as_text = Run.objects.annotate(text=Cast("id", CharField()))
        found = list(as_text.filter(text__startswith=given)[:2])
        if len(found) != 1:
            raise CommandError(f"{'No run begins' if not found else 'More than one run begins'} with {given!r}.")
        return found[0]
