"""Does the address of an application answer? Plain HTTP, no capability of anybody's."""

from urllib.parse import urlsplit

from integrations import http
from integrations.errors import Invalid

PROVIDER = "address"
TIMEOUT = 8.0


def status(url: str) -> int:
    """The HTTP status of a GET, redirects not followed. Raises Transient where nothing answers, Invalid for no URL.

    Names below `.localhost` mean the loopback (RFC 6761, section 6.3), which not every resolver knows.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Invalid(PROVIDER, f"{url!r} is no address")
    headers = {"User-Agent": "Onramp"}
    if parts.hostname.endswith(".localhost"):
        headers["Host"] = parts.netloc
        url = parts._replace(netloc=f"127.0.0.1:{parts.port}" if parts.port else "127.0.0.1").geturl()
    with http.session(PROVIDER, TIMEOUT) as session:
        return session.get(url, headers=headers, allow_redirects=False).status_code
