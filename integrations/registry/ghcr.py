"""GitHub's container registry: pipelines push with their own token, clusters pull with a read-only one.

https://docs.github.com/en/packages/working-with-a-github-packages-registry/working-with-the-container-registry
"""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, Field, SecretStr, model_validator

from integrations import answers, http, secrets
from integrations.errors import Denied, Invalid, Missing, from_status, rate_limit
from integrations.registry import CAPABILITY, PullAccess

PROVIDER = "ghcr"


class Options(BaseModel):
    """PORTAL_REGISTRY_GHCR_…"""

    host: str = Field(default="ghcr.io", description="host, and path prefix if any, of image references")
    api_url: str = Field(default="https://ghcr.io", description="address of the registry's API, without /v2")
    pull_user: str = Field(default="", description="account that can read the organisation's packages, for all teams")
    pull_token: SecretStr = Field(default=SecretStr(""), description="its token, with only the scope read:packages")
    pull_logins: Path | None = Field(
        default=None,
        description="folder with a file for each team, named by its key, that holds user:token; instead of one for all",
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.pull_user) != bool(self.pull_token.get_secret_value()):
            raise ValueError("set both PULL_USER and PULL_TOKEN, or neither")
        return self


class _Token(BaseModel):
    """A token server sends either field, or both."""

    token: str = ""
    access_token: str = ""

    @model_validator(mode="after")
    def _present(self) -> Self:
        if not (self.token or self.access_token):
            raise ValueError("neither token nor access_token is set")
        return self


class Ghcr:
    """Implements `integrations.registry.Registry`."""

    name = PROVIDER

    def __init__(self, options: Options) -> None:
        self.options = options
        self._session = http.session(PROVIDER)
        if options.pull_user:
            secrets.remember_login(options.pull_user, options.pull_token.get_secret_value())

    def ready(self) -> None:
        """Request a token, as a cluster does before it pulls. GHCR refuses an unknown login with 403, others with 401.

        https://distribution.github.io/distribution/spec/auth/token/
        """
        for access in self._logins():
            self._request_token(access)

    def _request_token(self, access: PullAccess | None) -> None:
        address = f"{self.options.api_url.rstrip('/')}/token"
        service = self.options.host.partition("/")[0]
        login = None if access is None else (access.user, access.token.get_secret_value())
        response = self._session.get(address, params={"service": service}, auth=login, allow_redirects=False)
        status, detail = response.status_code, response.text[:500]
        if status in (401, 403) and rate_limit(status, response.headers, detail) is None:
            message = f"the registry refuses the credentials of {access.user if access else 'nobody'}"
            raise Denied(PROVIDER, message, status=401, detail=detail)
        if status != 200:
            raise from_status(PROVIDER, status, "the registry issued no token", response.headers, detail=detail)
        answers.parse(PROVIDER, _Token, http.json_of(PROVIDER, response))

    @property
    def host(self) -> str:
        return self.options.host

    @property
    def shares_login(self) -> bool:
        return self.options.pull_logins is None and bool(self.options.pull_user)

    def pull_access(self, team: str) -> PullAccess | None:
        if self.options.pull_logins is not None:
            return self._login_in(self.options.pull_logins, team)
        if not self.options.pull_user:
            return None
        return PullAccess(self.options.host, self.options.pull_user, self.options.pull_token)

    def _login_in(self, folder: Path, team: str) -> PullAccess:
        """Read each time: a file that is added or replaced counts at once. Raises Missing, Invalid."""
        try:
            user, _, token = (folder / Path(team).name).read_text().strip().partition(":")
        except OSError as error:
            raise Missing(PROVIDER, f"{folder} has no login for the team {team}", detail=str(error)) from error
        if not user or not token:
            raise Invalid(PROVIDER, f"the login of the team {team} is not user:token")
        secrets.remember_login(user, token)
        return PullAccess(self.options.host, user, SecretStr(token))

    def _logins(self) -> list[PullAccess | None]:
        """Every login that clusters pull with; None stands for the nodes', which we do not know."""
        folder = self.options.pull_logins
        if folder is None:
            return [self.pull_access("")]
        return [self._login_in(folder, path.name) for path in sorted(folder.glob("[a-z0-9]*")) if path.is_file()]


CAPABILITY.register(PROVIDER, Ghcr, Options, title="GitHub Container Registry")
