"""Prometheus below `/prometheus/`, Elasticsearch below `/elasticsearch/`."""

from django.urls import URLPattern, URLResolver, path

from sandbox.observability import elasticsearch as es
from sandbox.observability import pages, prometheus
from sandbox.observability.elasticsearch import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("_/samples", pages.samples),
    path("prometheus/graph", prometheus.graph),
    path("prometheus/-/ready", prometheus.ready),
    path("prometheus/api/v1/query", prometheus.query),
    path("elasticsearch/ui/", pages.logs),
    path("elasticsearch/", api(get=es.info)),
    path("elasticsearch/_bulk", api(post=es.bulk)),
    path("elasticsearch/_search", api(post=es.searched)),
    path(
        "elasticsearch/_index_template/<str:name>", api(get=es.template, put=es.template_put, delete=es.template_delete)
    ),
    path("elasticsearch/<str:index>/_search", api(post=es.searched)),
]
