"""A real sandbox, a catalog of its teams with a target that only this test uses, and the engine, executed by hand."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from django.apps import apps
from django.db import OperationalError, connection
from django.test.utils import setup_databases, teardown_databases
from psycopg.errors import DeadlockDetected
from pytest_django import DjangoDbBlocker, Settings

from catalog.entries import OrganisationEntry, TargetEntry
from catalog.models import Organisation, Person, Target, Team
from engine import registry
from integrations import providers
from integrations.chat import smtp
from onboarding.actions import onboardings, plans
from onboarding.models import Onboarding, Plan
from portal import teams
from portal.embedded import environment
from tests.conftest import signed_up
from tests.journey.actors import PLENTY, TIGHT, Actors
from tests.journey.engine import Engine
from tests.sandbox import process
from tests.sandbox.process import Sandbox

DISCARD = "http://127.0.0.1:9"
"""Receives the webhooks of tests that do without them: nothing listens on the discard port."""
TRUNCATIONS = 5
"""How often a truncation that ends as a deadlock is tried."""
_numbers = itertools.count(1)


@dataclass
class World:
    """The sandbox, the people who act in it, and the engine that works against it."""

    sandbox: Sandbox
    actors: Actors
    engine: Engine
    target: Target
    alice: Person
    settings: Settings
    monkeypatch: pytest.MonkeyPatch

    @property
    def storefront(self) -> Team:
        """Alice's team."""
        return Team.objects.get(key="acme-storefront")

    @property
    def namespace(self) -> str:
        return f"acme-storefront-{self.target.environment}"

    def plan(self, repository: str, person: Person | None = None) -> Plan:
        return plans.create(person or self.alice, f"{self.sandbox.url}/github/{repository}")

    def start(self, repository: str, person: Person | None = None) -> Onboarding:
        """Create a plan and start it; no step has been executed yet."""
        plan = self.plan(repository, person)
        onboarding, _ = onboardings.start(person or self.alice, plan, plan.digest)
        return onboarding

    def blocked_by_allowance(self, count: int = 1) -> list[Onboarding]:
        """So many runs, all blocked by the same cause."""
        self.actors.grant("acme-storefront", TIGHT)
        self.engine.limit_to("namespace")
        runs = [self.start(self.actors.repository()) for _ in range(count)]
        self.engine.drain()
        return runs

    def configure(self, **variables: str) -> None:
        """Change options of providers from here on, as a deployment would."""
        for name, value in variables.items():
            self.monkeypatch.setenv(name, value)
        providers.reset()


def configure_providers(settings: Settings, monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    """The demo's environment, except that nothing waits for the issue tracker's search."""
    ports = environment.Ports(portal=9, sandbox=sandbox.port, smtp=sandbox.smtp_port)
    for name, value in environment.onramp(ports, "").items():
        if name.startswith("PORTAL_"):
            monkeypatch.setenv(name, value)
    providers.reset()
    settings.ENV = settings.ENV.model_copy(update={"portal_url": DISCARD, "portal_issues_settle_seconds": 0})
    # A fresh clone has no collected static files.
    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    settings.STORAGES = settings.STORAGES | plain
    settings.EMAIL_BACKEND = f"{smtp.__name__}.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sandbox.smtp_port


def create_target(sandbox: Sandbox) -> Target:
    """Fill the catalog with the sandbox's organisation. No other test uses its target, and so its namespaces."""
    entry = TargetEntry(
        environment=f"t{next(_numbers)}",
        cluster_url=f"{sandbox.url}/kubernetes",
        address=f"http://{{application}}.{{namespace}}.localhost:{sandbox.port}/",
    )
    organisation = OrganisationEntry(
        slug="acme", name="Acme", issues_project="PLAT", teams_from_source=True, targets=[entry]
    )
    teams.synchronise([organisation])
    return Target.objects.get(organisation=Organisation.objects.get(slug="acme"), environment=entry.environment)


def start_sandbox(folders: pytest.TempPathFactory, *, background: bool) -> Sandbox:
    """A sandbox on free ports; a second attempt with others where another process took one of them meanwhile."""
    try:
        return process.start(folders.mktemp("sandbox"), background=background)
    except RuntimeError as error:
        if "address already in use" not in str(error):
            raise
        return process.start(folders.mktemp("sandbox"), background=background)


@pytest.fixture(scope="session")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox whose CI and cluster do nothing: most blockers need neither."""
    sandbox = start_sandbox(tmp_path_factory, background=False)
    yield sandbox
    process.stop(sandbox.process)


@pytest.fixture(scope="session")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox that builds what is pushed and runs what is deployed."""
    sandbox = start_sandbox(tmp_path_factory, background=True)
    yield sandbox
    process.stop(sandbox.process)


@contextmanager
def create_world(sandbox: Sandbox, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    configure_providers(settings, monkeypatch, sandbox)
    sandbox.behave()
    actors = Actors(sandbox)
    target = create_target(sandbox)
    actors.grant("acme-storefront", PLENTY)
    notifier = list(registry._notifier)
    registry._notifier.clear()
    alice = signed_up("alice", "alice@acme.example")
    yield World(sandbox, actors, Engine(), target, alice, settings, monkeypatch)
    registry._notifier[:] = notifier
    sandbox.behave()
    providers.reset()
    for name in actors.namespaces():
        if name.endswith(f"-{target.environment}"):
            actors.cluster("DELETE", f"/api/v1/namespaces/{name}")


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database, even where none of the chosen tests has pytest-django's mark."""
    with django_db_blocker.unblock():
        databases = setup_databases(verbosity=0, interactive=False)
    yield
    with django_db_blocker.unblock():
        teardown_databases(databases, verbosity=0)


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Rows are committed, because several connections read them; our tables are emptied afterwards.

    Django's own flush also recreates the content types and permissions of every model, which takes longer than most of
    these tests.
    """
    with django_db_blocker.unblock():
        yield
        empty_our_tables()


def empty_our_tables() -> None:
    """A worker of the test may still be in a transaction: PostgreSQL then ends one of the two as a deadlock."""
    models = [
        model
        for app in ("catalog", "events", "engine", "integrations", "onboarding")
        for model in apps.get_app_config(app).get_models()
    ]
    truncate = f"TRUNCATE {', '.join(model._meta.db_table for model in models)} CASCADE"
    for last in (False,) * (TRUNCATIONS - 1) + (True,):
        try:
            with connection.cursor() as cursor:
                cursor.execute(truncate)
            return
        except OperationalError as error:
            if last or not isinstance(error.__cause__, DeadlockDetected):
                raise


@pytest.fixture
def world(committed: None, idle: Sandbox, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with create_world(idle, settings, monkeypatch) as new_world:
        yield new_world


@pytest.fixture
def busy_world(committed: None, busy: Sandbox, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with create_world(busy, settings, monkeypatch) as new_world:
        yield new_world
