"""Compose files: the servers that they start for development. https://docs.docker.com/reference/compose-file/"""

import re

from stacks.components import Evidence
from stacks.folder import Folder
from stacks.values import as_table, as_text

FILES = ("docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml")
_IMAGES = {
    "postgresql": r"postgres|postgis|timescaledb",
    "mysql": r"mysql|mariadb|percona",
    "mongodb": r"mongo",
    "redis": r"redis|valkey|keydb",
    "kafka": r"kafka|redpanda",
    "rabbitmq": r"rabbitmq",
    "elasticsearch": r"elasticsearch|opensearch",
    "nats": r"\bnats\b",
    "memcached": r"memcached",
}
"""Kind of server → a pattern of its container images."""


def servers(folder: Folder) -> dict[str, Evidence]:
    """Kind of server → the evidence for it."""
    file = folder.has(*FILES)
    by_kind: dict[str, Evidence] = {}
    for name, service in as_table(folder.yaml(file).get("services")).items() if file else ():
        image = as_text(as_table(service).get("image")).partition(":")[0]
        for kind, pattern in _IMAGES.items():
            if image and kind not in by_kind and re.search(pattern, image):
                message = f"starts {kind} for development (service {str(name)[:40]})"
                by_kind[kind] = Evidence(folder.path(file), None, message)
    return by_kind
