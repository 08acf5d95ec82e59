"""Prometheus below `/prometheus/`, Elasticsearch below `/elasticsearch/`."""

from django.urls import URLPattern, URLResolver, path

from sandbox.observability import elastic_templates, pages, prometheus
from sandbox.observability import elasticsearch as es
from sandbox.observability.elastic_access import api

V1 = "prometheus/api/v1"

urlpatterns: list[URLPattern | URLResolver] = [
    path("_/samples", pages.samples),
    path("prometheus/", prometheus.graph),
    path("prometheus/graph", prometheus.graph),
    path("prometheus/-/ready", prometheus.ready),
    path("prometheus/-/healthy", prometheus.ready),
    path(f"{V1}/query", prometheus.query),
    path(f"{V1}/query_range", prometheus.query_range),
    path(f"{V1}/series", prometheus.series),
    path(f"{V1}/labels", prometheus.labels),
    path(f"{V1}/label/<str:name>/values", prometheus.label_values),
    path(f"{V1}/targets", prometheus.targets),
    path(f"{V1}/status/buildinfo", prometheus.build_info),
    path("elasticsearch/ui/", pages.logs),
    path("elasticsearch/", api(get=es.info, head=es.info)),
    path("elasticsearch/_bulk", api(post=es.bulk, put=es.bulk)),
    path("elasticsearch/_search", api(get=es.searched, post=es.searched)),
    path("elasticsearch/_count", api(get=es.counted, post=es.counted)),
    path("elasticsearch/_data_stream", api(get=elastic_templates.data_streams)),
    path("elasticsearch/_data_stream/<str:name>", api(get=elastic_templates.data_streams)),
    path(
        "elasticsearch/_index_template/<str:name>",
        api(
            get=elastic_templates.template,
            head=elastic_templates.template_there,
            put=elastic_templates.template_put,
            post=elastic_templates.template_put,
            delete=elastic_templates.template_removed,
        ),
    ),
    path("elasticsearch/<str:index>/_bulk", api(post=es.bulk, put=es.bulk)),
    path("elasticsearch/<str:index>/_doc", api(post=es.added)),
    path("elasticsearch/<str:index>/_search", api(get=es.searched, post=es.searched)),
    path("elasticsearch/<str:index>/_count", api(get=es.counted, post=es.counted)),
]
