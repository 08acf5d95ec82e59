"""Sign-in, tokens, health, and the error pages."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from catalog.models import ApiToken
from tests.conftest import Cast
from tests.pages.test_addresses import words


def test_the_demo_offers_three_people(client: Client, db: None) -> None:
    content = client.get("/sign-in/?next=/queue/").content.decode()
    assert content.count('action="/accounts/github/login/?person=') == 3
    assert "next=%2Fqueue%2F" in content


def test_outside_the_demo_there_is_one_button(client: Client, db: None, settings: Settings) -> None:
    settings.ENV = settings.ENV.model_copy(update={"onramp_demo": False})
    text = words(client.get("/sign-in/").content)
    assert "Sign in with GitHub" in text
    assert "Alice" not in text


def test_the_chosen_demo_person_reaches_the_source_host(client: Client, db: None) -> None:
    answer = client.post("/accounts/github/login/?person=alice")
    assert answer.status_code == 302
    assert "login=alice" in answer["Location"]


@pytest.mark.parametrize("demo", [True, False])
@pytest.mark.parametrize(
    "query",
    [
        "auth_params=login%3Dmallory%26prompt%3Dnone",
        "scope=repo,admin:org",
        "process=connect",
        "person=mallory",
        "person=alice%26scope%3Drepo",
    ],
)
def test_a_link_adds_nothing_to_what_the_source_host_is_asked(
    client: Client, db: None, settings: Settings, query: str, demo: bool
) -> None:
    settings.ENV = settings.ENV.model_copy(update={"onramp_demo": demo})
    plain, altered = (
        parse_qs(urlsplit(client.post(f"/accounts/github/login/{end}")["Location"]).query) for end in ("", f"?{query}")
    )
    assert {name for name in altered if altered[name] != plain.get(name)} <= {"state", "code_challenge"}


def test_outside_the_demo_nobody_is_chosen(client: Client, db: None, settings: Settings) -> None:
    settings.ENV = settings.ENV.model_copy(update={"onramp_demo": False})
    assert "login=alice" not in client.post("/accounts/github/login/?person=alice")["Location"]


def test_signing_in_needs_a_post(client: Client, db: None) -> None:
    assert "login/oauth/authorize" not in client.get("/accounts/github/login/").headers.get("Location", "")


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "javascript:alert(1)"])
def test_sign_in_never_redirects_to_another_site(alice: Client, client: Client, target: str) -> None:
    assert alice.get("/sign-in/", {"next": target})["Location"] == "/"
    assert "evil" not in client.get("/sign-in/", {"next": target}).content.decode()


def test_signing_out_ends_the_session(alice: Client) -> None:
    assert alice.post("/sign-out/")["Location"] == "/sign-in/"
    assert alice.get("/").status_code == 302


def test_a_token_is_shown_once_and_works_until_it_is_revoked(cast: Cast, alice: Client) -> None:
    response = alice.post("/people/me/tokens/", {"name": "my script", "days": "30", "writes": "on"})
    value = response.context["value"]
    assert value in response.content.decode()
    assert value not in alice.get("/people/me/tokens/").content.decode()
    token = ApiToken.find(value)
    assert token is not None
    assert (token.person, token.writes) == (cast.alice, True)
    alice.post(f"/people/me/tokens/{token.pk}/revocation/")
    assert ApiToken.find(value) is None


@pytest.mark.parametrize("form", [{"name": "", "days": "30"}, {"name": "x", "days": "9999"}, {"name": "x"}])
def test_a_token_without_a_purpose_or_an_expiry_is_not_created(alice: Client, form: dict[str, str]) -> None:
    assert "The token was not created." in words(alice.post("/people/me/tokens/", form).content)
    assert ApiToken.objects.count() == 0


def test_health_names_what_does_not_respond(client: Client, db: None, settings: Settings) -> None:
    settings.ENV = settings.ENV.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"database": True, "broker": False})


def test_health_is_good_while_both_respond(client: Client, db: None) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"database": True, "broker": True})


def test_a_missing_page_says_so_in_words(alice: Client) -> None:
    answer = alice.get("/nothing/")
    assert answer.status_code == 404
    assert "Not found, or you don’t have access" in words(answer.content)


def test_a_denied_page_names_the_missing_right(alice: Client) -> None:
    assert "Only members of a platform team" in words(alice.get("/queue/").content)


def test_a_page_that_breaks_says_whose_fault_it_is(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    alice.raise_request_exception = False
    monkeypatch.setattr("onboarding.pages.lists.MAX_RECENT", "not a number")
    answer = alice.get("/")
    assert answer.status_code == 500
    assert "Something went wrong on our side" in words(answer.content)


def test_every_response_has_the_content_security_policy(alice: Client) -> None:
    policy = alice.get("/")["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
