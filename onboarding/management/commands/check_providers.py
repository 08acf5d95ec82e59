"""manage.py check_providers"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations import providers
from integrations.errors import IntegrationError


class Command(BaseCommand):
    help = "Ask every configured provider whether it answers, and answers to us."

    def handle(self, *args: Any, **options: Any) -> None:
        bad = 0
        for capability in providers.CATALOGUE:
            bad += self._capability(capability)
        if bad:
            raise CommandError(f"{bad} problems.")

    def _capability(self, capability: str) -> int:
        names = providers.offered(capability)
        if not names:
            self.stdout.write(f"✗ {capability}: no provider is configured")
            return 1
        bad = 0
        for name in names:
            try:
                providers.provider(capability, name).ready()
                self.stdout.write(f"✓ {capability}: {name}")
            except IntegrationError as error:
                self.stdout.write(f"✗ {capability}: {error}")
                bad += 1
        return bad
