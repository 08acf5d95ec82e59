"""The port, the paths and the variables of a Ruby service, from its sources, and the servers that it needs."""

from collections.abc import Collection

import patterns
from stacks import serving
from stacks.components import Command, Setting
from stacks.folder import Folder
from stacks.serving import Endpoints

ENDINGS = (".rb", ".ru")
_PORTS = tuple(
    patterns.compile(port, multiline=True)
    for port in (
        r"ENV\.fetch\(\s*[\"']PORT[\"']\s*(?:,|\)\s*\{)\s*[\"']?(?P<port>\d{2,5})",
        r"ENV\[\s*[\"']PORT[\"']\s*\]\s*\|\|\s*[\"']?(?P<port>\d{2,5})",
        r"\bset\s+:port,\s*(?P<port>\d{2,5})",
        r"TCPServer\.new\(\s*(?:[\"'][^\"'\n]{0,60}[\"']\s*,\s*)?(?P<port>\d{2,5})",
    )
)
_FETCH = patterns.repeated(
    r"ENV\.fetch\(\s{0,40}[\"'](?P<name>[A-Z][A-Z0-9_]{1,100})[\"']\s{0,40}(?:,\s{0,40}(?P<default>[^)\n]{1,80}))?\)"
)
_READ = patterns.repeated(
    r"ENV\[\s{0,40}[\"'](?P<name>[A-Z][A-Z0-9_]{1,100})[\"']\s{0,40}\]"
    r"(?:\s{0,40}\|\|\s{0,40}(?P<default>[^;)\n]{1,80}))?"
)
_NEEDS = {
    "postgresql": ("pg",), "mysql": ("mysql2", "trilogy"), "redis": ("redis", "sidekiq"), "mongodb": ("mongoid",),
    "kafka": ("ruby-kafka", "karafka"), "rabbitmq": ("bunny",), "sqlite": ("sqlite3",),
}  # fmt: skip
_METRICS = ("prometheus-client", "yabeda-prometheus", "prometheus_exporter")


def endpoints(folder: Folder, gems: Collection[str], start: Command, framework: str, manifest: str) -> Endpoints:
    default_port = 3000 if framework == "rails" else 9292 if "config.ru" in folder.files else 4567
    port = serving.port(folder, ENDINGS, _PORTS, start, default_port)
    health_path, health_evidence = serving.health_path(folder, ENDINGS)
    if health_path == "/" and _has_rails_health(folder, framework):
        health_path = "/up"
    metrics_path = serving.metrics_path(folder, ENDINGS, gems, _METRICS, manifest)
    return serving.endpoints(port, (health_path, health_evidence), metrics_path)


def settings(folder: Folder) -> tuple[Setting, ...]:
    return serving.settings(folder, ENDINGS, _READ, strict=(_FETCH,))


def needs(depends: Collection[str]) -> tuple[str, ...]:
    return serving.needs(depends, _NEEDS)


def _has_rails_health(folder: Folder, framework: str) -> bool:
    """https://api.rubyonrails.org/classes/Rails/HealthController.html"""
    return framework == "rails" and "rails/health" in folder.text("config/routes.rb")
