"""A source host whose teams a test decides, behind its HTTP door."""

from collections.abc import Iterator

import pytest

from catalog.departures import Report
from catalog.entries import OrganisationEntry, TargetEntry, TeamEntry
from integrations import providers
from integrations.source import SourceTeam
from portal import teams
from tests.integrations.answering import Answer, serving

ADDRESS = "https://{application}.{namespace}.apps.example/"


class SourceHost:
    """Answers as GitHub does; `organisations` is slug → teams."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}

    def has(self, *of: SourceTeam, organisation: str = "acme") -> None:
        """From here on these are the organisation's teams."""
        listing = [{"id": int(team.id), "slug": team.slug, "name": team.name} for team in of]
        for team in of:
            members = [{"login": login, "id": int(account)} for login, account in team.members.items()]
            path = f"GET /orgs/{organisation}/teams/{team.slug}"
            self.answers[f"{path}/members?"] = Answer(members)
            self.answers[f"{path}/repos?"] = Answer([])
        self.answers[f"GET /orgs/{organisation}/teams?"] = Answer(listing)

    def fails(self, organisation: str) -> None:
        self.answers[f"GET /orgs/{organisation}/teams?"] = Answer({"message": "Not Found"}, 404)


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Iterator[SourceHost]:
    host = SourceHost()
    with serving(host.answers) as url:
        for name, value in {"API_URL": url, "WEB_URL": url, "TOKEN": "0" * 10, "WEBHOOK_SECRET": "0" * 16}.items():
            monkeypatch.setenv(f"PORTAL_SOURCE_GITHUB_{name}", value)
        providers.reset()
        yield host
        monkeypatch.undo()
        providers.reset()


def organisation(
    slug: str = "acme", *of: TeamEntry, ids: dict[str, str] | None = None, platform: str = "platform"
) -> OrganisationEntry:
    """One whose teams come from the source host."""
    return OrganisationEntry(
        slug=slug,
        name=slug.title(),
        issues_project="X",
        platform_team=platform,
        teams_from_source=True,
        team_ids=ids or {},
        teams=list(of),
        targets=[
            TargetEntry(environment=environment, cluster_url="https://one.example", address=ADDRESS)
            for environment in ("production", "staging")
        ],
    )


def at_source(number: int, slug: str, *, name: str = "", **members: int) -> SourceTeam:
    accounts = {login: str(account) for login, account in members.items()}
    return SourceTeam(str(number), slug, name or slug.title(), accounts)


def synchronise(*entries: OrganisationEntry) -> Report:
    return teams.synchronise(entries or [organisation()])
