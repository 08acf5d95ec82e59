"""GitHub's container registry: pipelines push with their own token, clusters pull with a read-only one.

https://docs.github.com/en/packages/working-with-a-github-packages-registry/working-with-the-container-registry
"""

from typing import Self

from pydantic import BaseModel, Field, SecretStr, model_validator

from integrations import answers, http, secrets
from integrations.errors import Denied, from_status, rate_limit
from integrations.registry import CAPABILITY, PullAccess

PROVIDER = "ghcr"


class Options(BaseModel):
    """PORTAL_REGISTRY_GHCR_…"""

    host: str = Field("ghcr.io", description="host, and path prefix if any, of image references")
    api_url: str = Field("https://ghcr.io", description="address of the registry's API, without /v2")
    pull_user: str = Field(description="account that can read the organisation's packages")
    pull_token: SecretStr = Field(description="its token, with only the scope read:packages")


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
        secrets.remember_login(options.pull_user, options.pull_token.get_secret_value())

    def ready(self) -> None:
        """Request a token, as a cluster does before it pulls. GHCR refuses an unknown login with 403, others with 401.

        https://distribution.github.io/distribution/spec/auth/token/
        """
        address = f"{self.options.api_url.rstrip('/')}/token"
        service = self.options.host.partition("/")[0]
        login = (self.options.pull_user, self.options.pull_token.get_secret_value())
        response = self._session.get(address, params={"service": service}, auth=login, allow_redirects=False)
        status, detail = response.status_code, response.text[:500]
        if status in (401, 403) and rate_limit(status, response.headers, detail) is None:
            message = f"the registry refuses the credentials of {self.options.pull_user}"
            raise Denied(PROVIDER, message, status=401, detail=detail)
        if status != 200:
            raise from_status(PROVIDER, status, "the registry issued no token", response.headers, detail=detail)
        answers.parse(PROVIDER, _Token, http.json_of(PROVIDER, response))

    @property
    def host(self) -> str:
        return self.options.host

    def pull_access(self) -> PullAccess:
        return PullAccess(self.options.host, self.options.pull_user, self.options.pull_token)


CAPABILITY.register(PROVIDER, Ghcr, Options, title="GitHub Container Registry")
