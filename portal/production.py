"""What must not be in the environment of a production: with any of it, neither web nor worker starts.

The demo is exempt, and only on the loopback. Management commands run all the same, so that an operator can look;
`manage.py check --deploy`, which comes before every upgrade, says the same sentences.
"""

import ipaddress
import os
import zlib
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from integrations import providers
from portal.environment import Environment

NEW_KEY = 'Create one with: python3 -c "import secrets; print(secrets.token_urlsafe(50))"'
KNOWN_KEYS = ("django-insecure-", "nothing-is-signed-", "only for ")
"""How keys begin that are published: in Django's templates, in our Containerfile, in our tests."""
_RANDOM_BITS = 200
_TOKEN_LENGTH = 16


def refuse(environ: Mapping[str, str] = os.environ) -> None:
    """Raises ImproperlyConfigured, with a sentence for everything that is wrong."""
    sentences = list(refusals(settings.ENV, environ))
    if sentences:
        raise ImproperlyConfigured("Onramp does not start:\n" + "\n".join(f"  {sentence}" for sentence in sentences))


def refusals(environment: Environment, environ: Mapping[str, str] = os.environ) -> Iterator[str]:
    """One sentence for each; it names the variable and says what to do."""
    if environment.onramp_demo:
        yield from _demo(environment)
        return
    yield from _address(environment)
    yield from _key(environment.secret_key)
    yield from _access(environment)
    for problem in providers.unsafe(environ):
        yield f"{problem.variable}: {problem.message}"


def _demo(environment: Environment) -> Iterator[str]:
    if environment.secure or not providers.is_loopback(environment.host):
        yield (
            "ONRAMP_DEMO is set, but PORTAL_URL is not http on the loopback. The demo signs anybody in: "
            "remove ONRAMP_DEMO, or remove PORTAL_URL."
        )


def _address(environment: Environment) -> Iterator[str]:
    host = environment.host
    if not environment.secure:
        yield "PORTAL_URL must begin with https:// (or set ONRAMP_DEMO=1 on a laptop)."
    if "*" in host or not host or _is_unspecified(host):
        yield "PORTAL_URL names no single host. Set the address that people open, as https://onramp.example."
    elif providers.is_loopback(host):
        yield "PORTAL_URL is an address of this machine. Set the address that people open, as https://onramp.example."
    if environment.portal_trusted_proxies == 0:
        yield (
            "PORTAL_TRUSTED_PROXIES is 0, so every request seems to come from the proxy that terminates TLS, and one "
            "visitor uses up the rate limits of all. Set how many of your proxies add to X-Forwarded-For, usually 1."
        )


def _is_unspecified(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _key(key: str) -> Iterator[str]:
    if key.startswith(KNOWN_KEYS):
        yield f"SECRET_KEY is published in somebody's source code. {NEW_KEY}"
    elif key.split() != [key] or _bits(key) < _RANDOM_BITS:
        yield f"SECRET_KEY is not random enough: a person who guesses it can sign in as anybody. {NEW_KEY}"


def _bits(text: str) -> int:
    """What compression leaves of it: repetitions and sequences count once. The header takes 8 bytes."""
    return 8 * (len(zlib.compress(text.encode(), 9)) - 8)


def _access(environment: Environment) -> Iterator[str]:
    if settings.DEBUG:
        yield "DEBUG is on: error pages would show settings and variables to everybody. Set it to False."
    if 0 < len(environment.portal_metrics_token) < _TOKEN_LENGTH:
        yield f"PORTAL_METRICS_TOKEN can be guessed. Use {_TOKEN_LENGTH} random characters or more, or leave it empty."
    signin = urlsplit(environment.portal_signin_url)
    if environment.portal_signin_url and (signin.scheme != "https" or providers.is_loopback(signin.hostname or "")):
        yield "PORTAL_SIGNIN_URL is not https, or an address of this machine. Set the address of your source host."
    for name in ("portal_signin_client_id", "portal_signin_client_secret"):
        if getattr(environment, name).startswith(providers.SANDBOX):
            yield f"{name.upper()} is the sandbox's. Create an OAuth application at your source host and use its value."
