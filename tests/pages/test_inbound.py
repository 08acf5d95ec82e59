"""Text that no row can hold is refused at every way in, with a sentence; and what every answer carries."""

import json
from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from catalog.models import ApiToken
from tests.conftest import Cast

NUL = "\x00"
DOORS: dict[str, Callable[[Client], object]] = {
    "query": lambda client: client.get("/onboardings/?state=%00"),
    "name in the query": lambda client: client.get("/onboardings/?%00=1"),
    "path": lambda client: client.get("/teams%00/"),
    "path of a static file": lambda client: client.get("/static/%00.css"),
    "form": lambda client: client.post("/people/me/tokens/", {"name": f"a{NUL}b", "days": "30"}),
    "encoded form": lambda client: client.post(
        "/people/me/tokens/", "name=a%00b&days=30", content_type="application/x-www-form-urlencoded"
    ),
    "address": lambda client: client.post("/addresses/", {"address": f"acme/shop{NUL}"}),
    "header": lambda client: client.get("/", headers={"Referer": f"a{NUL}"}),
    "cookie": lambda client: client.get("/", headers={"Cookie": r'onramp-session="a\000b"'}),
    "sign-in": lambda client: client.get("/sign-in/?next=/%00"),
}


@pytest.mark.parametrize("door", DOORS)
def test_a_nul_is_refused_with_a_sentence(door: str, alice: Client) -> None:
    alice.raise_request_exception = False
    answer = DOORS[door](alice)
    assert isinstance(answer, HttpResponse)
    assert answer.status_code == 400
    assert "NUL" in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("place", ["/onboardings/?state=%ED%A0%80", "/teams%ED%A0%80/", "/onboardings/?state=%FF"])
def test_broken_utf8_in_an_address_breaks_nothing(place: str, alice: Client) -> None:
    alice.raise_request_exception = False
    assert alice.get(place).status_code in (200, 404)


@pytest.mark.parametrize("value", [r"\u0000", r"\ud800", r"a\udfffb"])
@pytest.mark.parametrize(
    "shape", ['{"address": "%s"}', '{"%s": 1}', '{"address": "a", "choices": {"%s": "keep"}}', '[["%s"]]']
)
def test_the_api_refuses_them_in_json(value: str, shape: str, cast: Cast) -> None:
    _, token = ApiToken.issue(cast.alice, "test")
    client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {token}"})
    answer = client.post("/api/v1/plans", shape % value, content_type="application/json")
    assert answer.status_code == 400
    assert json.loads(answer.content)["kind"] == "unreadable"
    assert "cannot be stored" in json.loads(answer.content)["detail"]


@pytest.mark.parametrize("place", ["/api/v1/onboardings?x=%00", "/api/v1/onboardings/%00"])
def test_the_api_answers_a_nul_in_an_address_with_a_problem(place: str, cast: Cast) -> None:
    _, token = ApiToken.issue(cast.alice, "test")
    answer = Client(headers={"Authorization": f"Bearer {token}"}).get(place)
    assert (answer.status_code, json.loads(answer.content)["kind"]) == (400, "unreadable")


def test_the_api_refuses_a_nul_in_a_header(cast: Cast) -> None:
    _, token = ApiToken.issue(cast.alice, "test")
    client = Client(headers={"Authorization": f"Bearer {token}", "Idempotency-Key": f"a{NUL}"})
    assert client.post("/api/v1/onboardings", "{}", content_type="application/json").status_code == 400


@pytest.mark.parametrize(
    "path", ["/", "/onboardings/", "/people/me/tokens/", "/sign-in/", "/api/v1/onboardings", "/nothing/", "/healthz"]
)
def test_no_cache_keeps_an_answer(path: str, alice: Client) -> None:
    answer = alice.get(path)
    assert "no-store" in answer["Cache-Control"]
    assert "camera=()" in answer["Permissions-Policy"]


def test_static_files_are_cached(alice: Client) -> None:
    answer = alice.get("/static/css/page.css")
    assert answer.status_code == 200
    assert "public" in answer["Cache-Control"]
    answer.close()


def test_a_signed_in_answer_of_the_login_is_not_kept_either(client: Client, db: None) -> None:
    assert "no-store" in client.post(reverse("github_login"))["Cache-Control"]
