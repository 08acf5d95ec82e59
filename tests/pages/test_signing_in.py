"""Only people whom a team has may sign in, and an account is who it is by its id: logins change hands."""

import pytest
from allauth.core import context
from allauth.socialaccount.helpers import complete_social_login
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpResponse
from django.test import Client, RequestFactory

from catalog.entries import OrganisationEntry, TeamEntry
from catalog.models import ApiToken, Membership, Person, Team
from events.models import Event
from portal import teams
from portal.models import Session
from portal.sessions import SessionStore
from tests.conftest import Cast
from tests.pages.conftest import signed_in
from tests.pages.test_addresses import words


def sign_in(uid: int, login: str) -> HttpResponse:
    """What follows once the source host has said whose account it is."""
    request = RequestFactory().get("/accounts/github/login/callback/")
    request.session, request.user = SessionStore(), AnonymousUser()
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    account = SocialAccount(provider="github", uid=str(uid), extra_data={"login": login, "id": uid})
    with context.request_context(request):
        answer: HttpResponse = complete_social_login(request, SocialLogin(user=Person(username=login), account=account))
    request.session.save()
    return answer


def person_of(uid: int) -> Person:
    account: SocialAccount = SocialAccount.objects.get(uid=str(uid))
    person: Person = account.user
    return person


def test_a_person_whom_a_team_has_is_signed_in(cast: Cast) -> None:
    assert sign_in(1, "alice").status_code == 302
    assert person_of(1) == cast.alice, "known by a token that an operator issued"
    assert Session.objects.get().person == cast.alice


def test_a_new_member_is_signed_in(cast: Cast) -> None:
    Membership.objects.create(team=cast.storefront, login="dana")
    assert sign_in(4, "dana").status_code == 302
    assert person_of(4).username == "dana"


def test_a_stranger_is_not_signed_in_and_is_told_whom_to_ask(cast: Cast) -> None:
    answer = sign_in(666, "mallory")
    assert answer.status_code == 403
    assert "no team in Onramp has this account" in words(answer.content)
    assert "Ask your team’s lead or your platform team" in words(answer.content)
    assert not Person.objects.filter(username="mallory").exists()
    assert not Session.objects.exclude(person=None).exists()


def test_a_person_who_left_every_team_is_not_signed_in_again(cast: Cast) -> None:
    sign_in(1, "alice")
    Session.objects.all().delete()
    Membership.objects.filter(login="alice").delete()
    assert sign_in(1, "alice").status_code == 403
    assert not Session.objects.exclude(person=None).exists()


def test_a_login_that_changed_hands_brings_no_rights(cast: Cast) -> None:
    """Alice renamed her account; somebody else took the free login before the next import of the teams."""
    sign_in(1, "alice")
    client = signed_in(cast.alice)
    _, token = ApiToken.issue(cast.alice, "a script")
    Membership.objects.create(team=cast.payments, login="alice", account_id="2")
    assert sign_in(2, "alice").status_code == 302
    assert [team.slug for team in Team.objects.of(person_of(2))] == ["payments"]
    cast.alice.refresh_from_db()
    assert (cast.alice.username, cast.alice.is_active) == (f"alice@former-{cast.alice.pk}", False)
    assert ApiToken.find(token) is None
    assert client.get("/onboardings/").status_code == 302
    assert Event.objects.filter(type="onramp.person.dispossessed", subject="alice").exists()


def test_a_refused_sign_in_changes_nothing(cast: Cast) -> None:
    sign_in(1, "alice")
    client = signed_in(cast.alice)
    _, token = ApiToken.issue(cast.alice, "a script")
    assert sign_in(2, "alice").status_code == 403
    assert sign_in(1, "alicia").status_code == 403
    cast.alice.refresh_from_db()
    assert (cast.alice.username, cast.alice.is_active) == ("alice", True)
    assert ApiToken.find(token) is not None
    assert client.get("/onboardings/").status_code == 200
    assert not Event.objects.filter(type__startswith="onramp.person.", subject__in=("alice", "alicia")).exists()


def test_a_rename_ends_tokens_and_sessions(cast: Cast) -> None:
    sign_in(1, "alice")
    client = signed_in(cast.alice)
    _, token = ApiToken.issue(cast.alice, "a script")
    Membership.objects.create(team=cast.payments, login="alicia", account_id="1")
    assert sign_in(1, "alicia").status_code == 302
    assert ApiToken.find(token) is None
    assert client.get("/onboardings/").status_code == 302
    assert [team.slug for team in Team.objects.of(person_of(1))] == ["payments"]


def test_a_file_that_still_names_the_login_lets_no_other_account_in(cast: Cast) -> None:
    """It meant the account that had the login; an import of the same file says nothing new."""
    entry = OrganisationEntry(
        slug="acme",
        name="Acme",
        issues_project="PLAT",
        teams=[TeamEntry(slug="storefront", members=["alice"]), TeamEntry(slug="payments", members=["alicia"])],
    )
    sign_in(1, "alice")
    teams.synchronise([entry])
    assert sign_in(1, "alicia").status_code == 302
    teams.synchronise([entry])
    assert sign_in(2, "alice").status_code == 403


def test_a_membership_of_another_account_gives_a_signed_in_person_no_rights(cast: Cast) -> None:
    sign_in(1, "alice")
    alice = person_of(1)
    for team in (cast.payments, cast.platform):
        Membership.objects.create(team=team, login="alice", account_id="2")
    assert [team.slug for team in Team.objects.of(alice)] == ["storefront"]
    assert not alice.is_platform


def test_a_login_in_other_case_is_the_same(cast: Cast) -> None:
    assert sign_in(1, "Alice").status_code == 302
    assert person_of(1) == cast.alice
    _, token = ApiToken.issue(cast.alice, "a script")
    assert sign_in(1, "ALICE").status_code == 302
    assert ApiToken.find(token) is not None, "nothing but the spelling has changed"
    assert [team.slug for team in Team.objects.of(person_of(1))] == ["storefront"]


def test_the_new_holder_is_another_person_once_a_team_has_them(cast: Cast) -> None:
    sign_in(1, "alice")
    sign_in(2, "alice")
    payments = TeamEntry(slug="payments", members=["alice"], accounts={"alice": "2"})
    teams.synchronise([OrganisationEntry(slug="acme", name="Acme", issues_project="PLAT", teams=[payments])])
    assert sign_in(2, "alice").status_code == 302
    assert person_of(2) != cast.alice
    assert person_of(2).username == "alice"


def test_the_former_holder_returns_under_the_new_login(cast: Cast) -> None:
    sign_in(1, "alice")
    Membership.objects.create(team=cast.payments, login="alice", account_id="2")
    sign_in(2, "alice")
    Membership.objects.create(team=cast.storefront, login="alicia")
    assert sign_in(1, "alicia").status_code == 302
    cast.alice.refresh_from_db()
    assert (cast.alice.username, cast.alice.is_active) == ("alicia", True)


def test_a_renamed_account_has_the_rights_of_its_new_login_only(cast: Cast) -> None:
    sign_in(1, "alice")
    assert sign_in(1, "alicia").status_code == 403
    Membership.objects.create(team=cast.payments, login="alicia")
    assert sign_in(1, "alicia").status_code == 302
    cast.alice.refresh_from_db()
    assert cast.alice.username == "alicia"
    assert not cast.storefront.memberships.filter(login="alicia").exists()


def test_a_renamed_account_takes_its_login_from_the_account_that_had_it(cast: Cast) -> None:
    sign_in(1, "alice")
    sign_in(2, "bob")
    Membership.objects.create(team=cast.payments, login="alice", account_id="2")
    sign_in(2, "alice")
    cast.alice.refresh_from_db()
    assert not cast.alice.is_active
    assert person_of(2).username == "alice"


def test_a_membership_of_another_account_admits_nobody(cast: Cast) -> None:
    """The import knew whose login it was; the new holder of the login never was here before."""
    Membership.objects.create(team=cast.storefront, login="dana", account_id="4")
    assert sign_in(5, "dana").status_code == 403
    assert sign_in(4, "dana").status_code == 302


def test_the_new_holder_of_a_login_keeps_their_own_memberships(cast: Cast) -> None:
    sign_in(1, "alice")
    Membership.objects.create(team=cast.payments, login="alice", account_id="2")
    assert sign_in(2, "alice").status_code == 302
    assert [team.slug for team in Team.objects.of(person_of(2))] == ["payments"]


def test_somebody_whom_an_operator_deactivated_stays_out(cast: Cast) -> None:
    sign_in(1, "alice")
    Session.objects.all().delete()
    Person.objects.filter(pk=cast.alice.pk).update(is_active=False)
    sign_in(1, "alice")
    assert not Session.objects.exclude(person=None).exists()
    assert Client().get("/onboardings/").status_code == 302


@pytest.mark.parametrize("login", ["", "alice ", "alice@former-1"])
def test_a_similar_login_is_another_one(cast: Cast, login: str) -> None:
    assert sign_in(9, login).status_code == 403
