"""Prometheus and what speaks its HTTP API. https://prometheus.io/docs/prometheus/latest/querying/api/"""

import re
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import quote

from pydantic import BaseModel, Field, SecretStr, ValidationError

from integrations import http
from integrations.errors import Invalid, from_status
from integrations.metrics import Sample

PROVIDER = "prometheus"
MEASURED_BY_CLUSTER = "container_.+|kube_.+|kubelet_.+"
ABOUT_SCRAPING = "up|scrape_.+|ALERTS.*"
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")


class Options(BaseModel):
    """PORTAL_METRICS_PROMETHEUS_…"""

    url: str = Field(description="address of the server, without /api/v1")
    web_url: str = Field(default="", description="address that people open, where it differs")
    token: SecretStr = Field(default=SecretStr(""), description="bearer token, where one is asked for")
    namespace_label: str = "namespace"
    pod_label: str = "pod"


class _Element(BaseModel):
    metric: dict[str, str]
    value: tuple[float, str]


class _Data(BaseModel):
    type: Literal["vector", "scalar"] = Field(alias="resultType")
    result: list[object]


class _Answer(BaseModel):
    status: Literal["success"]
    data: _Data


class Prometheus:
    """One server. Series are told by the namespace and the names of the pods, which any way of scraping keeps."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._session = http.session(PROVIDER)
        if options.token.get_secret_value():
            self._session.headers["Authorization"] = f"Bearer {options.token.get_secret_value()}"

    def ready(self) -> None:
        self._ask("1")

    def query(self, namespace: str, application: str, *, own: bool) -> str:
        names = f'__name__!~"{MEASURED_BY_CLUSTER}|{ABOUT_SCRAPING}"' if own else f'__name__=~"{MEASURED_BY_CLUSTER}"'
        return f"count by (__name__) ({self._selector(namespace, application, names)})"

    def sample(self, namespace: str, application: str, *, own: bool) -> Sample | None:
        data = self._ask(self.query(namespace, application, own=own))
        try:
            found = [_Element.model_validate(one) for one in data.result]
        except ValidationError as error:
            raise Invalid(PROVIDER, "answered something we do not understand", detail=str(error)[:1000]) from error
        if not found:
            return None
        first = min(found, key=lambda one: one.metric.get("__name__", ""))
        at, series = first.value
        return Sample(first.metric.get("__name__", ""), int(float(series)), datetime.fromtimestamp(at, UTC))

    def link(self, namespace: str, application: str) -> str:
        base = (self.options.web_url or self.options.url).rstrip("/")
        return f"{base}/graph?g0.expr={quote(self._selector(namespace, application))}&g0.tab=1"

    def _selector(self, namespace: str, application: str, *more: str) -> str:
        """The series of an application's pods: a Deployment's are called after it, its ReplicaSet and themselves."""
        matchers = [f'{self.options.namespace_label}="{_name(namespace)}"']
        if application:
            matchers.append(f'{self.options.pod_label}=~"{_name(application)}-[a-z0-9]+-[a-z0-9]+"')
        return "{" + ",".join([*matchers, *more]) + "}"

    def _ask(self, query: str) -> _Data:
        address = f"{self.options.url.rstrip('/')}/api/v1/query"
        response = self._session.get(address, params={"query": query}, allow_redirects=False)
        if response.status_code != 200:
            said = "did not take the query" if response.status_code in (400, 422) else "did not answer the query"
            raise from_status(PROVIDER, response.status_code, said, response.headers, detail=response.text[:1000])
        try:
            return _Answer.model_validate(http.json_of(PROVIDER, response)).data
        except ValidationError as error:
            raise Invalid(PROVIDER, "answered something we do not understand", detail=str(error)[:1000]) from error


def _name(text: str) -> str:
    """A name as Kubernetes allows it, safe inside a query. Raises ValueError for anything else."""
    if not _NAME.fullmatch(text):
        raise ValueError(f"{text!r} is no Kubernetes name")
    return text
