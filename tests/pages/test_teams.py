"""A team's page: broken applications first, three separate axes, nothing guessed, no query per row."""

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

PAGE = "/teams/acme-storefront/"


def application(cast: Cast, name: str, **health: str) -> Application:
    """An onboarded application with the health of its axes."""
    row = rows.application(cast, name)
    Application.objects.filter(pk=row.pk).update(onboarded_at=timezone.now())
    for axis, value in health.items():
        cause = "“test” fails in job “test”" if value == Health.BAD else ""
        Status.note(row, axis, value, cause=cause, url="http://ci.example/1")
    return row


def test_an_empty_page_says_what_to_do_first(cast: Cast, alice: Client) -> None:
    assert "No applications yet" in words(alice.get(PAGE).content)


def test_broken_applications_come_first_with_cause_and_link(cast: Cast, alice: Client) -> None:
    application(cast, "aaa", build=Health.GOOD, delivery=Health.GOOD, runtime=Health.GOOD)
    application(cast, "zzz", build=Health.BAD, delivery=Health.GOOD, runtime=Health.GOOD)
    content = alice.get(PAGE).content
    text = words(content)
    assert text.index("zzz") < text.index("aaa")
    assert "1 of 2 applications is broken." in text
    assert "Build: “test” fails in job “test” View details" in text
    assert b'href="http://ci.example/1"' in content
    assert "(1) Storefront" in text


def test_each_axis_is_shown_separately(cast: Cast, alice: Client) -> None:
    application(cast, "shop", build=Health.BAD, delivery=Health.BUSY)
    text = words(alice.get(PAGE).content)
    assert re.search(r"Build Failing changed .*? Delivery Deploying changed .*? Runtime Unknown not checked yet", text)


def test_an_old_status_is_not_shown_as_good(cast: Cast, alice: Client) -> None:
    row = application(cast, "shop", build=Health.GOOD, delivery=Health.GOOD, runtime=Health.GOOD)
    Status.objects.filter(application=row, axis=Axis.RUNTIME).update(seen_at=timezone.now() - timedelta(days=1))
    content = alice.get(PAGE).content.decode()
    assert "Running when last checked" in words(content.encode())
    assert content.count("axis-unknown") == 1


def test_a_removed_application_is_not_shown(cast: Cast, alice: Client) -> None:
    row = application(cast, "shop")
    Application.objects.filter(pk=row.pk).update(removed_at=timezone.now())
    assert "shop" not in words(alice.get(PAGE).content)


def test_it_links_to_the_run(cast: Cast, alice: Client) -> None:
    run = rows.onboarding(cast)
    assert f"/onboardings/{run.pk}/" in alice.get(PAGE).content.decode()
    assert "Being onboarded" in words(alice.get(PAGE).content)


def test_a_poll_without_changes_is_204(cast: Cast, alice: Client) -> None:
    row = application(cast, "shop", build=Health.GOOD)
    version = re.search(r"version=(\w+)", alice.get(PAGE).content.decode())
    assert version is not None
    assert alice.get(f"{PAGE}?version={version[1]}", headers=FRAGMENT).status_code == 204
    Status.note(row, Axis.BUILD, Health.BAD, cause="“lint” fails")
    answer = alice.get(f"{PAGE}?version={version[1]}", headers=FRAGMENT)
    assert answer.status_code == 200
    assert "“lint” fails" in words(answer.content)
    assert b"<html" not in answer.content


def test_the_passing_of_time_is_no_change(cast: Cast, alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    application(cast, "shop", build=Health.GOOD)
    version = re.search(r"version=(\w+)", alice.get(PAGE).content.decode())
    assert version is not None
    later = timezone.now() + timedelta(minutes=5)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert "changed 5 min ago" in words(alice.get(PAGE).content)
    assert alice.get(f"{PAGE}?version={version[1]}", headers=FRAGMENT).status_code == 204


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
    text = words(alice.get(f"{PAGE}?q=gree").content)
    assert "greeter" in text
    assert "acme/shop" not in text
    assert "No applications match" in words(alice.get(f"{PAGE}?q=nothing").content)


def test_the_platform_team_sees_all_teams_broken_ones_first(cast: Cast, pat: Client) -> None:
    application(cast, "shop", build=Health.BAD)
    text = words(pat.get("/teams/").content)
    assert text.index("Storefront") < text.index("Payments")
    assert "1 broken" in text
