"""Elasticsearch, fed by Filebeat or Elastic Agent, read in Kibana. https://www.elastic.co/docs/api/doc/elasticsearch

Lines of containers are in data streams `logs-<dataset>-<namespace>`, with the fields of ECS and with dots in the
names of labels replaced by underscores.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, Field, SecretStr, ValidationError

from integrations import http
from integrations.errors import Conflict, Invalid, Missing, from_status
from integrations.logs import LogLine

PROVIDER = "elk"
Answer = TypeVar("Answer", bound=BaseModel)
APPLICATION = "kubernetes.labels.app_kubernetes_io/name"
ERRORS = ("error", "exception", "traceback", "fatal", "panic", "critical")
PRIORITY = 500
"""Above Elastic's own templates (100 to 200), so that ours decides for the streams of a namespace."""

OURS = {"managed_by": "onramp"}
COMPONENTS = ["logs@mappings", "logs@settings", "ecs@mappings"]
"""What Elastic's own template for logs is composed of, kept so that fields stay typed."""


class Options(BaseModel):
    """PORTAL_LOGS_ELK_…"""

    url: str = Field(description="address of Elasticsearch")
    api_key: SecretStr = Field(description="API key, encoded as Elasticsearch gives it out")
    link: str = Field(description="address of the log viewer, holding {namespace} and {application}")
    stream: str = Field(default="logs-*-{namespace}", description="index pattern of a namespace's lines")


class _Pod(BaseModel):
    name: str = ""


class _Kubernetes(BaseModel):
    pod: _Pod = _Pod()


class _Source(BaseModel):
    at: datetime = Field(alias="@timestamp")
    message: str = ""
    kubernetes: _Kubernetes = _Kubernetes()


class _Hit(BaseModel):
    source: _Source = Field(alias="_source")


class _Hits(BaseModel):
    hits: list[_Hit]


class _Found(BaseModel):
    timed_out: bool
    hits: _Hits


class _Template(BaseModel):
    meta: dict[str, Any] = Field(default_factory=dict, alias="_meta")
    template: dict[str, Any] = Field(default_factory=dict)

    @property
    def retention(self) -> object:
        return (self.template.get("lifecycle") or {}).get("data_retention")


class _Named(BaseModel):
    index_template: _Template


class _Templates(BaseModel):
    index_templates: list[_Named]


class Elk:
    """One Elasticsearch with one API key."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self._session = http.session(PROVIDER)
        self._session.headers["Authorization"] = f"ApiKey {options.api_key.get_secret_value()}"

    def ready(self) -> None:
        self._call("GET", "/")

    def line(self, namespace: str, application: str, within: timedelta) -> LogLine | None:
        return next(iter(self._lines(namespace, application, within, 1)), None)

    def errors(self, namespace: str, application: str, within: timedelta, limit: int = 5) -> list[LogLine]:
        level: dict[str, Any] = {"terms": {"log.level": ["error", "ERROR", "fatal", "FATAL", "critical", "CRITICAL"]}}
        words = [{"match_phrase": {"message": word}} for word in ERRORS]
        return self._lines(
            namespace, application, within, limit, {"should": [level, *words], "minimum_should_match": 1}
        )

    def link(self, namespace: str, application: str) -> str:
        return self.options.link.format(namespace=quote(namespace), application=quote(application))

    def retained(self, namespace: str) -> bool:
        known = self._template(f"onramp-{namespace}")
        return known is not None and known.meta.get("managed_by") == OURS["managed_by"]

    def ensure_retention(self, namespace: str, days: int) -> bool:
        name, wanted = f"onramp-{namespace}", f"{days}d"
        known = found = self._ours(name)
        if known is None or known.retention != wanted:
            self._call("PUT", f"/_index_template/{name}", self._retention(namespace, wanted))
            known = self._template(name)
        if known is None or known.retention != wanted:
            raise Invalid(PROVIDER, f"The index template {name} does not say {wanted} although it was set to")
        return found is None

    def forget_retention(self, namespace: str) -> None:
        name = f"onramp-{namespace}"
        if self._ours(name) is not None:
            with suppress(Missing):
                self._call("DELETE", f"/_index_template/{name}")

    def _ours(self, name: str) -> _Template | None:
        """Raises Conflict where somebody else made it."""
        known = self._template(name)
        if known is not None and known.meta.get("managed_by") != OURS["managed_by"]:
            raise Conflict(PROVIDER, f"The index template {name} is somebody else's", detail=str(known.meta)[:500])
        return known

    def _retention(self, namespace: str, kept: str) -> dict[str, Any]:
        settings = {"index": {"lifecycle": {"prefer_ilm": False}}}
        return {
            "index_patterns": [self.options.stream.format(namespace=namespace)],
            "data_stream": {},
            "priority": PRIORITY,
            "composed_of": COMPONENTS,
            "template": {"lifecycle": {"data_retention": kept}, "settings": settings},
            "_meta": OURS,
        }

    def _template(self, name: str) -> _Template | None:
        try:
            answer = self._call("GET", f"/_index_template/{name}")
        except Missing:
            return None
        found = _parsed(_Templates, answer).index_templates
        return found[0].index_template if found else None

    def _lines(
        self, namespace: str, application: str, within: timedelta, limit: int, more: Mapping[str, Any] | None = None
    ) -> list[LogLine]:
        since = (datetime.now(UTC) - within).isoformat()
        filters: list[dict[str, Any]] = [{"range": {"@timestamp": {"gte": since}}}]
        if application:
            filters.append({"term": {APPLICATION: application}})
        body = {
            "query": {"bool": {"filter": filters, **(more or {})}},
            "sort": [{"@timestamp": {"order": "desc"}}],
            "size": limit,
        }
        stream = quote(self.options.stream.format(namespace=namespace), safe="*,")
        with http.free():  # a search, by POST because it has a body
            answer = self._call("POST", f"/{stream}/_search?ignore_unavailable=true&allow_no_indices=true", body)
        found = _parsed(_Found, answer)
        if found.timed_out:
            raise Invalid(PROVIDER, "gave only a part of the answer because it took too long")
        return [LogLine(one.source.at, one.source.message, one.source.kubernetes.pod.name) for one in found.hits.hits]

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        address = f"{self.options.url.rstrip('/')}{path}"
        response = self._session.request(method, address, json=body, allow_redirects=False)
        if response.status_code >= 300:
            said = f"{method} {path.partition('?')[0]} was refused"
            raise from_status(PROVIDER, response.status_code, said, response.headers, detail=response.text[:1000])
        return http.json_of(PROVIDER, response)


def _parsed(model: type[Answer], answer: Any) -> Answer:
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        detail = f"{error}\n{str(answer)[:500]}"
        raise Invalid(PROVIDER, "answered something we do not understand", detail=detail) from error
