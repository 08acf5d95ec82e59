"""A team's page: the broken first, three axes apart, nothing guessed, no query per row."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from catalog.models import Application, Axis, Health, Status
from tests.conftest import Cast
from tests.pages import rows
from tests.pages.test_addresses import FRAGMENT, words

PAGE = "/teams/storefront/"


def application(cast: Cast, name: str, **health: str) -> Application:
    """An onboarded application with what was seen of its axes."""
    row = rows.application(cast, name)
    Application.objects.filter(pk=row.pk).update(onboarded_at=timezone.now())
    for axis, value in health.items():
        cause = "“test” fails in job “test”" if value == Health.BAD else ""
        Status.note(row, axis, value, cause=cause, url="http://ci.example/1")
    return row


def test_an_empty_page_says_what_to_do_first(cast: Cast, alice: Client) -> None:
    assert "Nothing to watch yet" in words(alice.get(PAGE).content)


def test_what_is_broken_comes_first_with_cause_and_link(cast: Cast, alice: Client) -> None:
    application(cast, "aaa", build=Health.GOOD, delivery=Health.GOOD, runtime=Health.GOOD)
    application(cast, "zzz", build=Health.BAD, delivery=Health.GOOD, runtime=Health.GOOD)
    content = alice.get(PAGE).content
    said = words(content)
    assert said.index("zzz") < said.index("aaa")
    assert "1 of 2 applications is broken." in said
    assert "Build: “test” fails in job “test” Look at it" in said
    assert b'href="http://ci.example/1"' in content
    assert "(1) Storefront" in said


def test_each_axis_is_said_on_its_own(cast: Cast, alice: Client) -> None:
    application(cast, "shop", build=Health.BAD, delivery=Health.BUSY)
    said = words(alice.get(PAGE).content)
    assert re.search(r"Build Red since .*? Delivery Deploying since .*? Runtime Unknown not seen yet", said)


def test_what_was_seen_long_ago_is_not_called_good(cast: Cast, alice: Client) -> None:
    row = application(cast, "shop", build=Health.GOOD, delivery=Health.GOOD, runtime=Health.GOOD)
    Status.objects.filter(application=row, axis=Axis.RUNTIME).update(seen_at=timezone.now() - timedelta(days=1))
    content = alice.get(PAGE).content.decode()
    assert "Running, last we saw" in words(content.encode())
    assert content.count("axis-unknown") == 1


def test_what_was_removed_is_gone(cast: Cast, alice: Client) -> None:
    row = application(cast, "shop")
    Application.objects.filter(pk=row.pk).update(removed_at=timezone.now())
    assert "shop" not in words(alice.get(PAGE).content)


def test_it_links_to_the_run(cast: Cast, alice: Client) -> None:
    run = rows.onboarding(cast)
    assert f"/onboardings/{run.pk}/" in alice.get(PAGE).content.decode()
    assert "Being onboarded" in words(alice.get(PAGE).content)


def test_a_poll_without_news_is_204(cast: Cast, alice: Client) -> None:
    row = application(cast, "shop", build=Health.GOOD)
    found = re.search(r"version=(\w+)", alice.get(PAGE).content.decode())
    assert found is not None
    assert alice.get(f"{PAGE}?version={found[1]}", headers=FRAGMENT).status_code == 204
    Status.note(row, Axis.BUILD, Health.BAD, cause="“lint” fails")
    answer = alice.get(f"{PAGE}?version={found[1]}", headers=FRAGMENT)
    assert answer.status_code == 200
    assert "“lint” fails" in words(answer.content)
    assert b"<html" not in answer.content


@pytest.mark.parametrize("many", [3, 60])
def test_no_query_per_row(
    cast: Cast, alice: Client, django_assert_max_num_queries: DjangoAssertNumQueries, many: int
) -> None:
    for number in range(many):
        application(cast, f"service-{number}", build=Health.GOOD)
    with django_assert_max_num_queries(11):
        alice.get(PAGE)


def test_a_filter_finds_by_name(cast: Cast, alice: Client) -> None:
    for name in ("shop", "greeter"):
        application(cast, name)
    said = words(alice.get(f"{PAGE}?q=gree").content)
    assert "greeter" in said
    assert "acme/shop" not in said
    assert "No application is called that" in words(alice.get(f"{PAGE}?q=nothing").content)


def test_the_platform_sees_the_teams_of_its_company_the_broken_first(cast: Cast, pat: Client) -> None:
    application(cast, "shop", build=Health.BAD)
    said = words(pat.get("/teams/").content)
    assert said.index("Storefront") < said.index("Payments")
    assert "1 broken" in said
