"""The port, the paths and the variables of a Python service, from its sources, and the servers that it needs."""

from collections.abc import Collection

import patterns
from stacks import serving
from stacks.components import Command, Setting
from stacks.folder import Folder
from stacks.serving import Endpoints

ENDINGS = (".py",)
_PORTS = tuple(
    patterns.compile(port, multiline=True)
    for port in (
        r"environ\.get\(\s*[\"']PORT[\"']\s*,\s*[\"']?(?P<port>\d{2,5})",
        r"getenv\(\s*[\"']PORT[\"']\s*,\s*[\"']?(?P<port>\d{2,5})",
        r"(?:environ\.get|getenv)\(\s*[\"']PORT[\"']\s*\)\s*or\s*[\"']?(?P<port>\d{2,5})",
        r"\b(?:run|run_app|serve|listen)\([^)\n]{0,200}\bport\s*=\s*(?P<port>\d{2,5})\b",
        r"HTTPServer\(\s*\(\s*[\"'][^\"'\n]{0,60}[\"']\s*,\s*(?P<port>\d{2,5})",
        r"^(?:PORT|port)\s*=\s*(?P<port>\d{2,5})\b",
    )
)
_READ = patterns.repeated(
    r"(?:environ\.get|getenv)\(\s{0,40}[\"'](?P<name>[A-Z][A-Z0-9_]{1,100})[\"']\s{0,40}"
    r"(?:,\s{0,40}(?P<default>[^)\n]{1,80}))?\)"
)
_REQUIRED = patterns.repeated(r"environ\[\s{0,40}[\"'](?P<name>[A-Z][A-Z0-9_]{1,100})[\"']\s{0,40}\]")
_METRICS = (
    *("prometheus-client", "prometheus-fastapi-instrumentator", "prometheus-flask-exporter", "starlette-exporter"),
    *("django-prometheus", "aioprometheus"),
)
_NEEDS = {
    "postgresql": ("psycopg", "psycopg2", "psycopg2-binary", "psycopg-binary", "asyncpg", "pg8000"),
    "mysql": ("mysqlclient", "pymysql", "mysql-connector-python", "aiomysql"),
    "mongodb": ("pymongo", "motor", "mongoengine"),
    "redis": ("redis", "django-redis", "aioredis"),
    "kafka": ("kafka-python", "confluent-kafka", "aiokafka", "faust"),
    "rabbitmq": ("pika", "aio-pika", "kombu"),
    "elasticsearch": ("elasticsearch", "opensearch-py"),
}


def endpoints(folder: Folder, depends: Collection[str], start: Command, default_port: int, manifest: str) -> Endpoints:
    return serving.endpoints(
        serving.port(folder, ENDINGS, _PORTS, start, default_port),
        serving.health_path(folder, ENDINGS),
        serving.metrics_path(folder, ENDINGS, depends, _METRICS, manifest),
    )


def settings(folder: Folder) -> tuple[Setting, ...]:
    return serving.settings(folder, ENDINGS, _READ, strict=(_REQUIRED,))


def needs(depends: Collection[str]) -> tuple[str, ...]:
    return serving.needs(depends, _NEEDS)
