"""The fixed cast of the tests: Alice owns, Bob is on the team, Charlie must not see, Pat is the platform."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from catalog.models import Membership, Organisation, Person, Target, Team

# A fresh clone has no collected static files. The tests serve them from their sources, and a warning would be an error.
(Path(__file__).resolve().parents[1] / "static_collected").mkdir(exist_ok=True)

# No test asserts how long something takes: that is measured in bench/, and a busy machine is no fault of the code.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@dataclass(frozen=True)
class Cast:
    """The people of the tests, with their organisation, teams and target."""

    acme: Organisation
    storefront: Team
    payments: Team
    platform: Team
    target: Target
    alice: Person
    bob: Person
    charlie: Person
    pat: Person


def signed_up(login: str, email: str = "") -> Person:
    """A person with the account that the import has for this login, as after their first sign-in."""
    return Person.objects.create_user(login, email, account_id=Membership.objects.account_of(login))


@pytest.fixture
def cast(db: None) -> Cast:
    return create_cast()


def create_cast() -> Cast:
    """Alice and Bob are on storefront, Charlie on payments, Pat on the platform team, all of acme."""
    acme = Organisation.objects.create(slug="acme", name="Acme", issues_project="PLAT")
    teams = {
        slug: Team.objects.create(organisation=acme, slug=slug, name=slug.capitalize(), is_platform=slug == "platform")
        for slug in ("storefront", "payments", "platform")
    }
    people = {
        login: Person.objects.create_user(login, f"{login}@acme.example")
        for login in ("alice", "bob", "charlie", "pat")
    }
    for login, slug in {"alice": "storefront", "bob": "storefront", "charlie": "payments", "pat": "platform"}.items():
        Membership.objects.create(team=teams[slug], login=login)
    target = Target.objects.create(
        organisation=acme,
        cluster_url="http://127.0.0.1:8801/kubernetes",
        address="http://{application}.{namespace}.localhost:8801",
    )
    return Cast(
        acme=acme,
        storefront=teams["storefront"],
        payments=teams["payments"],
        platform=teams["platform"],
        target=target,
        alice=people["alice"],
        bob=people["bob"],
        charlie=people["charlie"],
        pat=people["pat"],
    )
