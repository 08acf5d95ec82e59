"""Every route × every role: Alice owns, Bob is on the team, Charlie is on another team, Pat is on the platform team."""

from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from catalog.models import ApiToken, Membership, Organisation, Person, Team
from onboarding.models import Blocker, Onboarding, Plan
from portal.models import Session
from portal.signin import OPEN_PATHS
from tests.conftest import Cast
from tests.pages import rows
from tests.pages.conftest import signed_in

ROLES = ("alice", "bob", "charlie", "pat", "nobody")
SIGN_IN = 302


@dataclass(frozen=True)
class Things:
    """One of everything that a route may name; Alice's, on storefront."""

    plan: Plan
    onboarding: Onboarding
    blocker: Blocker
    attempt: int
    token: int
    device: str


@pytest.fixture
def things(cast: Cast) -> Things:
    onboarding = rows.onboarding(cast)
    blocker = rows.block(cast, onboarding)
    attempt = onboarding.run.steps.get(name="access").attempts.get()
    token, _ = ApiToken.issue(cast.alice, "a script")
    signed_in(cast.alice)
    device = Session.objects.get().pk
    return Things(onboarding.plan, onboarding, blocker, attempt.pk, token.pk, device)


EXPECTED: dict[str, tuple[str, tuple[int, int, int, int, int]]] = {
    # route: (method, statuses for alice, bob, charlie, pat and nobody)
    "home": ("get", (200, 200, 200, 200, SIGN_IN)),
    "plan": ("get", (200, 200, 404, 200, SIGN_IN)),
    "onboardings": ("get", (200, 200, 200, 200, SIGN_IN)),
    "onboarding": ("get", (200, 200, 404, 200, SIGN_IN)),
    "agreements": ("post", (302, 302, 404, 302, SIGN_IN)),
    "retries": ("post", (302, 302, 404, 302, SIGN_IN)),
    "reruns": ("get", (200, 200, 404, 200, SIGN_IN)),
    "settings": ("get", (200, 200, 404, 200, SIGN_IN)),
    "cancellation": ("get", (200, 200, 404, 200, SIGN_IN)),
    "undo": ("get", (200, 200, 404, 200, SIGN_IN)),
    "log": ("get", (200, 200, 404, 200, SIGN_IN)),
    "departures": ("post", (302, 302, 404, 302, SIGN_IN)),
    "queue": ("get", (403, 403, 403, 200, SIGN_IN)),
    "checks": ("post", (403, 403, 403, 302, SIGN_IN)),
    "record": ("get", (403, 403, 403, 200, SIGN_IN)),
    "operations": ("get", (403, 403, 403, 200, SIGN_IN)),
    "teams": ("get", (302, 302, 302, 200, SIGN_IN)),
    "team": ("get", (200, 200, 404, 200, SIGN_IN)),
    "tokens": ("get", (200, 200, 200, 200, SIGN_IN)),
    "revocation": ("post", (302, 404, 404, 404, SIGN_IN)),
    "devices": ("get", (200, 200, 200, 200, SIGN_IN)),
    "device": ("post", (302, 404, 404, 404, SIGN_IN)),
    "other_devices": ("post", (302, 302, 302, 302, SIGN_IN)),
    "sign_in": ("get", (302, 302, 302, 302, 200)),
    "sign_out": ("post", (302, 302, 302, 302, SIGN_IN)),
}
ELSEWHERE = {
    "addresses": "test_addresses: it reads from the source host",
    "plans": "test_addresses: it reads from the source host",
    "healthz": "test_people: open to all",
    "metrics": "test_operations: it requires a token",
}
"""Routes whose rights are tested elsewhere."""


def address(route: str, things: Things) -> str:
    return {
        "home": "/",
        "plan": f"/plans/{things.plan.pk}/",
        "departures": f"/plans/{things.plan.pk}/departures/",
        "onboardings": "/onboardings/",
        "onboarding": f"/onboardings/{things.onboarding.pk}/",
        "agreements": f"/onboardings/{things.onboarding.pk}/agreements/",
        "retries": f"/onboardings/{things.onboarding.pk}/retries/",
        "reruns": f"/onboardings/{things.onboarding.pk}/reruns/",
        "settings": f"/onboardings/{things.onboarding.pk}/settings/",
        "undo": f"/onboardings/{things.onboarding.pk}/undo/",
        "cancellation": f"/onboardings/{things.onboarding.pk}/cancellation/",
        "log": f"/onboardings/{things.onboarding.pk}/attempts/{things.attempt}/log",
        "queue": "/queue/",
        "record": "/record/",
        "operations": "/operations/",
        "checks": f"/blockers/{things.blocker.pk}/checks/",
        "teams": "/teams/",
        "team": "/teams/acme-storefront/",
        "tokens": "/people/me/tokens/",
        "revocation": f"/people/me/tokens/{things.token}/revocation/",
        "devices": "/people/me/devices/",
        "device": f"/people/me/devices/{things.device}/",
        "other_devices": "/people/me/devices/others/",
        "sign_in": "/sign-in/",
        "sign_out": "/sign-out/",
    }[route]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("route", EXPECTED)
def test_every_role_sees_only_its_own(route: str, role: str, cast: Cast, things: Things) -> None:
    client = signed_in(getattr(cast, role, None))
    method, expected = EXPECTED[route]
    answer = getattr(client, method)(address(route, things), {"step": "namespace"})
    assert answer.status_code == expected[ROLES.index(role)]
    if role == "nobody" and not address(route, things).startswith(OPEN_PATHS):
        assert answer["Location"].startswith("/sign-in/?next=") or route == "sign_out"


@pytest.mark.parametrize("role", ["charlie", "nobody"])
def test_an_outsider_changes_nothing(role: str, cast: Cast, things: Things) -> None:
    client = signed_in(getattr(cast, role, None))
    for noun in ("cancellation", "undo", "reruns", "settings"):
        client.post(f"/onboardings/{things.onboarding.pk}/{noun}/", {"step": "access"})
    assert things.onboarding.run.steps.get(name="access").state == "done"
    client.post("/onboardings/", {"plan": things.plan.pk, "digest": things.plan.digest})
    client.post(f"/people/me/tokens/{things.token}/revocation/")
    things.onboarding.run.refresh_from_db()
    assert things.onboarding.run.state == "active"
    assert Onboarding.objects.count() == 1
    assert ApiToken.objects.filter(pk=things.token).exists()


def test_a_starter_who_left_the_team_only_looks(cast: Cast, things: Things) -> None:
    cast.storefront.memberships.filter(login="alice").delete()
    alice = signed_in(cast.alice)
    for route in ("onboarding", "log", "cancellation", "undo", "reruns"):
        assert alice.get(address(route, things), {"step": "access"}).status_code == 200, route
    for route in ("agreements", "retries", "reruns", "settings", "cancellation", "undo"):
        answer = alice.post(address(route, things), {"step": "access"})
        assert answer.status_code == 403, route
        assert "Access denied" in answer.content.decode()
    things.onboarding.run.refresh_from_db()
    assert things.onboarding.run.state == "active"
    assert things.onboarding.run.steps.get(name="access").state == "done"
    assert alice.get(address("team", things)).status_code == 404


@pytest.mark.parametrize("team", ["storefront", "platform"])
def test_a_team_of_the_same_slug_in_another_organisation_sees_nothing(team: str, cast: Cast, things: Things) -> None:
    other = Organisation.objects.create(slug="globex", name="Globex", issues_project="GLOB")
    namesake = Team.objects.create(organisation=other, slug=team, name="Namesake", is_platform=team == "platform")
    Membership.objects.create(team=namesake, login="eve")
    eve = signed_in(Person.objects.create_user("eve"))
    for route in ("plan", "onboarding", "log", "cancellation", "undo", "reruns", "settings", "team"):
        assert eve.get(address(route, things)).status_code == 404, route
    for route in ("agreements", "retries", "reruns", "settings", "cancellation", "undo", "departures", "checks"):
        assert eve.post(address(route, things), {"step": "access"}).status_code in (403, 404), route
    assert namesake.key == f"globex-{team}"


def test_no_page_of_an_outsider_names_the_run(cast: Cast, things: Things, charlie: Client) -> None:
    for path in ("/", "/onboardings/", "/teams/", "/teams/acme-payments/"):
        answer = charlie.get(path, follow=True).content.decode()
        assert str(things.onboarding.pk) not in answer
        assert "The allowance of Storefront" not in answer


def test_a_fragment_without_a_session_redirects_the_whole_page_to_sign_in(client: Client, things: Things) -> None:
    answer = client.get(address("onboarding", things), headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (401, "/sign-in/")


def test_a_state_is_never_changed_by_get(cast: Cast, things: Things, pat: Client) -> None:
    for route in ("agreements", "retries", "departures", "checks", "revocation", "sign_out", "device", "other_devices"):
        assert pat.get(address(route, things)).status_code == 405


def test_a_form_without_its_csrf_token_does_nothing(cast: Cast, things: Things) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.alice)
    answer = client.post(f"/onboardings/{things.onboarding.pk}/cancellation/")
    assert answer.status_code == 403
    assert "Form expired" in answer.content.decode()


def test_every_route_is_in_the_matrix() -> None:
    named = {pattern.name for pattern in _patterns(get_resolver().url_patterns) if pattern.name}
    ours = {name for name in named if not name.startswith(("account_", "socialaccount_", "github_", "api", "openapi"))}
    assert ours - {"webhook"} - set(EXPECTED) - set(ELSEWHERE) == set()


def _patterns(patterns: list[URLPattern | URLResolver]) -> list[URLPattern]:
    """The patterns of pages; those of the API have their own tests."""
    flat: list[URLPattern] = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            flat += [] if pattern.app_name == "ninja" else _patterns(pattern.url_patterns)
        else:
            flat.append(pattern)
    return flat
