"""An import of teams: what would collide is refused as a whole, and what changed for people is reported."""

from collections.abc import Iterator

import pytest

from catalog.entries import OrganisationEntry, SyncFailed, TargetEntry, TeamEntry
from catalog.models import ApiToken, Membership, Organisation, Ownership, Person, Repository, Team
from events.models import Event
from integrations import providers
from portal import teams
from portal.models import Session
from portal.sessions import SessionStore

pytestmark = pytest.mark.django_db


def target(environment: str = "production", cluster: str = "https://one.example") -> TargetEntry:
    address = "https://{application}.{namespace}.apps.example/"
    return TargetEntry(environment=environment, cluster_url=cluster, address=address)


def organisation(slug: str, *of: TeamEntry, targets: list[TargetEntry] | None = None) -> OrganisationEntry:
    places = [target()] if targets is None else targets
    return OrganisationEntry(slug=slug, name=slug.title(), issues_project="X", teams=list(of), targets=places)


def team(slug: str, *members: str, **more: str) -> TeamEntry:
    return TeamEntry(slug=slug, members=list(members), sso_group=more.get("sso_group", ""))


def test_teams_of_one_slug_have_namespaces_of_their_own_on_a_shared_cluster() -> None:
    teams.synchronise([organisation("acme", team("payments")), organisation("globex", team("payments"))])
    names = {
        each.organisation.targets.get().namespace_of(each)
        for each in Team.objects.select_related("organisation").filter(slug="payments")
    }
    assert names == {"acme-payments", "globex-payments"}


COLLISIONS = {
    "keys": ([organisation("a-b", team("c")), organisation("a", team("b-c"))], "a-b-c"),
    "keys but for a sign": ([organisation("a", team("b_c"), team("b-c"))], "a-b-c"),
    "environments": (
        [organisation("a", team("b"), team("b-staging"), targets=[target(), target("staging")])],
        "a-b-staging",
    ),
    "the cluster's own namespaces": ([organisation("kube", team("system"))], "kube-system"),
    "Onramp's namespaces": ([organisation("onramp", team("allowances"))], "onramp-allowances"),
    "a name that is too long": ([organisation("a" * 30, team("b" * 30), targets=[target("staging")])], "63 characters"),
    "groups": (
        [organisation("a", team("x", sso_group="everybody")), organisation("b", team("y", sso_group="everybody"))],
        "everybody",
    ),
}


@pytest.mark.parametrize("case", COLLISIONS)
def test_what_would_collide_on_a_cluster_is_refused_and_nothing_is_stored(case: str) -> None:
    entries, named = COLLISIONS[case]
    with pytest.raises(SyncFailed, match=named) as refused:
        teams.synchronise(entries)
    assert str(refused.value).endswith(".")
    assert not Organisation.objects.exists()


def test_one_team_in_several_regions_is_no_collision() -> None:
    regions = [
        target(),
        TargetEntry(
            region="west", cluster_url="https://two.example", address="https://{application}.{namespace}.example/"
        ),
    ]
    report = teams.synchronise([organisation("acme", team("payments", "dana"), targets=regions)])
    assert (report.teams, report.joined) == (1, [("dana", "acme-payments")])


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The web address of a configured source host."""
    monkeypatch.setenv("PORTAL_SOURCE_GITHUB_API_URL", "http://127.0.0.1:9/api/v3")
    monkeypatch.setenv("PORTAL_SOURCE_GITHUB_WEB_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("PORTAL_SOURCE_GITHUB_TOKEN", "0123456789")
    monkeypatch.setenv("PORTAL_SOURCE_GITHUB_WEBHOOK_SECRET", "0123456789abcdef")
    providers.reset()
    yield "http://127.0.0.1:9"
    monkeypatch.undo()
    providers.reset()


def test_the_file_replaces_what_the_source_host_said_of_ownership(host: str) -> None:
    entry = organisation("acme", team("other"), TeamEntry(slug="payments", repositories=["acme/shop", "acme/new"]))
    teams.synchronise([organisation("acme", team("other"))])
    row = Repository.objects.create(
        host=host, owner="acme", name="shop", team=Team.objects.get(slug="other"), ownership=Ownership.SOURCE
    )
    teams.synchronise([entry])
    row.refresh_from_db()
    assert row.team is not None
    assert (row.team.slug, row.ownership) == ("payments", Ownership.CATALOG)
    assert Repository.objects.get(name="new").ownership == Ownership.CATALOG


def test_who_is_on_no_team_any_more_loses_sessions_and_tokens_and_the_record_says_so() -> None:
    teams.synchronise([organisation("acme", team("payments", "dana", "eve"), team("storefront", "dana"))])
    dana, eve = (Person.objects.create_user(login) for login in ("dana", "eve"))
    for person in (dana, eve):
        ApiToken.issue(person, "a script")
        session = SessionStore()
        session["_auth_user_id"] = str(person.pk)
        session.create()
    report = teams.synchronise([organisation("acme", team("payments"), team("storefront", "dana"))])
    assert report.departed == [eve]
    assert report.left == [("dana", "acme-payments"), ("eve", "acme-payments")]
    assert [token.person for token in ApiToken.objects.all()] == [dana]
    assert [session.get_decoded()["_auth_user_id"] for session in Session.objects.all()] == [str(dana.pk)]
    (departed,) = Event.objects.filter(type="onramp.person.departed")
    assert departed.data == {"login": "eve", "sessions_ended": 1, "organisations": ["acme"]}
    assert Event.objects.filter(type="onramp.membership.removed", data__login="dana").count() == 1


def test_a_team_that_the_file_no_longer_names_keeps_nobody() -> None:
    teams.synchronise([organisation("acme", team("payments", "dana"))])
    teams.synchronise([organisation("acme", team("storefront", "dana"))])
    assert set(Membership.objects.values_list("team__slug", flat=True)) == {"storefront"}
