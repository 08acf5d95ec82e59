"""Teams of the source host: known by their ids, and none of them stops the import of the others."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from catalog import ownership
from catalog.entries import SyncFailed, TeamEntry
from catalog.models import ApiToken, Membership, Organisation, Repository, Team
from events.models import Event
from integrations.errors import IntegrationError
from tests.catalog.conftest import SourceHost, at_source, organisation, synchronise
from tests.conftest import signed_up
from tests.integrations.answering import Answer

pytestmark = pytest.mark.django_db


def members(slug: str) -> set[str]:
    return set(Membership.objects.filter(team__slug=slug).values_list("login", flat=True))


def test_a_renamed_team_keeps_its_row_and_its_key(source: SourceHost) -> None:
    source.has(at_source(1, "payments", dana=4))
    synchronise()
    source.has(at_source(1, "payments-core", dana=4))
    report = synchronise()
    team = Team.objects.get()
    assert (team.slug, team.key, team.external_id) == ("payments-core", "acme-payments", "1")
    assert team.sso_group == "acme:payments-core", "the group of the old slug is another team's now"
    assert (report.joined, report.left, report.skipped) == ([], [], [])


@pytest.mark.parametrize("imports", [1, 2, 3])
def test_whoever_takes_a_freed_slug_inherits_nothing(source: SourceHost, imports: int) -> None:
    source.has(at_source(1, "payments", dana=4))
    synchronise()
    source.has(at_source(1, "payments-core", dana=4), at_source(99, "payments", mallory=66))
    for _ in range(imports):
        report = synchronise()
        assert [skipped.team for skipped in report.skipped] == ["acme/payments"]
    assert set(Membership.objects.values_list("login", flat=True)) == {"dana"}
    assert not Team.objects.exclude(key="acme-payments").exists()


def test_a_new_team_of_a_removed_ones_slug_waits_until_the_file_confirms_it(source: SourceHost) -> None:
    source.has(at_source(1, "payments", dana=4))
    synchronise()
    source.has(at_source(99, "payments", mallory=66))
    (skipped,) = synchronise().skipped
    assert "add payments: 99 to team_ids of acme" in skipped.reason
    team = Team.objects.get()
    assert (members("payments"), team.sso_group) == (set(), "")
    assert synchronise(organisation(ids={"payments": "99"})).skipped == []
    assert (members("payments"), Team.objects.get().external_id) == ({"mallory"}, "99")


def test_a_team_that_only_the_file_had_is_not_inherited(source: SourceHost) -> None:
    source.has(at_source(9, "payments", mallory=66))
    synchronise(organisation("acme", TeamEntry(slug="payments", members=["dana"])))
    assert members("payments") == {"dana"}
    assert len(synchronise().skipped) == 1
    assert members("payments") == set()


def test_two_teams_that_swap_their_slugs_keep_their_rows(source: SourceHost) -> None:
    source.has(at_source(1, "one", dana=4), at_source(2, "two", eve=5))
    synchronise()
    source.has(at_source(1, "two", dana=4), at_source(2, "one", eve=5))
    assert synchronise().skipped == []
    assert {(team.slug, team.key) for team in Team.objects.all()} == {("two", "acme-one"), ("one", "acme-two")}


def test_a_team_keeps_its_slug_while_another_one_has_the_new_one(source: SourceHost) -> None:
    source.has(at_source(1, "one", dana=4), at_source(2, "two", eve=5))
    synchronise()
    source.has(at_source(1, "two", dana=4))
    (skipped,) = synchronise().skipped
    assert "still calls it one" in skipped.reason
    assert (members("one"), members("two")) == ({"dana"}, set())


def test_the_first_import_pins_the_platform_team(source: SourceHost) -> None:
    source.has(at_source(1, "platform", pat=1), at_source(2, "crew", mallory=66))
    synchronise()
    source.has(at_source(1, "platform-team", pat=1), at_source(2, "platform", mallory=66))
    synchronise()
    synchronise()
    assert {(team.external_id, team.is_platform) for team in Team.objects.all()} == {("1", True), ("2", False)}
    assert Team.objects.get(external_id="2").slug == "crew"


def test_a_team_that_appears_later_is_not_the_platform_team(source: SourceHost) -> None:
    source.has(at_source(2, "crew", dana=4))
    synchronise()
    source.has(at_source(2, "crew", dana=4), at_source(3, "platform", mallory=66))
    (skipped,) = synchronise().skipped
    assert "would become the platform team" in skipped.reason
    assert not Team.objects.filter(is_platform=True).exists()
    synchronise(organisation(ids={"platform": "3"}))
    assert Team.objects.get(is_platform=True).external_id == "3"


def test_another_team_under_the_platform_teams_slug_is_refused(source: SourceHost) -> None:
    source.has(at_source(1, "platform", pat=1))
    synchronise()
    source.has(at_source(9, "platform", mallory=66))
    assert len(synchronise().skipped) == 1
    assert not Membership.objects.exists()


def test_operators_can_name_another_known_team_as_the_platform(source: SourceHost) -> None:
    source.has(at_source(1, "platform", pat=1), at_source(2, "crew", dana=4))
    synchronise()
    synchronise(organisation(platform="crew"))
    assert [team.slug for team in Team.objects.filter(is_platform=True)] == ["crew"]


def test_the_file_cannot_confirm_the_id_of_another_team(source: SourceHost) -> None:
    source.has(at_source(1, "one"), at_source(2, "two"))
    synchronise()
    with pytest.raises(SyncFailed, match="is the one of two"):
        synchronise(organisation("acme", TeamEntry(slug="one"), ids={"one": "2"}))


@pytest.mark.parametrize(("number", "owner"), [(1, "payments-core"), (99, None)])
def test_write_permission_counts_for_the_team_with_this_id(source: SourceHost, number: int, owner: str | None) -> None:
    source.has(at_source(1, "payments"))
    synchronise()
    source.has(at_source(1, "payments-core"), at_source(99, "payments"))
    synchronise()
    writing = {"id": number, "slug": "payments", "name": "Payments", "permission": "push"}
    source.answers["GET /repos/acme/shop/teams?"] = Answer([writing])
    team = ownership.owner_at_source(Repository(owner="acme", name="shop"))
    assert (team.slug if team else None) == owner


UNUSABLE = {
    "a long slug": at_source(50, "a" * 58, mallory=66),
    "a long name": at_source(50, "fine", name="x" * 130, mallory=66),
    "the namespace of another team": at_source(50, "payments-staging", mallory=66),
    "a key that is too long": at_source(50, "a" * 50, mallory=66),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_an_unusable_team_is_skipped_and_stops_nothing(source: SourceHost, case: str) -> None:
    slug = "a" * 20 if "too long" in case else "acme"
    source.has(at_source(1, "payments", dana=4, eve=5), organisation=slug)
    synchronise(organisation(slug))
    eve = signed_up("eve")
    ApiToken.issue(eve, "a script")
    source.has(UNUSABLE[case], at_source(1, "payments", dana=4, frank=6), organisation=slug)
    report = synchronise(organisation(slug))
    assert len(report.skipped) == 1
    assert report.skipped[0].reason.endswith(".")
    assert report.departed == [eve]
    assert not ApiToken.objects.exists()
    assert set(Membership.objects.values_list("login", flat=True)) == {"dana", "frank"}


def test_of_two_new_teams_that_collide_the_older_one_wins(source: SourceHost) -> None:
    source.has(at_source(100, "a_b", mallory=66), at_source(20, "a-b", dana=4))
    (skipped,) = synchronise().skipped
    assert skipped.team == "acme/a_b"
    assert Team.objects.get().external_id == "20"


def test_a_team_with_an_unusable_new_name_keeps_the_old_one_and_its_members(source: SourceHost) -> None:
    source.has(at_source(1, "payments", name="Payments", dana=4, eve=5))
    synchronise()
    source.has(at_source(1, "payments", name="x" * 130, dana=4))
    assert len(synchronise().skipped) == 1
    assert (Team.objects.get().name, members("payments")) == ("Payments", {"dana"})


def test_people_who_left_are_out_although_the_file_collides(source: SourceHost) -> None:
    source.has(at_source(1, "payments", dana=4, eve=5))
    synchronise()
    eve = signed_up("eve")
    ApiToken.issue(eve, "a script")
    source.has(at_source(1, "payments", dana=4))
    with pytest.raises(SyncFailed, match="acme-pay-ments"):
        synchronise(organisation("acme", TeamEntry(slug="pay-ments"), TeamEntry(slug="pay_ments")))
    assert set(Membership.objects.values_list("login", flat=True)) == {"dana"}
    assert not ApiToken.objects.exists()


def test_an_organisation_that_cannot_be_read_stops_no_other_one(source: SourceHost) -> None:
    for slug in ("acme", "globex"):
        source.has(at_source(1, "payments", dana=4, eve=5), organisation=slug)
    synchronise(organisation("acme"), organisation("globex"))
    source.fails("acme")
    source.has(at_source(1, "payments", dana=4), organisation="globex")
    with pytest.raises(IntegrationError):
        synchronise(organisation("acme"), organisation("globex"))
    left = {team.organisation.slug: team.memberships.count() for team in Team.objects.select_related("organisation")}
    assert left == {"acme": 2, "globex": 1}


def test_who_moves_to_another_team_keeps_their_tokens(source: SourceHost) -> None:
    source.has(at_source(1, "one", dana=4), at_source(2, "two"))
    synchronise()
    ApiToken.issue(signed_up("dana"), "a script")
    source.has(at_source(1, "one"), at_source(2, "two", dana=4))
    report = synchronise()
    assert (report.departed, ApiToken.objects.count()) == ([], 1)


def test_a_skipped_team_is_printed_each_time_and_recorded_once(source: SourceHost, tmp_path: Path) -> None:
    source.has(at_source(1, "a" * 58))
    file, errors = tmp_path / "organisations.yaml", StringIO()
    file.write_text("organisations: [{slug: acme, name: Acme, issues_project: X, teams_from_source: true}]")
    for _ in range(2):
        call_command("sync_teams", str(file), stdout=StringIO(), stderr=errors)
    assert errors.getvalue().count("Warning: acme/aaaa") == 2
    assert Event.objects.filter(type="onramp.team.skipped").count() == 1
    assert Organisation.objects.get().slug == "acme"


def test_the_file_does_not_empty_a_team_of_the_source_host(source: SourceHost) -> None:
    """Somebody only wants to name its channel."""
    source.has(at_source(1, "payments", dana=4))
    synchronise()
    with pytest.raises(SyncFailed, match="without members, which would empty it: the source host names 1"):
        synchronise(organisation("acme", TeamEntry(slug="payments", channel="#pay")))
    assert members("payments") == {"dana"}
    source.has(at_source(7, "web", erin=5, fay=6), organisation="globex")
    synchronise(organisation("globex"))
    source.has(at_source(7, "web", erin=5), organisation="globex")
    with pytest.raises(SyncFailed):
        synchronise(organisation("acme", TeamEntry(slug="payments", channel="#pay")), organisation("globex"))
    assert members("web") == {"erin"}, "people who left another organisation are out"
    synchronise(organisation("acme", TeamEntry(slug="payments", channel="#pay", members=["dana", "erin"])))
    assert members("payments") == {"dana", "erin"}


def test_a_source_host_that_lists_no_team_any_more_empties_nothing(source: SourceHost) -> None:
    """It answers that to a token without the right to read members, too."""
    source.has(at_source(1, "payments", dana=4))
    synchronise()
    source.has()
    with pytest.raises(IntegrationError, match="lists no team of acme any more"):
        synchronise()
    assert members("payments") == {"dana"}


@pytest.mark.parametrize("entry", [{"slug": "a" * 51}, {"slug": "a", "name": "x" * 121}])
def test_the_file_is_refused_with_what_no_row_can_hold(entry: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="at most"):
        TeamEntry.model_validate(entry)


def test_who_got_the_login_of_a_member_ends_the_members_tokens(source: SourceHost) -> None:
    source.has(at_source(1, "payments", dana=4))
    synchronise()
    dana = signed_up("dana")
    ApiToken.issue(dana, "a script")
    source.has(at_source(1, "payments", dana=40))
    assert synchronise().departed == [dana]
    assert not Team.objects.of(dana).exists()
    assert not ApiToken.objects.exists()


def test_a_login_is_the_same_in_upper_and_lower_case(source: SourceHost) -> None:
    source.has(at_source(1, "payments", Dana=4))
    synchronise()
    dana = signed_up("dana")
    source.has(at_source(1, "payments", dana=4))
    report = synchronise()
    assert (report.departed, Membership.objects.of(dana).count(), Membership.objects.count()) == ([], 1, 1)


def test_a_token_of_an_operator_is_the_accounts(source: SourceHost) -> None:
    source.has(at_source(1, "payments", dana=4))
    synchronise()
    call_command("issue_token", "Dana", "a script", stdout=StringIO())
    assert Team.objects.of(ApiToken.objects.get().person).count() == 1
    assert (synchronise().departed, ApiToken.objects.count()) == ([], 1)
