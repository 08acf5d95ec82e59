"""Compose files: the servers that they start for development. https://docs.docker.com/reference/compose-file/"""

import patterns
from stacks.components import Evidence
from stacks.folder import Folder
from stacks.values import as_table, as_text

FILES = ("docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml")
_IMAGES = {
    "postgresql": patterns.compile(r"postgres|postgis|timescaledb"),
    "mysql": patterns.compile(r"mysql|mariadb|percona"),
    "mongodb": patterns.compile(r"mongo"),
    "redis": patterns.compile(r"redis|valkey|keydb"),
    "kafka": patterns.compile(r"kafka|redpanda"),
    "rabbitmq": patterns.compile(r"rabbitmq"),
    "elasticsearch": patterns.compile(r"elasticsearch|opensearch"),
    "nats": patterns.compile(r"\bnats\b"),
    "memcached": patterns.compile(r"memcached"),
}
"""Kind of server → a pattern of its container images."""


def servers(folder: Folder) -> dict[str, Evidence]:
    """Kind of server → the evidence for it."""
    file = folder.has(*FILES)
    by_kind: dict[str, Evidence] = {}
    for name, service in as_table(folder.yaml(file).get("services")).items() if file else ():
        image = as_text(as_table(service).get("image")).partition(":")[0]
        for kind, pattern in _IMAGES.items():
            if image and kind not in by_kind and pattern.search(image):
                message = f"starts {kind} for development (service {str(name)[:40]})"
                by_kind[kind] = Evidence(folder.path(file), None, message)
    return by_kind
