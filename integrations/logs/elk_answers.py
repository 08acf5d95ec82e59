"""Elasticsearch's answers as types, with only the fields that we use.

https://www.elastic.co/docs/api/doc/elasticsearch
"""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from integrations.answers import Items
from integrations.logs import LogLine

FIELDS = ["@timestamp", "message", "kubernetes.pod.name"]
"""What is requested of a line; a whole document has whatever its application adds."""
MAX_LINE = 2_000
"""Characters of a line that are kept."""


class Info(BaseModel):
    """The answer of the root address."""

    cluster_name: str
    version: dict[str, Any]


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
    hits: Items[_Hit]


class SearchResult(BaseModel):
    timed_out: bool
    hits: _Hits

    def lines(self) -> list[LogLine]:
        sources = [hit.source for hit in self.hits.hits]
        return [LogLine(source.at, source.message[:MAX_LINE], source.kubernetes.pod.name) for source in sources]


class IndexTemplate(BaseModel):
    meta: dict[str, Any] = Field(default_factory=dict, alias="_meta")
    template: dict[str, Any] = Field(default_factory=dict)

    @property
    def retention(self) -> object:
        lifecycle = self.template.get("lifecycle")
        return lifecycle.get("data_retention") if isinstance(lifecycle, dict) else None


class _NamedTemplate(BaseModel):
    index_template: IndexTemplate


class IndexTemplates(BaseModel):
    index_templates: Items[_NamedTemplate]
