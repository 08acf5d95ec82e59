"""The port, the paths and the variables of a Node service, from its sources, and the servers that it needs."""

from collections.abc import Collection

import patterns
from stacks import serving
from stacks.components import Setting
from stacks.folder import Folder
from stacks.node_site import Site
from stacks.node_start import Start
from stacks.serving import Endpoints

ENDINGS = (".js", ".mjs", ".cjs", ".ts", ".mts")
_PORT = r"process\.env(?:\.PORT\b|\[[\"']PORT[\"']\])"
_PORTS = tuple(
    patterns.compile(port, multiline=True)
    for port in (
        rf"{_PORT}\s*(?:\|\||\?\?)\s*[\"']?(?P<port>\d{{2,5}})",
        r"\.listen\(\s*(?P<port>\d{2,5})\b",
        r"\.listen\(\s*\{[^}\n]{0,200}\bport\s*:\s*(?P<port>\d{2,5})\b",
        r"\b(?:const|let|var)\s+(?:port|PORT)\s*=\s*(?P<port>\d{2,5})\b",
    )
)
_SETTING = patterns.repeated(
    r"process\.env(?:\.|\[[\"'])(?P<name>[A-Z][A-Z0-9_]{1,100})\b(?:[\"']\])?"
    r"(?:\s{0,40}(?:\|\||\?\?)\s{0,40}(?P<default>[^;,)\n]{1,80}))?"
)
_METRICS = ("prom-client", "express-prom-bundle", "fastify-metrics", "@willsoto/nestjs-prometheus")
_NEEDS = {
    "postgresql": ("pg", "postgres", "@prisma/adapter-pg"),
    "mysql": ("mysql", "mysql2"),
    "mongodb": ("mongodb", "mongoose"),
    "redis": ("redis", "ioredis", "bullmq"),
    "kafka": ("kafkajs", "node-rdkafka"),
    "rabbitmq": ("amqplib",),
    "elasticsearch": ("@elastic/elasticsearch",),
    "nats": ("nats",),
}


def endpoints(folder: Folder, depends: Collection[str], start: Start | None, site: Site | None) -> Endpoints:
    """A site is served on port 8080. The code shows the paths of services only."""
    if site:
        return serving.endpoints((8080, site.evidence))
    port = serving.port(folder, ENDINGS, _PORTS, start.command if start else (), 3000 if start else 8080)
    if start is None:
        return serving.endpoints(port)
    health_path = serving.health_path(folder, ENDINGS)
    metrics_path = serving.metrics_path(folder, ENDINGS, depends, _METRICS, "package.json")
    return serving.endpoints(port, health_path, metrics_path)


def settings(folder: Folder) -> tuple[Setting, ...]:
    return serving.settings(folder, ENDINGS, _SETTING)


def needs(depends: Collection[str]) -> tuple[str, ...]:
    return serving.needs(depends, _NEEDS)
