"""A real sandbox, a catalog of its teams with a target of this test alone, and the engine turned by hand."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from django.apps import apps
from django.core.mail.backends import smtp
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker, Settings

from catalog import sync
from catalog.models import Organisation, Person, Target
from integrations import providers
from onboarding import actions
from onboarding.engine import registry
from onboarding.models import Onboarding, Plan
from portal.embedded import environment
from tests.journey.engine import Engine
from tests.journey.hands import PLENTY, TIGHT, Hands
from tests.sandbox import process
from tests.sandbox.process import Sandbox

NOWHERE = "http://127.0.0.1:9"
"""Where webhooks go in tests that live without them: nobody listens on the discard port."""
_numbers = itertools.count(1)


@dataclass
class World:
    """Everything outside, and how a person of ours meets it."""

    sandbox: Sandbox
    hands: Hands
    engine: Engine
    target: Target
    alice: Person
    settings: Settings
    monkeypatch: pytest.MonkeyPatch

    @property
    def namespace(self) -> str:
        return f"storefront-{self.target.environment}"

    def plan(self, repository: str, person: Person | None = None) -> Plan:
        return actions.plan(person or self.alice, f"{self.sandbox.url}/github/{repository}")

    def start(self, repository: str, person: Person | None = None) -> Onboarding:
        """Plan and click; nothing has been done yet."""
        plan = self.plan(repository, person)
        onboarding, _ = actions.start(person or self.alice, plan, plan.digest)
        return onboarding

    def blocked_by_its_allowance(self, count: int = 1) -> list[Onboarding]:
        """So many runs that all meet the same cause."""
        self.hands.grant("storefront", TIGHT)
        self.engine.only("namespace")
        runs = [self.start(self.hands.repository()) for _ in range(count)]
        self.engine.go()
        return runs

    def configure(self, **variables: str) -> None:
        """Other options of providers from here on, as after a deployment."""
        for name, value in variables.items():
            self.monkeypatch.setenv(name, value)
        providers.provider.cache_clear()


def configured(settings: Settings, monkeypatch: pytest.MonkeyPatch, box: Sandbox) -> None:
    """The environment that the demo gives, with patience for nothing."""
    ports = environment.Ports(portal=9, sandbox=box.port, smtp=box.smtp_port)
    for name, value in environment.onramp(ports, "").items():
        if name.startswith("PORTAL_"):
            monkeypatch.setenv(name, value)
    providers.provider.cache_clear()
    settings.ENV = settings.ENV.model_copy(update={"portal_url": NOWHERE, "portal_issues_settle_seconds": 0})
    settings.EMAIL_BACKEND = f"{smtp.__name__}.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.smtp_port


def catalogued(box: Sandbox) -> Target:
    """The sandbox's organisation, with a target (and so with namespaces) that no other test uses."""
    entry = sync.TargetEntry(
        environment=f"t{next(_numbers)}",
        cluster_url=f"{box.url}/kubernetes",
        address=f"http://{{application}}.{{namespace}}.localhost:{box.port}/",
    )
    organisation = sync.OrganisationEntry(
        slug="acme", name="Acme", issues_project="PLAT", teams_from_source=True, targets=[entry]
    )
    sync.synchronise([organisation])
    return Target.objects.get(organisation=Organisation.objects.get(slug="acme"), environment=entry.environment)


def started(folders: pytest.TempPathFactory, *, background: bool) -> Sandbox:
    """A sandbox on ports that were free a moment ago; once more with others where somebody was quicker."""
    try:
        return process.start(folders.mktemp("sandbox"), background=background)
    except RuntimeError as error:
        if "address already in use" not in str(error):
            raise
        return process.start(folders.mktemp("sandbox"), background=background)


@pytest.fixture(scope="session")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox whose CI and cluster do not work by themselves: most causes need neither."""
    made = started(tmp_path_factory, background=False)
    yield made
    process.stop(made.process)


@pytest.fixture(scope="session")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox that builds what is pushed and runs what is deployed."""
    made = started(tmp_path_factory, background=True)
    yield made
    process.stop(made.process)


@contextmanager
def a_world(box: Sandbox, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    configured(settings, monkeypatch, box)
    box.behave()
    hands = Hands(box)
    target = catalogued(box)
    hands.grant("storefront", PLENTY)
    bell = list(registry._bell)
    registry._bell.clear()
    alice = Person.objects.create_user("alice", "alice@acme.example")
    yield World(box, hands, Engine(), target, alice, settings, monkeypatch)
    registry._bell[:] = bell
    box.behave()
    providers.provider.cache_clear()
    for name in hands.namespaces():
        if name.endswith(f"-{target.environment}"):
            hands.cluster("DELETE", f"/api/v1/namespaces/{name}")


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database, also where none of the chosen tests bears pytest-django's mark."""
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False)
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """What is written stays written, as several connections need it; our tables are empty again afterwards.

    Django's own flush besides makes the content types and permissions of every model anew, which takes longer than most of these tests.
    """
    with django_db_blocker.unblock():
        yield
        empty_our_tables()


def empty_our_tables() -> None:
    models = [model for app in ("catalog", "events", "onboarding") for model in apps.get_app_config(app).get_models()]
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(model._meta.db_table for model in models)} CASCADE")


@pytest.fixture
def world(committed: None, quiet: Sandbox, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with a_world(quiet, settings, monkeypatch) as made:
        yield made


@pytest.fixture
def busy_world(committed: None, busy: Sandbox, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with a_world(busy, settings, monkeypatch) as made:
        yield made
