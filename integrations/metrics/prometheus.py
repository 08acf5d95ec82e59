"""Prometheus, and servers with its HTTP API. https://prometheus.io/docs/prometheus/latest/querying/api/"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from urllib.parse import quote

from pydantic import BaseModel, Field, SecretStr

import patterns
from integrations import answers, http
from integrations.answers import Answer, Items
from integrations.errors import from_status
from integrations.metrics import CAPABILITY, Sample

PROVIDER = "prometheus"
MEASURED_BY_CLUSTER = "container_.+|kube_.+|kubelet_.+"
ABOUT_SCRAPING = "up|scrape_.+|ALERTS.*"
_NAME = patterns.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")


class Options(BaseModel):
    """PORTAL_METRICS_PROMETHEUS_…"""

    url: str = Field(description="address of the server, without /api/v1")
    web_url: str = Field(default="", description="address that people open, if it differs")
    token: SecretStr = Field(default=SecretStr(""), description="bearer token, if the server requires one")
    namespace_label: str = "namespace"
    pod_label: str = "pod"


class _Series(BaseModel):
    metric: dict[str, str]
    value: tuple[datetime, int]


class _Vector(BaseModel):
    type: Literal["vector"] = Field(alias="resultType")
    result: Items[_Series]


class _Scalar(BaseModel):
    type: Literal["scalar"] = Field(alias="resultType")


class _VectorAnswer(BaseModel):
    status: Literal["success"]
    data: _Vector


class _ScalarAnswer(BaseModel):
    status: Literal["success"]
    data: _Scalar


class _Values(BaseModel):
    status: Literal["success"]
    data: Items[str]


class Prometheus:
    """Implements `integrations.metrics.Metrics` for one server.

    Series are recognised by the namespace and the names of the pods, which every way of scraping keeps.
    """

    name = PROVIDER
    pod_annotations: Mapping[str, str] = {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": "{port}",
        "prometheus.io/path": "{path}",
    }

    def __init__(self, options: Options) -> None:
        self.options = options
        self._session = http.session(PROVIDER)
        if options.token.get_secret_value():
            self._session.headers["Authorization"] = f"Bearer {options.token.get_secret_value()}"

    def ready(self) -> None:
        self._run(_ScalarAnswer, "1")

    def query(self, namespace: str, application: str, *, exposed: bool) -> str:
        others = f"{MEASURED_BY_CLUSTER}|{ABOUT_SCRAPING}"
        names = f'__name__!~"{others}"' if exposed else f'__name__=~"{MEASURED_BY_CLUSTER}"'
        return f"count by (__name__) ({self._selector(namespace, application, names)})"

    def sample(self, namespace: str, application: str, *, exposed: bool) -> Sample | None:
        series = self._run(_VectorAnswer, self.query(namespace, application, exposed=exposed)).data.result
        if not series:
            return None
        first = min(series, key=_metric_name)
        at, count = first.value
        return Sample(_metric_name(first), count, at)

    def receives(self) -> bool:
        """https://prometheus.io/docs/prometheus/latest/querying/api/#querying-label-values"""
        labels = (self.options.namespace_label, self.options.pod_label)
        return all(self._get(_Values, f"label/{quote(label, safe='')}/values", {"limit": "1"}).data for label in labels)

    def link(self, namespace: str, application: str) -> str:
        base = (self.options.web_url or self.options.url).rstrip("/")
        return f"{base}/graph?g0.expr={quote(self._selector(namespace, application))}&g0.tab=1"

    def _selector(self, namespace: str, application: str, *more: str) -> str:
        """The series of an application's pods; a Deployment's pods are named <Deployment>-<ReplicaSet>-<pod>."""
        matchers = [f'{self.options.namespace_label}="{_checked(namespace)}"']
        if application:
            matchers.append(f'{self.options.pod_label}=~"{_checked(application)}-[a-z0-9]+-[a-z0-9]+"')
        return "{" + ",".join([*matchers, *more]) + "}"

    def _run(self, model: type[Answer], query: str) -> Answer:
        return self._get(model, "query", {"query": query})

    def _get(self, model: type[Answer], path: str, parameters: Mapping[str, str]) -> Answer:
        address = f"{self.options.url.rstrip('/')}/api/v1/{path}"
        response = self._session.get(address, params=dict(parameters), allow_redirects=False)
        if response.status_code != 200:
            message = "refused the query" if response.status_code in (400, 422) else "did not answer the query"
            raise from_status(PROVIDER, response.status_code, message, response.headers, detail=response.text[:1000])
        return answers.parse(PROVIDER, model, http.json_of(PROVIDER, response))


def _metric_name(series: _Series) -> str:
    return series.metric.get("__name__", "")


def _checked(name: str) -> str:
    """A name that Kubernetes allows, and so safe inside a query. Raises ValueError for anything else."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a Kubernetes name")
    return name


CAPABILITY.register(PROVIDER, Prometheus, Options, title="Prometheus")
