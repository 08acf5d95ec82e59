"""manage.py seed_demo"""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from catalog.entries import OrganisationEntry, SyncFailed, TargetEntry
from integrations import cluster
from integrations.errors import IntegrationError
from integrations.issues import issues
from portal import teams


class Command(BaseCommand):
    help = "Fill the demo: the sandbox's organisation with its teams and target, and the issue tracker's webhook. Repeatable."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.ENV.onramp_demo:
            raise CommandError("This is only for the demo; use sync_teams with your own file.")
        name = cluster.CAPABILITY.offered()[0]
        configured = cluster.CAPABILITY.registrations()[name].read_options()
        cluster_url = str(dict(configured or {})["api_url"])
        port = urlsplit(cluster_url).port
        entry = OrganisationEntry(
            slug="acme",
            name="Acme",
            issues_project="PLAT",
            teams_from_source=True,
            targets=[
                TargetEntry(cluster_url=cluster_url, address=f"http://{{application}}.{{namespace}}.localhost:{port}/")
            ],
        )
        try:
            report = teams.synchronise([entry])
            address = reverse("webhook", args=[issues().name])
            issues().ensure_webhook(f"{settings.ENV.origin}{address}")
        except (SyncFailed, IntegrationError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"The demo has {report.teams} teams; webhooks report tickets and pull requests.")
