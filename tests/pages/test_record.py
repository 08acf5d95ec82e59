"""The record of what people did: for the platform team of their organisation, and as a file."""

import csv
import io
import json

import pytest
from django.test import Client

from catalog.models import Membership, Organisation, Person, Team
from engine import interventions
from events.log import record
from tests.conftest import Cast
from tests.pages import rows
from tests.pages.conftest import signed_in


@pytest.fixture
def acts(cast: Cast) -> str:
    """Alice cancelled a run, and somebody of another organisation did something; the run's id."""
    onboarding = rows.onboarding(cast)
    interventions.cancel(onboarding.pk, person="alice")
    record("onramp.plan.shown", "globex/secret", person="eve")
    record("onramp.address.rejected", "=cmd|' /C calc'!A0", person="bob", message="=1+1")
    return str(onboarding.pk)


def test_the_platform_team_reads_who_did_what_before_and_after(pat: Client, acts: str) -> None:
    page = pat.get("/record/").content.decode()
    for text in ("alice", "Cancelled a run", "before", "active", "after", "cancelled", f"/onboardings/{acts}/"):
        assert text in page
    assert "globex" not in page


@pytest.mark.parametrize(
    ("query", "seen", "unseen"),
    [("person=alice", "Cancelled a run", "Pasted a URL"), ("q=address", "Pasted a URL", "Cancelled a run")],
)
def test_it_can_be_filtered(pat: Client, acts: str, query: str, seen: str, unseen: str) -> None:
    page = pat.get(f"/record/?{query}").content.decode()
    assert seen in page
    assert unseen not in page


@pytest.fixture
def pia(cast: Cast) -> Client:
    """The platform engineer of another organisation, where Bob is on a team too."""
    globex = Organisation.objects.create(slug="globex", name="Globex", issues_project="G")
    team = Team.objects.create(organisation=globex, slug="platform", name="Platform", is_platform=True)
    for login in ("eve", "pia", "bob"):
        Membership.objects.create(team=team, login=login)
    return signed_in(Person.objects.create_user("pia"))


def test_another_organisations_platform_team_reads_its_own(pia: Client, pat: Client, acts: str) -> None:
    record("onramp.plan.shown", "globex/more", person="eve")
    page = pia.get("/record/").content.decode()
    assert "globex/more" in page
    assert "alice" not in page
    assert "globex/more" not in pat.get("/record/").content.decode()


def test_what_a_person_of_two_organisations_does_in_one_is_read_there_only(
    cast: Cast, pia: Client, pat: Client
) -> None:
    onboarding = rows.onboarding(cast)
    interventions.cancel(onboarding.pk, person="bob")
    assert "Cancelled a run" in pat.get("/record/").content.decode()
    assert "Cancelled a run" not in pia.get("/record/").content.decode()


def test_what_a_person_did_stays_in_the_record_after_they_left(cast: Cast, pat: Client, acts: str) -> None:
    record("onramp.token.created", "person:alice", person="alice")
    record("onramp.person.renamed", "alice", before="alicia")
    cast.storefront.memberships.all().delete()
    page = pat.get("/record/").content.decode()
    for text in ("Created an API token", "Got another login", "Pasted a URL"):
        assert text in page


def test_the_export_is_complete_and_harmless_in_a_spreadsheet(pat: Client, acts: str) -> None:
    text = pat.get("/record/?format=csv").getvalue().decode()
    lines = list(csv.DictReader(io.StringIO(text)))
    assert {line["person"] for line in lines} == {"alice", "bob", "pat"}, "Pat signed in"
    assert not any(cell[:1] in "=+-@" for line in lines for cell in line.values() if cell)
    content = pat.get("/record/?format=jsonl&person=alice").getvalue().decode()
    (line,) = map(json.loads, content.splitlines())
    assert (line["type"], line["data"]["after"]) == ("onramp.run.cancelled", "cancelled")


def test_a_person_who_left_stays_in_the_record_of_their_runs(cast: Cast, pat: Client, acts: str) -> None:
    cast.storefront.memberships.all().delete()
    assert "Cancelled a run" in pat.get("/record/").content.decode()


def test_signing_in_is_recorded_and_a_filter_without_a_match_says_so(pat: Client, cast: Cast) -> None:
    assert "Signed in" in pat.get("/record/").content.decode()
    assert "Nothing matches" in pat.get("/record/?person=nobody").content.decode()


def test_who_joined_a_team_is_in_the_record(cast: Cast, pat: Client) -> None:
    record("onramp.membership.added", f"team:{cast.storefront.key}", login="alice", team=cast.storefront.key)
    page = pat.get("/record/").content.decode()
    assert "Joined a team" in page
    assert "alice" in page
