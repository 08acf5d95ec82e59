"""Elasticsearch, fed by Filebeat or Elastic Agent, read in Kibana. https://www.elastic.co/docs/api/doc/elasticsearch

Lines of containers are in data streams `logs-<dataset>-<namespace>`, with the fields of ECS; dots in the names of
labels are replaced by underscores.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, Field, SecretStr

from integrations import answers, http
from integrations.errors import Conflict, Invalid, Missing, from_status
from integrations.logs import CAPABILITY, LogLine
from integrations.logs.elk_answers import FIELDS, IndexTemplate, IndexTemplates, Info, SearchResult

PROVIDER = "elk"
APPLICATION_FIELD = "kubernetes.labels.app_kubernetes_io/name"
ERROR_WORDS = ("error", "exception", "traceback", "fatal", "panic", "critical")
ERROR_LEVELS = ["error", "ERROR", "fatal", "FATAL", "critical", "CRITICAL"]
NAMESPACE_FIELD = "kubernetes.namespace"
PRIORITY = 500
"""Above Elastic's own templates (100 to 200), so that ours applies to the streams of a namespace. The length of its name is
added: where the pattern of `shop` also matches the streams of `web-shop`, the longer name decides, and Elasticsearch refuses two
templates with one priority that match the same."""
NOWHERE = "onramp-ready"
"""A namespace that does not exist."""
OWNER = {"managed_by": "onramp"}
COMPONENTS = ["logs@mappings", "logs@settings", "ecs@mappings"]
"""The components of Elastic's own template for logs, kept so that fields stay typed."""


class Options(BaseModel):
    """PORTAL_LOGS_ELK_…"""

    url: str = Field(description="address of Elasticsearch")
    api_key: SecretStr = Field(description="API key, encoded as Elasticsearch issues it")
    link: str = Field(description="address of the log viewer, with {namespace} and {application}")
    stream: str = Field(
        default="logs-*-{namespace}",
        description="index pattern of a namespace's lines; {namespace} has “_” for “-”, as data streams must, and "
        "{kubernetes_namespace} has not",
    )


class Elk:
    """Implements `integrations.logs.Logs` for one Elasticsearch with one API key."""

    name = PROVIDER
    pod_annotations: Mapping[str, str] = {"co.elastic.logs/enabled": "true"}

    def __init__(self, options: Options) -> None:
        self.options = options
        self._session = http.session(PROVIDER)
        self._session.headers["Authorization"] = f"ApiKey {options.api_key.get_secret_value()}"

    def ready(self) -> None:
        """Also tries the rights that are needed: to search lines, and to see index templates."""
        answers.parse(PROVIDER, Info, self._call("GET", "/"))
        self._search(NOWHERE, "", timedelta(minutes=1), 1)
        self._template(_template_name(NOWHERE))

    def line(self, namespace: str, application: str, within: timedelta) -> LogLine | None:
        return next(iter(self._search(namespace, application, within, 1)), None)

    def errors(self, namespace: str, application: str, within: timedelta, limit: int = 5) -> list[LogLine]:
        level: dict[str, Any] = {"terms": {"log.level": ERROR_LEVELS}}
        words = [{"match_phrase": {"message": word}} for word in ERROR_WORDS]
        is_error = {"should": [level, *words], "minimum_should_match": 1}
        return self._search(namespace, application, within, limit, is_error)

    def link(self, namespace: str, application: str) -> str:
        return self.options.link.format(namespace=quote(namespace), application=quote(application))

    def retained(self, namespace: str) -> bool:
        template = self._template(_template_name(namespace))
        return template is not None and _is_ours(template)

    def ensure_retention(self, namespace: str, days: int) -> bool:
        name, retention = _template_name(namespace), f"{days}d"
        template = existing = self._own_template(name)
        if template is None or template.retention != retention:
            self._call("PUT", f"/_index_template/{name}", self._new_template(namespace, retention))
            template = self._template(name)
        if template is None or template.retention != retention:
            raise Invalid(
                PROVIDER, f"the index template {name} was saved, but does not have a retention of {retention}"
            )
        return existing is None

    def delete_retention(self, namespace: str) -> None:
        name = _template_name(namespace)
        if self._own_template(name) is not None:
            with suppress(Missing):
                self._call("DELETE", f"/_index_template/{name}")

    def _own_template(self, name: str) -> IndexTemplate | None:
        """Raises Conflict if somebody else created it."""
        template = self._template(name)
        if template is not None and not _is_ours(template):
            message = f"the index template {name} belongs to somebody else"
            raise Conflict(PROVIDER, message, detail=str(template.meta)[:500])
        return template

    def _template(self, name: str) -> IndexTemplate | None:
        try:
            answer = self._call("GET", f"/_index_template/{name}")
        except Missing:
            return None
        templates = answers.parse(PROVIDER, IndexTemplates, answer).index_templates
        return templates[0].index_template if templates else None

    def _new_template(self, namespace: str, retention: str) -> dict[str, Any]:
        settings = {"index": {"lifecycle": {"prefer_ilm": False}}}
        return {
            "index_patterns": [self._stream(namespace)],
            "data_stream": {},
            "priority": PRIORITY + len(namespace),
            "composed_of": COMPONENTS,
            "template": {"lifecycle": {"data_retention": retention}, "settings": settings},
            "_meta": OWNER,
        }

    def _search(
        self, namespace: str, application: str, within: timedelta, limit: int, more: Mapping[str, Any] | None = None
    ) -> list[LogLine]:
        since = (datetime.now(UTC) - within).isoformat()
        filters: list[dict[str, Any]] = [
            {"range": {"@timestamp": {"gte": since}}},
            {"term": {NAMESPACE_FIELD: namespace}},  # the pattern may match the streams of other namespaces too
        ]
        if application:
            filters.append({"term": {APPLICATION_FIELD: application}})
        body = {
            "query": {"bool": {"filter": filters, **(more or {})}},
            "sort": [{"@timestamp": {"order": "desc"}}],
            "size": limit,
            "_source": FIELDS,
        }
        stream = quote(self._stream(namespace), safe="*,")
        with http.side_effect_free():  # a search, by POST because it has a body
            answer = self._call("POST", f"/{stream}/_search?ignore_unavailable=true&allow_no_indices=true", body)
        result = answers.parse(PROVIDER, SearchResult, answer)
        if result.timed_out:
            raise Invalid(PROVIDER, "the search timed out and returned only a part of the lines")
        return result.lines()

    def _stream(self, namespace: str) -> str:
        """https://www.elastic.co/docs/reference/fleet/data-streams#data-streams-naming-scheme"""
        return self.options.stream.format(namespace=namespace.replace("-", "_"), kubernetes_namespace=namespace)

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        address = f"{self.options.url.rstrip('/')}{path}"
        response = self._session.request(method, address, json=body, allow_redirects=False)
        if response.status_code >= 300:
            message = f"{method} {path.partition('?')[0]} was refused"
            raise from_status(PROVIDER, response.status_code, message, response.headers, detail=response.text[:1000])
        return http.json_of(PROVIDER, response)


def _template_name(namespace: str) -> str:
    return f"onramp-{namespace}"


def _is_ours(template: IndexTemplate) -> bool:
    return bool(template.meta.get("managed_by") == OWNER["managed_by"])


CAPABILITY.register(PROVIDER, Elk, Options, title="Elasticsearch")
