"""manage.py sweep"""

import time
from typing import Any

from django.core.management.base import BaseCommand

from onboarding import sweeping


class Command(BaseCommand):
    help = "Sweep once: ring for every step and webhook that is due and not taken."

    def handle(self, *args: Any, **options: Any) -> None:
        rung = sweeping.once()
        time.sleep(0.5)  # the bell works behind us; give it a moment before the process ends
        self.stdout.write(f"Rang for {rung}.")
