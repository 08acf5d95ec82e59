"""manage.py sweep"""

import time
from typing import Any

from django.core.management.base import BaseCommand

from engine import sweeper


class Command(BaseCommand):
    help = "Sweep once: notify workers of every step and webhook that is due and not taken."

    def handle(self, *args: Any, **options: Any) -> None:
        count = sweeper.sweep()
        time.sleep(0.5)  # the notifier works in the background; give it a moment before the process ends
        self.stdout.write(f"Notified workers of {count}.")
