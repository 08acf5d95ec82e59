"""manage.py stacks PATH|URL"""

import dataclasses
import json
import shlex
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations import http
from integrations.errors import IntegrationError
from onboarding import address, checkout, fetching, generate, looking, stacks
from onboarding.stacks import Component, Reading, Role


class Command(BaseCommand):
    help = "Read a checkout in a folder, or a repository by its address, and show what Onramp makes of it."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("place", help="a folder, or the address of a repository on the source host")
        parser.add_argument("--json", action="store_true", help="everything that was read, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        name, reading = _read(options["place"])
        if options["json"]:
            self.stdout.write(
                json.dumps({"name": name, "family": reading.family, **dataclasses.asdict(reading)}, indent=2)
            )
            return
        for one in reading.components:
            self._component(one)
        for one in reading.others:
            self.stdout.write(f"\n{one.root or '.'}: {one.language}, left out: {one.left}")
        if reading.unknown:
            self.stdout.write(f"\nUnknown: {reading.unknown.reason}\nLooked at: {', '.join(reading.unknown.looked_at)}")
        if reading.warnings:
            self.stdout.write("\nWorth knowing:")
        for warning in reading.warnings:
            self.stdout.write(f"  - {warning}")

    def _component(self, one: Component) -> None:
        version = f" {one.version}" if one.version else ""
        framework = f", {one.framework}" if one.framework else ""
        self.stdout.write(f"\n{one.name} in {one.root or '.'}: {one.language}{version}{framework} ({one.confidence})")
        rows = {
            "installed with": shlex.join(one.install),
            "built with": shlex.join(one.build),
            "tested with": shlex.join(one.test),
            "started with": shlex.join(one.start) if one.role != Role.SITE else f"a web server, of {one.output}",
            "listens on": str(one.port),
            "health": one.health_path,
            "metrics": one.metrics_path,
            "a client of": ", ".join(one.needs),
            "reads": ", ".join(each.name + ("" if each.default is None else "*") for each in one.settings),
        }
        for title, value in rows.items():
            if value:
                self.stdout.write(f"  {title:15}{value}")
        refusal = generate.refusal(one)
        if refusal:
            self.stdout.write(f"  {'not built yet:':15}{refusal}; a Dockerfile of its own is always enough")
        for because in one.evidence:
            place = because.path + (f":{because.line}" if because.line else "")
            self.stdout.write(f"    {place} {because.says}")


def _read(place: str) -> tuple[str, Reading]:
    """(name, what it holds). Raises CommandError."""
    folder = Path(place).expanduser()
    try:
        if folder.exists() or "/" not in place:
            paths, texts = checkout.read(folder)
            name = folder.resolve().name
            return name, stacks.read(paths, texts, name)
        with http.reading():
            found = address.parse(place, looking.hosts())
            read = fetching.read(looking.source().repository(found.full_name))
        return found.full_name, stacks.read(read.paths, read.texts, found.name)
    except (checkout.NotAFolder, address.AddressRefused) as error:
        raise CommandError(str(error)) from error
    except looking.Refused as error:
        raise CommandError(error.says) from error
    except IntegrationError as error:
        raise CommandError(f"The source host did not answer as it should: {error}") from error
