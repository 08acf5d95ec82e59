"""manage.py show_run ID"""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import CharField
from django.db.models.functions import Cast

from engine.models import Run, Step


class Command(BaseCommand):
    help = "Show a run with its steps, attempts and effects."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", help="the run's id, or its first characters")
        parser.add_argument("--logs", action="store_true", help="include the log of every attempt")

    def handle(self, *args: Any, **options: Any) -> None:
        run = self._find(options["run"])
        created = f"{run.created_at:%Y-%m-%d %H:%M:%S}"
        self.stdout.write(f"{run.kind} {run.pk}: {run.state}, created {created}, topic {run.topic or '-'}")
        for step in run.steps.prefetch_related("effects", "attempts"):
            self._show(step, logs=options["logs"])

    def _show(self, step: Step, *, logs: bool) -> None:
        due = f", due {step.due_at:%H:%M:%S}" if step.due_at else ""
        state = f"{step.state} (attempt {step.attempt}, epoch {step.epoch}{due})"
        self.stdout.write(f"  {step.name}: {state} {step.reason}")
        for effect in step.effects.all():
            self.stdout.write(f"    {effect.kind} {effect.name}: {effect.state} {json.dumps(effect.reference)}")
        for attempt in step.attempts.all() if logs else []:
            text = f"    attempt {attempt.number}: {attempt.outcome} {attempt.message}\n{attempt.log}"
            self.stdout.write(text.rstrip())

    def _find(self, prefix: str) -> Run:
        rows = list(Run.objects.annotate(text=Cast("id", CharField())).filter(text__startswith=prefix)[:2])
        if len(rows) != 1:
            raise CommandError(f"{'No run starts' if not rows else 'Several runs start'} with {prefix!r}.")
        return rows[0]
