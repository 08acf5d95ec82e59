"""manage.py issue_token LOGIN NAME"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.models import ApiToken, Membership, Person


class Command(BaseCommand):
    help = "Issue an API token to somebody on a team and print it, this once. People make their own on the page “API tokens”."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("login", help="the person's login at the source host")
        parser.add_argument("name", help="what the token is for")
        parser.add_argument("--days", type=int, default=90, help="how long it lives (default 90)")
        parser.add_argument("--read-only", action="store_true", help="it may look and not start, retry or cancel")

    def handle(self, *args: Any, **options: Any) -> None:
        login = options["login"]
        if not Membership.objects.filter(login=login).exists():
            raise CommandError(f"{login} is on no team that Onramp knows; run sync_teams first.")
        person, _ = Person.objects.get_or_create(username=login)
        _, value = ApiToken.issue(person, options["name"], days=options["days"], writes=not options["read_only"])
        self.stdout.write(value)
