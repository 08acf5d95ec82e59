"""manage.py check_providers"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations import providers
from integrations.errors import IntegrationError
from integrations.providers import Capability
from integrations.secrets import redact


class Command(BaseCommand):
    help = "Ask every configured provider whether it answers and accepts our credentials. Changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        problems = sum(self._check(capability) for capability in providers.capabilities())
        if problems:
            raise CommandError(f"{problems} problem{'s' if problems > 1 else ''}. See docs/providers.md.")

    def _check(self, capability: Capability[Any]) -> int:
        """The number of problems."""
        names = capability.offered()
        if not names:
            self.stdout.write(f"✗ {capability.name}: no provider is configured")
            return 1
        return sum(self._check_provider(capability, name) for name in names)

    def _check_provider(self, capability: Capability[Any], name: str) -> int:
        try:
            capability.provider(name).ready()
        except IntegrationError as error:
            self.stdout.write(f"✗ {capability.name}: {name}: {redact(str(error))}")
            return 1
        self.stdout.write(f"✓ {capability.name}: {name}")
        return 0
