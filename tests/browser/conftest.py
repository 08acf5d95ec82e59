"""A real browser on a real server: Playwright drives Debian's chromium against pytest-django's live server."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from catalog.models import Person
from tests.pages.conftest import _pages
from tests.pages.source import acme, sandbox

__all__ = ["_pages", "acme", "sandbox"]

# Playwright's event loop runs in this thread, so Django believes that every query comes from a coroutine.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = Path(__file__).resolve().parents[1] / "npm" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@dataclass
class Visitor:
    """Opens pages as a person, and collects what the browser complains about."""

    browser: Browser
    server: LiveServer
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, person: Person | None, path: str, *, clock: bool | str = False, **options: Any) -> Page:
        """The page at `path`. With `clock` its timers advance only when the test advances them; a string is also its time."""
        context = self.browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)
        self.contexts.append(context)
        if person is not None:
            client = Client()
            client.force_login(person)
            name = django_settings.SESSION_COOKIE_NAME
            context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": self.server.url}])
        page = context.new_page()
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        if clock:
            page.clock.install(time=clock if isinstance(clock, str) else None)
        page.goto(f"{self.server.url}{path}")
        return page

    def _on_console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")


@pytest.fixture
def visitor(browser: Browser, live_server: LiveServer) -> Iterator[Visitor]:
    """Fails the test if the browser complained: an error, a violation of the content security policy."""
    visitor = Visitor(browser, live_server)
    yield visitor
    for context in visitor.contexts:
        context.close()
    _wait_for_server()
    assert visitor.complaints == []


def _wait_for_server() -> None:
    """The server still answers requests of closed pages; emptying the tables meanwhile would be a deadlock."""
    busy = """SELECT count(*) FROM pg_stat_activity
              WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"""
    deadline, quiet = time.monotonic() + 10, 0
    while quiet < 3 and time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(busy)
            quiet = 0 if cursor.fetchone()[0] else quiet + 1
        time.sleep(0.02)


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """What axe finds on a page, one line per finding; it runs outside the page's content security policy."""
    script = AXE.read_text()

    def findings(page: Page) -> list[str]:
        if not page.evaluate("() => 'axe' in window"):
            page.evaluate(script)
        rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        result = page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", rules)
        violations = result["violations"]
        return [f"{rule['id']}: {node['html'][:160]}" for rule in violations for node in rule["nodes"]]

    return findings
