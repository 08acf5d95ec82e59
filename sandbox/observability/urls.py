"""Prometheus under `/prometheus/`, Elasticsearch under `/elasticsearch/`."""

from django.urls import URLPattern, URLResolver, path

from sandbox.observability import elasticsearch as es
from sandbox.observability import pages, prometheus

urlpatterns: list[URLPattern | URLResolver] = [
    path("_/samples", pages.samples),
    path("prometheus/graph", prometheus.graph),
    path("prometheus/-/ready", prometheus.ready),
    path("prometheus/api/v1/query", prometheus.query),
    path("prometheus/api/v1/label/<str:name>/values", prometheus.label_values),
    path("elasticsearch/ui/", pages.logs),
    path("elasticsearch/", es.resource(get=es.info)),
    path("elasticsearch/_bulk", es.resource(post=es.bulk)),
    path("elasticsearch/_search", es.resource(post=es.search_documents)),
    path(
        "elasticsearch/_index_template/<str:name>",
        es.resource(get=es.read_template, put=es.put_template, delete=es.delete_template),
    ),
    path("elasticsearch/<str:index>/_search", es.resource(post=es.search_documents)),
]
