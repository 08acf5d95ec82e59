"""Checks whether an application's address answers: plain HTTP, without a provider."""

from urllib.parse import urlsplit

from integrations import http
from integrations.errors import Invalid

PROVIDER = "address"
TIMEOUT = 8.0


def status(url: str) -> int:
    """The HTTP status of a GET; redirects are not followed. Raises Transient if nothing answers, Invalid for a bad URL.

    Names below `.localhost` mean the loopback (RFC 6761, section 6.3), which not every resolver supports.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Invalid(PROVIDER, f"{url!r} is not a URL")
    headers = {"User-Agent": "Onramp"}
    if parts.hostname.endswith(".localhost"):
        headers["Host"] = parts.netloc
        url = parts._replace(netloc=f"127.0.0.1:{parts.port}" if parts.port else "127.0.0.1").geturl()
    with http.session(PROVIDER, TIMEOUT) as session:
        return session.get(url, headers=headers, allow_redirects=False).status_code
