"""Limits per person and per client address, shared by all processes, with when to try again; no outage without the broker."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator

import pytest
from django.test import Client
from pydantic import ValidationError
from pytest_django import Settings

from catalog.models import ApiToken, Person
from integrations import providers
from portal import rate_limits
from portal.environment import Environment
from tests.conftest import Cast
from tests.deploy.kustomization import ROOT
from tests.pages.test_addresses import words

TWO = "2/minute"
DOWN = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def address(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Everything is limited to two, for a client address that only this test uses."""
    rates = {f"portal_limit_{kind}": TWO for kind in rate_limits.KINDS}
    settings.ENV = settings.ENV.model_copy(update=rates | {"portal_trusted_proxies": 1})
    monkeypatch.setenv("PORTAL_SOURCE_GITHUB_TOKEN", "unused")
    monkeypatch.setenv("PORTAL_SOURCE_GITHUB_WEBHOOK_SECRET", "unused")
    providers.reset()
    monkeypatch.setattr(rate_limits, "_failed_at", [-rate_limits.PAUSE])
    rate_limits._shared(settings.ENV.redis_url).storage.reset()  # an earlier run counted the same keys of people
    yield f"2001:db8:{uuid.uuid4().hex[:4]}:{uuid.uuid4().hex[:4]}::1"
    providers.reset()


def at(address: str, person: Person | None = None, **headers: str) -> Client:
    client = Client(headers={"X-Forwarded-For": address} | headers)
    if person:
        client.force_login(person)
    return client


def sign_ins(client: Client, count: int) -> list[int]:
    return [client.post("/accounts/github/login/").status_code for _ in range(count)]


def test_sign_in_is_limited_by_address(db: None, address: str) -> None:
    assert sign_ins(at(address), 3) == [302, 302, 429]
    assert sign_ins(at(address.replace("::1", "::2")), 1) == [429], "the same subscriber"
    assert sign_ins(at(f"198.51.100.{uuid.uuid4().int % 250}"), 1) == [302]


def test_what_a_client_claims_about_its_address_does_not_help(db: None, address: str) -> None:
    claims = [f"10.0.0.{number}, {address}" for number in range(3)]
    assert [at(claim).post("/accounts/github/login/").status_code for claim in claims] == [302, 302, 429]


def test_the_page_says_when_to_try_again(db: None, address: str) -> None:
    client = at(address)
    sign_ins(client, 2)
    answer = client.post("/accounts/github/login/")
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert f"Try again in {answer['Retry-After']} seconds." in words(answer.content)


@pytest.mark.parametrize("path", ["/addresses/", "/plans/", "/onboardings/"])
def test_a_person_is_limited_wherever_they_are(path: str, cast: Cast, address: str) -> None:
    places = [at(f"203.0.113.{number}", cast.alice) for number in range(3)]
    statuses = [client.post(path, {"address": "nonsense"}).status_code for client in places]
    assert 429 not in statuses[:2]
    assert statuses[2] == 429
    assert at(address, cast.bob).post(path, {"address": "nonsense"}).status_code != 429


def test_an_address_admits_more_than_one_person(cast: Cast, address: str) -> None:
    people = [Person.objects.create_user(f"person-{number}") for number in range(11)]
    statuses = [
        at(address, person).post("/addresses/", {"address": ""}).status_code for person in people for _ in range(2)
    ]
    assert statuses == [200] * 20 + [429] * 2


def test_a_fragment_says_it_where_htmx_shows_it(cast: Cast, address: str) -> None:
    client = at(address, cast.alice, **{"HX-Request": "true"})
    answers = [client.post("/addresses/", {"address": ""}) for _ in range(3)]
    assert answers[2].status_code == 200
    assert "Too many requests in a short time. Nothing was done." in words(answers[2].content)
    assert "<html" not in answers[2].content.decode()


def test_wrong_tokens_are_limited_and_right_ones_are_not(cast: Cast, address: str) -> None:
    _, token = ApiToken.issue(cast.alice, "a script")
    right = at(address, Authorization=f"Bearer {token}")
    assert [right.get("/api/v1/onboardings").status_code for _ in range(5)] == [200] * 5
    wrong = at(address, Authorization="Bearer onramp_guess")
    answers = [wrong.get("/api/v1/onboardings") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert json.loads(answers[2].content)["kind"] == "rate-limited"
    assert answers[2]["Retry-After"]


@pytest.mark.parametrize("path", ["addresses", "plans", "onboardings"])
def test_the_api_counts_with_the_pages(path: str, cast: Cast, address: str) -> None:
    _, token = ApiToken.issue(cast.alice, "a script")
    api = at(address, Authorization=f"Bearer {token}")
    assert at(address, cast.alice).post(f"/{path}/", {"address": ""}).status_code != 429
    statuses = [api.post(f"/api/v1/{path}", "{}", content_type="application/json").status_code for _ in range(2)]
    assert statuses == [422, 429]


def test_all_processes_count_together(db: None, address: str) -> None:
    sign_ins(at(address), 2)
    script = (
        "import django; django.setup(); from portal import rate_limits; from portal.client_address import network_of;"
        f"print(rate_limits.count('sign_ins', network_of('{address}')) > 0)"
    )
    variables = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "PORTAL_LIMIT_SIGN_INS": TWO}
    printed = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=variables, capture_output=True, text=True, check=True
    )
    assert printed.stdout.strip() == "True"


def test_without_the_broker_each_process_counts_for_itself(
    db: None, address: str, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ENV = settings.ENV.model_copy(update={"redis_url": DOWN})
    assert sign_ins(at(address), 3) == [302, 302, 429]
    assert caplog.text.count("rate limits are counted by each process for now") == 1, "it is not asked every time"


@pytest.mark.parametrize("rate", ["many", "20", "20/fortnight", "/minute"])
def test_a_wrong_rate_stops_the_start(rate: str) -> None:
    with pytest.raises(ValidationError, match="write it as 20/minute"):
        Environment.model_validate(
            {"database_url": "x", "redis_url": "x", "secret_key": "x" * 32, "portal_limit_runs": rate}
        )
