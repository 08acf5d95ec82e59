"""The user of a request, from the cast's bearer tokens or the OIDC tokens of the simulated GitHub's CI runs.

A real cluster trusts that issuer by an AuthenticationConfiguration, whose expression for the user name is repeated here.
"""

import logging
from dataclasses import dataclass
from functools import cache

import jwt
from django.http import HttpRequest

from sandbox.github import oidc
from sandbox.kubernetes.failures import unauthorized
from sandbox.kubernetes.models import Setting
from sandbox.world import cast

logger = logging.getLogger(__name__)
AUDIENCE = "onramp-cluster"
PREFIX = "github:"
NAMING = ("repository", "repository_id", "repository_owner_id", "workflow_ref")
AUTHENTICATED = "system:authenticated"
ADMINISTRATORS = "system:masters"


@dataclass(frozen=True)
class User:
    name: str
    groups: tuple[str, ...] = (AUTHENTICATED,)


ANONYMOUS = User("system:anonymous", ("system:unauthenticated",))
ONRAMP = "system:serviceaccount:onramp-access:onramp"
_TOKENS = {
    cast.CLUSTER_TOKEN: User(ONRAMP, ("system:serviceaccounts", "system:serviceaccounts:onramp-access", AUTHENTICATED)),
    cast.PLATFORM_CLUSTER_TOKEN: User("platform", (ADMINISTRATORS, AUTHENTICATED)),
}


def user_of(request: HttpRequest) -> User:
    """The user of a request. Raises a 401 Failure for unknown or expired credentials."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if not token:
        return ANONYMOUS
    if scheme.lower() != "bearer":
        raise unauthorized()
    return _TOKENS.get(token) or _ci_run(token)


def _ci_run(token: str) -> User:
    try:
        key = _keys()[str(jwt.get_unverified_header(token).get("kid"))].key
        required = ["exp", "iat", "iss", "aud", "sub", *NAMING]
        claims = jwt.decode(
            token, key, algorithms=["RS256"], audience=AUDIENCE, issuer=oidc.ISSUER, options={"require": required}
        )
    except (jwt.PyJWTError, KeyError) as error:
        logger.info("refused a token: %s", error)
        raise unauthorized() from error
    return User(PREFIX + (claims["sub"] if Setting.of("username") == "subject" else _by_ids(claims)))


def _by_ids(claims: dict[str, str]) -> str:
    """The expression of docs/operating.md."""
    workflow = claims["workflow_ref"].removeprefix(f"{claims['repository']}/")
    return f"{claims['repository_owner_id']}:{claims['repository_id']}:{workflow}"


@cache
def _keys() -> jwt.PyJWKSet:
    """The issuer's published keys, without an HTTP request to ourselves that a proxy could intercept."""
    return jwt.PyJWKSet.from_json(oidc.keys(HttpRequest()).content.decode())
