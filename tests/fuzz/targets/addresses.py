"""Pasted addresses, and the paths of health checks. A document is the text."""

from ipaddress import ip_network

from integrations import address as application
from integrations.errors import IntegrationError
from integrations.source import address
from tests.fuzz.oracles import sentence, storable
from tests.fuzz.parser import Document, Parser

HOSTS = ("https://github.com", "http://127.0.0.1:8801/github", "https://git.example:8443/scm")
SAMPLES = (
    "acme/shop",
    "https://github.com/acme/shop.git",
    "github.com/acme/shop/tree/main/src",
    "git@github.com:acme/shop.git",
    "ssh://git@github.com:22/acme/shop",
    "git+ssh://git@github.com/acme/shop",
    "<https://git.example:8443/scm/acme/shop/pulls>",
    "http://127.0.0.1:8801/github/acme/shop",
    "git clone https://github.com/acme/shop",
    "https://user:password@github.com/acme/shop",
    "https://[::1]/acme/shop",
    "https://2130706433/acme/shop",
    "--upload-pack=touch /tmp/x",
)


def parse(document: Document) -> None:
    if not isinstance(document, str):
        return
    try:
        parsed = address.parse(document, HOSTS)
    except address.InvalidAddress as error:
        sentence(error)
        return
    storable(parsed)
    assert parsed.host in HOSTS
    assert parsed.url == f"{parsed.host}/{parsed.owner}/{parsed.name}"
    assert len(parsed.owner) <= 39
    assert len(parsed.name) <= 100
    assert parsed.url.isascii()
    assert parsed.url.isprintable()
    assert address.parse(parsed.url, HOSTS) == parsed, "its own URL names another repository"


def check_health(document: Document) -> None:
    """Of an application's address only the path may come from a repository or a correction."""
    if isinstance(document, str):
        try:
            application.status("http://127.0.0.1:9", document, [ip_network("127.0.0.0/8")])
        except IntegrationError as error:
            sentence(error)


PARSERS = [
    Parser(
        "health-paths",
        lambda: ["/healthz", "/", "//x", "/?a=b#c"],
        check_health,
        ("/", "//", "?", "#", "@", "[", "\r\n"),
    ),
    Parser(
        "addresses", lambda: list(SAMPLES), parse, ("https://", "ssh://", "git@", "github.com", "@", ":", "/", "?", "#")
    ),
]
