"""The people, teams and repositories of the simulated company, and the constants that the demo prints.

The sandbox is reachable only from the loopback, so its passwords and tokens are not secret. Every tool of the sandbox
reads the cast from here, so that alice is the same person at GitHub, in JIRA, in the cluster and in the chat.
"""

from dataclasses import dataclass

ORGANISATION = "acme"
DOMAIN = "acme.example"

# Onramp's own accounts.
BOT = "onramp-bot"
BOT_TOKEN = "sandbox-onramp-token"  # noqa: S105 - GitHub
JIRA_TOKEN = "sandbox-jira-token"  # noqa: S105
JIRA_CLOUD_USER = "onramp-bot@acme.example"
"""With `JIRA_TOKEN`, the account at JIRA Cloud."""
ELASTIC_KEY = "sandbox-elastic-key"
SLACK_TOKEN = "sandbox-slack-token"  # noqa: S105
CLUSTER_TOKEN = "sandbox-onramp-cluster-token"  # noqa: S105 - the account onramp in onramp-access
PLATFORM_CLUSTER_TOKEN = "sandbox-platform-cluster-token"  # noqa: S105 - user "platform", cluster-admin

# The product's sign-in, registered at the simulated GitHub.
OAUTH_CLIENT = "sandbox-oauth-client"
OAUTH_SECRET = "sandbox-oauth-secret"  # noqa: S105


@dataclass(frozen=True)
class Person:
    """An account that exists in every tool. For git over HTTP and the pages, the password is the login."""

    number: int
    login: str
    name: str
    site_admin: bool = False

    @property
    def email(self) -> str:
        return f"{self.login}@{DOMAIN}"

    @property
    def token(self) -> str:
        """The person's personal access token at GitHub."""
        return BOT_TOKEN if self.login == BOT else f"sandbox-{self.login}-token"

    @property
    def chat_id(self) -> str:
        """The member id in the chat, in Slack's format."""
        return f"U{self.number:08d}"


@dataclass(frozen=True)
class Team:
    slug: str
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class Repository:
    """A sample repository. Its files are in the folder of its name under `samples/files/`."""

    name: str
    description: str
    team: str | None
    private: bool = False
    archived: bool = False
    writers: tuple[str, ...] = ()
    """People with write access who are not in the team."""

    @property
    def full_name(self) -> str:
        return f"{ORGANISATION}/{self.name}"


PEOPLE = (
    Person(1, "alice", "Alice Moreau"),
    Person(2, "bob", "Bob Okafor"),
    Person(3, "charlie", "Charlie Lindqvist"),
    Person(4, "dana", "Dana Petrov"),
    Person(5, "pat", "Pat Nakamura"),
    Person(6, BOT, "Onramp", site_admin=True),
)
TEAMS = (
    Team("storefront", "Storefront", ("alice", "bob")),
    Team("payments", "Payments", ("charlie", "dana")),
    Team("platform", "Platform", ("pat",)),
)
REPOSITORIES = (
    Repository("parcel-tracker", "Where is my parcel? A Python service with metrics.", "storefront"),
    Repository("price-feed", "Today's prices. A Python service that has no metrics of its own yet.", "storefront"),
    Repository("greeter", "Says hello in many languages. A Node service.", "storefront"),
    Repository("weather-vane", "Where the wind comes from. A Go service with metrics.", "storefront"),
    Repository("ledger-desk", "What was booked today. A Spring service with metrics.", "storefront"),
    Repository("shop", "The shop in one repository: web, api and worker.", "storefront"),
    Repository("attic", "What was left over when the mainframe went. Nobody quite knows what it is.", "storefront"),
    Repository("museum", "The first price feed, kept for looking at.", "storefront", archived=True),
    Repository("orphan", "A clock that no team owns any more.", None, writers=("alice",)),
    Repository("vault", "Tokens for cards. Only payments may read it.", "payments", private=True),
)


def person(login: str) -> Person | None:
    """The account with this login, or None."""
    return next((person for person in PEOPLE if person.login == login), None)


def by_token(token: str) -> Person | None:
    """The account with this GitHub token, or None."""
    return next((person for person in PEOPLE if person.token == token), None)


def by_email(email: str) -> Person | None:
    return next((person for person in PEOPLE if person.email == email.lower()), None)


def teams_of(login: str) -> tuple[Team, ...]:
    return tuple(team for team in TEAMS if login in team.members)
