"""The catalog's file, and the CODEOWNERS files that suggest a team. A document is a file's text, or data that becomes YAML."""

import tempfile
from pathlib import Path
from typing import Any

import yaml

from catalog import entries as catalog_entries
from catalog import ownership
from catalog.entries import SyncFailed
from catalog.models import Repository
from generate import network
from integrations.errors import IntegrationError
from integrations.providers import NotConfigured
from portal import teams
from tests.conftest import create_cast
from tests.fuzz.mutation import as_bytes
from tests.fuzz.oracles import sentence
from tests.fuzz.parser import Document, Parser

ENTRY: dict[str, Any] = {
    "slug": "globex",
    "name": "Globex",
    "issues_project": "GLO",
    "teams": [
        {"slug": "web", "name": "Web", "members": ["dora"], "channel": "#web"},
        {"slug": "platform", "platform": True, "members": ["emil"], "sso_group": "globex:platform"},
    ],
    "targets": [
        {
            "cluster_url": "https://10.0.0.1",
            "address": "https://{application}.{namespace}.apps.example",
            "egress": [{"cidr": "10.20.0.0/16", "ports": [5432]}],
        }
    ],
}
FILES: tuple[Document, ...] = (
    {"organisations": [ENTRY]},
    {"organisations": []},
    "organisations:\n- &a {slug: x}\n- *a\n",
    "",
    "[",
)
OWNERS = (
    "* @acme/payments\n",
    "# people\n*.py @alice @acme/storefront\n/docs/ docs@acme.example\n* @acme/storefront @bob\n",
    "* @other/payments @ACME/payments # comment\n",
)
_folder = Path(tempfile.gettempdir())


def synchronise(document: Document) -> None:
    text = document if isinstance(document, str) else yaml.safe_dump(document, allow_unicode=True)
    with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
        Path(file.name).write_bytes(as_bytes(text))
        try:
            entries = catalog_entries.read_file(Path(file.name))
            catalog_entries.check_addresses(entries, "https://onramp.acme.other.example")
            teams.synchronise([entry.model_copy(update={"teams_from_source": False}) for entry in entries])
            for target in (target for entry in entries for target in entry.targets):
                network.policies([each.model_dump() for each in target.egress], target.cluster_url)
        except (SyncFailed, IntegrationError, NotConfigured) as error:
            sentence(error, 1_000_000)


def suggest(document: Document) -> None:
    """What a snapshot hands on is Unicode without NUL."""
    if isinstance(document, str):
        text = document.replace("\x00", "").encode(errors="replace").decode()
        team = ownership.suggested(Repository(host="https://git.example", owner="acme", name="shop"), text)
        assert team is None or team.organisation.slug == "acme"
        assert team is None or team.slug in text


def _cast() -> None:
    create_cast()


PARSERS = [
    Parser(
        "catalog-file",
        lambda: list(FILES),
        synchronise,
        (*ENTRY, *ENTRY["teams"][0], *ENTRY["targets"][0], "repositories", "acme/shop", "x" * 300),
        database=True,
    ),
    Parser(
        "codeowners", lambda: list(OWNERS), suggest, ("@acme/", "* ", "#", "storefront"), database=True, prepare=_cast
    ),
]
