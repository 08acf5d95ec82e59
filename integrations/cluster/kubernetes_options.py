"""How Onramp reaches the API server: by address and token, or by a kubeconfig."""

from pathlib import Path
from typing import Self

import yaml
from kubernetes.client import Configuration
from kubernetes.config import ConfigException
from kubernetes.config.kube_config import load_kube_config
from pydantic import BaseModel, Field, SecretStr, model_validator

from integrations import http
from integrations.cluster.kubernetes_client import PROVIDER
from integrations.errors import Invalid


class Options(BaseModel):
    """PORTAL_CLUSTER_KUBERNETES_…"""

    api_url: str = Field(default="", description="address of the API server")
    token: SecretStr = Field(default=SecretStr(""), description="bearer token of Onramp's own account")
    ca_file: Path | None = Field(default=None, description="certificate authority of the API server, if private")
    kubeconfig: Path | None = Field(default=None, description="a kubeconfig file instead of address and token")
    timeout: float = Field(default=http.TIMEOUT, gt=0, description="seconds for a whole exchange")

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if not self.kubeconfig and not (self.api_url and self.token.get_secret_value()):
            raise ValueError("set API_URL and TOKEN, or KUBECONFIG")
        return self

    def configuration(self) -> Configuration:
        """Raises Invalid for a kubeconfig that cannot be read."""
        configuration = Configuration()
        if self.kubeconfig:
            try:
                load_kube_config(  # type: ignore[no-untyped-call]
                    str(self.kubeconfig), client_configuration=configuration, persist_config=False
                )
            except (ConfigException, OSError, yaml.YAMLError) as error:
                raise Invalid(PROVIDER, f"the kubeconfig cannot be read: {error}") from error
            return configuration
        configuration.host = self.api_url.rstrip("/")
        configuration.api_key = {"authorization": f"Bearer {self.token.get_secret_value()}"}
        configuration.ssl_ca_cert = str(self.ca_file) if self.ca_file else None
        return configuration
