"""manage.py issue_token LOGIN NAME"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.models import ApiToken, Membership, Person


class Command(BaseCommand):
    help = "Create an API token for a team member and print it once. People create their own on the page “API tokens”."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("login", help="the person's login at the source host")
        parser.add_argument("name", help="what the token is for")
        parser.add_argument("--days", type=int, default=90, help="days until it expires (default 90)")
        parser.add_argument("--read-only", action="store_true", help="it can read but not start, retry or cancel")

    def handle(self, *args: Any, **options: Any) -> None:
        login = options["login"]
        if not Membership.objects.named(login).exists():
            raise CommandError(f"{login} is not on any team that Onramp knows; run sync_teams first.")
        person = Person.objects.filter(username__iexact=login).first() or Person(username=login)
        person.account_id = person.account_id or Membership.objects.account_of(login)
        person.save()
        _, value = ApiToken.issue(person, options["name"], days=options["days"], writes=not options["read_only"])
        self.stdout.write(value)
