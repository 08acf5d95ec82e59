"""GitHub's container registry: pipelines push with their own token, clusters pull with a read-only one.

https://docs.github.com/en/packages/working-with-a-github-packages-registry/working-with-the-container-registry
"""

from pydantic import BaseModel, Field, SecretStr

from integrations.registry import PullAccess


class Options(BaseModel):
    """PORTAL_REGISTRY_GHCR_…"""

    host: str = Field("ghcr.io", description="host, and path prefix if any, of image references")
    pull_user: str = Field(description="account that may read the organisation's packages")
    pull_token: SecretStr = Field(description="its token, with read:packages alone")


class Ghcr:
    """Promise: `integrations.registry.RegistryReader`."""

    def __init__(self, options: Options) -> None:
        self.options = options

    @property
    def host(self) -> str:
        return self.options.host

    def pull_access(self) -> PullAccess:
        return PullAccess(self.options.host, self.options.pull_user, self.options.pull_token)
