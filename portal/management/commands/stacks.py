"""manage.py stacks PATH|URL"""

import dataclasses
import json
import shlex
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

import generate
import readers
import stacks
from integrations import http
from integrations.errors import IntegrationError
from integrations.source import address, source_reader
from onboarding.plans import preflight, snapshot
from portal import checkout
from stacks import Component, Reading, Role


class Command(BaseCommand):
    help = "Read a checkout in a folder, or a repository by its URL, and show what Onramp recognises."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("place", help="a folder, or the URL of a repository on the source host")
        parser.add_argument("--json", action="store_true", help="everything that was read, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        name, reading = _read(options["place"])
        if options["json"]:
            document = {"name": name, "family": reading.family, **dataclasses.asdict(reading)}
            self.stdout.write(json.dumps(document, indent=2))
            return
        for component in reading.components:
            self._show(component)
        for other in reading.others:
            self.stdout.write(f"\n{other.root or '.'}: {other.language}, left out: {other.left}")
        if reading.unknown:
            searched = ", ".join(reading.unknown.looked_at)
            self.stdout.write(f"\nUnknown: {reading.unknown.reason}\nSearched: {searched}")
        if reading.warnings:
            self.stdout.write("\nWarnings:")
        for warning in reading.warnings:
            self.stdout.write(f"  - {warning}")

    def _show(self, component: Component) -> None:
        version = f" {component.version}" if component.version else ""
        framework = f", {component.framework}" if component.framework else ""
        language = f"{component.language}{version}{framework} ({component.confidence})"
        self.stdout.write(f"\n{component.name} in {component.root or '.'}: {language}")
        for label, value in _rows(component).items():
            if value:
                self.stdout.write(f"  {label:15}{value}")
        refusal = generate.refusal(component)
        if refusal:
            self.stdout.write(f"  {'not built yet:':15}{refusal}; a Dockerfile of its own is always enough")
        for evidence in component.evidence:
            place = evidence.path + (f":{evidence.line}" if evidence.line else "")
            self.stdout.write(f"    {place} {evidence.message}")


def _rows(component: Component) -> dict[str, str]:
    """Label → value; a variable with a default has an asterisk."""
    settings = [setting.name + ("" if setting.default is None else "*") for setting in component.settings]
    site = f"a web server, from {component.output}"
    return {
        "install": shlex.join(component.install),
        "build": shlex.join(component.build),
        "test": shlex.join(component.test),
        "start": site if component.role == Role.SITE else shlex.join(component.start),
        "port": str(component.port),
        "health": component.health_path,
        "metrics": component.metrics_path,
        "connects to": ", ".join(component.needs),
        "reads": ", ".join(settings),
    }


def _read(place: str) -> tuple[str, Reading]:
    """(name, what was read). Raises CommandError."""
    folder = Path(place).expanduser()
    try:
        if folder.exists() or "/" not in place:
            paths, texts = checkout.read(folder)
            name = folder.resolve().name
            return name, stacks.read(paths, texts, name)
        with http.read_only():
            repository = address.parse(place, preflight.hosts())
            taken = snapshot.take(source_reader().repository(repository.full_name))
        return repository.full_name, readers.read(taken.paths, taken.texts, repository.name)
    except (checkout.NotAFolder, address.InvalidAddress, preflight.RequestRejected, readers.NotRead) as error:
        raise CommandError(str(error)) from error
    except IntegrationError as error:
        raise CommandError(f"The source host did not answer as expected: {error}") from error
