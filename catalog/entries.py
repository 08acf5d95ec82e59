"""The operators' file of organisations, teams and targets: its shape, and the lengths that the catalog can hold."""

from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from catalog import address_pattern
from catalog.egress import EgressEntry
from database.storable import storable

MAX_SLUG, MAX_NAME = 50, 120
Slug = Annotated[str, Field(min_length=1, max_length=MAX_SLUG, pattern=r"^[A-Za-z0-9_-]+$")]
Name = Annotated[str, Field(max_length=MAX_NAME)]
Login = Annotated[str, Field(min_length=1, max_length=100)]
HostId = Annotated[str, BeforeValidator(str), Field(min_length=1, max_length=40)]


class SyncFailed(Exception):
    """The file contains something unusable; the message says what."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TeamEntry(_Part):
    """`accounts` is login → the source host's id of the account; without it, a login means the account that uses it first."""

    slug: Slug
    name: Name = ""
    members: list[Login] = []
    accounts: dict[Login, HostId] = {}
    repositories: list[Annotated[str, Field(max_length=201)]] = []
    platform: bool = False
    sso_group: Annotated[str, Field(max_length=200)] = ""
    channel: Name = ""


class TargetEntry(_Part):
    environment: Slug = "production"
    region: Slug = "local"
    cluster_url: str = Field(max_length=300)
    cluster_ca: str = ""
    address: Annotated[str, AfterValidator(address_pattern.checked), Field(max_length=300)]
    egress: list[EgressEntry] = []
    allowance_namespace: Annotated[str, Field(max_length=63)] = "onramp-allowances"
    oidc_audience: Annotated[str, Field(max_length=100)] = "onramp-cluster"


class OrganisationEntry(_Part):
    """One organisation of the file; docs/operating.md shows an example.

    `team_ids` is slug → the source host's id: the operators confirm that this team, and no other, is the one Onramp knows.
    """

    slug: Slug
    name: Name
    issues_project: str = Field(max_length=20)
    platform_team: Slug = "platform"
    teams_from_source: bool = False
    team_ids: dict[str, HostId] = {}
    teams: list[TeamEntry] = []
    targets: list[TargetEntry] = []


def read_file(path: Path) -> list[OrganisationEntry]:
    """Raises SyncFailed, naming the place in the file."""
    try:
        data: Any = yaml.safe_load(path.read_text())
        _check_texts(data)
        return [OrganisationEntry.model_validate(entry) for entry in data["organisations"]]
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise SyncFailed(f"{path} cannot be used: {error}") from error


def _check_texts(data: Any) -> None:
    """YAML's escapes can stand for characters that no row can hold. Raises ValueError."""
    if isinstance(data, str) and storable(data) != data:
        raise ValueError(f"{data[:60]!a} contains NUL or half a surrogate pair: remove it")
    if isinstance(data, dict | list):
        for each in (*data, *data.values()) if isinstance(data, dict) else data:
            _check_texts(each)


def check_addresses(entries: list[OrganisationEntry], portal_url: str) -> None:
    """Raises SyncFailed where an application could get the address of Onramp itself."""
    for target in (target for entry in entries for target in entry.targets):
        if address_pattern.may_claim(target.address, portal_url):
            raise SyncFailed(
                f"{target.address} lets an application claim Onramp's own address {portal_url}: use another domain for applications"
            )
