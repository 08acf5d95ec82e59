"""manage.py seed_demo"""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from catalog import sync
from integrations import providers
from integrations.errors import IntegrationError


class Command(BaseCommand):
    help = (
        "Fill in the demo: the sandbox's organisation with its teams and target, and JIRA's webhook. May be repeated."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.ENV.onramp_demo:
            raise CommandError("This is for the demo alone; use sync_teams with your own file.")
        given = providers.options("cluster", providers.offered("cluster")[0])
        cluster = str(dict(given or {})["api_url"])
        port = urlsplit(cluster).port
        entry = sync.OrganisationEntry(
            slug="acme",
            name="Acme",
            issues_project="PLAT",
            teams_from_source=True,
            targets=[
                sync.TargetEntry(cluster_url=cluster, address=f"http://{{application}}.{{namespace}}.localhost:{port}/")
            ],
        )
        try:
            count = sync.synchronise([entry])
            providers.provider("issues").ensure_webhook(f"{settings.ENV.portal_url}/events/jira/")
        except (sync.SyncFailed, IntegrationError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"The demo has {count} teams; tickets and pull requests report back.")
