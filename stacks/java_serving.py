"""The port, the paths and the variables of a JVM service, from sources and build, and the servers that it needs."""

from collections.abc import Collection

import patterns
from stacks import serving
from stacks.components import Command, Evidence, Setting
from stacks.folder import Folder
from stacks.jvm import Build
from stacks.serving import Endpoints

ENDINGS = (".java", ".kt", ".properties", ".yml", ".yaml")
_PORTS = tuple(
    patterns.compile(port, multiline=True)
    for port in (
        r"^[ \t]*server\.port\s*[=:]\s*(?:\$\{\w+:)?(?P<port>\d{2,5})",
        r"^server:[ \t]*\n(?:[ \t]+[^\n]*\n){0,5}?[ \t]+port:[ \t]*(?:\$\{\w+:)?(?P<port>\d{2,5})",
        r"^[ \t]*quarkus\.http\.port\s*=\s*(?:\$\{\w+:)?(?P<port>\d{2,5})",
        r"new\s+InetSocketAddress\(\s*(?P<port>\d{2,5})\s*\)",
        r"\bport\s*=\s*(?P<port>\d{2,5})\b",
    )
)
_READ = patterns.repeated(r"System\.getenv\(\s{0,40}\"(?P<name>[A-Z][A-Z0-9_]{1,100})\"\s{0,40}\)")
_PLACEHOLDER = patterns.repeated(r"\$\{(?P<name>[A-Z][A-Z0-9_]{1,100})(?::(?P<default>[^}\n]{0,80}))?\}")
_DEFAULTED = patterns.repeated(
    r"getenv\(\)\.getOrDefault\(\s{0,40}\"(?P<name>[A-Z][A-Z0-9_]{1,100})\"\s{0,40},\s{0,40}(?P<default>[^)\n]{1,80})\)"
)
_NEEDS = {
    "postgresql": ("org.postgresql:postgresql",),
    "mysql": ("com.mysql:mysql-connector-j", "mysql:mysql-connector-java", "org.mariadb.jdbc:mariadb-java-client"),
    "mongodb": ("org.springframework.boot:spring-boot-starter-data-mongodb", "org.mongodb:mongodb-driver-sync"),
    "redis": (
        "org.springframework.boot:spring-boot-starter-data-redis",
        "redis.clients:jedis",
        "io.lettuce:lettuce-core",
    ),
    "kafka": ("org.springframework.kafka:spring-kafka", "org.apache.kafka:kafka-clients"),
    "rabbitmq": ("org.springframework.boot:spring-boot-starter-amqp", "com.rabbitmq:amqp-client"),
}
_EXPOSED = patterns.compile(
    r"management\.endpoints\.web\.exposure\.include\s*=.*(?:prometheus|\*)|include:.*(?:prometheus|\*)"
)


def endpoints(folder: Folder, build: Build, start: Command) -> Endpoints:
    port = serving.port(folder, ENDINGS, _PORTS, start, 8080)
    return serving.endpoints(port, _health_path(folder, build), _metrics_path(folder, build))


def settings(folder: Folder) -> tuple[Setting, ...]:
    return serving.settings(folder, ENDINGS, _DEFAULTED, _READ, strict=(_PLACEHOLDER,))


def needs(depends: Collection[str]) -> tuple[str, ...]:
    return serving.needs(depends, _NEEDS)


def _health_path(folder: Folder, build: Build) -> tuple[str, tuple[Evidence, ...]]:
    manifest = folder.path(build.manifest)
    if "org.springframework.boot:spring-boot-starter-actuator" in build.depends:
        return "/actuator/health", (Evidence(manifest, None, "depends on Spring Boot Actuator"),)
    if any("smallrye-health" in artifact for artifact in build.depends):
        return "/q/health", (Evidence(manifest, None, "depends on Quarkus health checks"),)
    return serving.health_path(folder, ENDINGS)


def _metrics_path(folder: Folder, build: Build) -> tuple[str, tuple[Evidence, ...]]:
    manifest = folder.path(build.manifest)
    if "io.micrometer:micrometer-registry-prometheus" in build.depends and build.framework == "spring-boot":
        _, place = folder.search(_EXPOSED, ENDINGS) or (None, None)
        if place is None:
            folder.warn(
                f"{manifest} depends on micrometer-registry-prometheus, but no setting exposes /actuator/prometheus. "
                "Add prometheus to management.endpoints.web.exposure.include."
            )
            return "", ()
        return "/actuator/prometheus", (Evidence(place.path, place.line, "exposes /actuator/prometheus"),)
    if any("quarkus-micrometer-registry-prometheus" in artifact for artifact in build.depends):
        return "/q/metrics", (Evidence(manifest, None, "depends on Quarkus metrics"),)
    artifacts = {artifact.partition(":")[2] for artifact in build.depends}
    return serving.metrics_path(folder, ENDINGS, artifacts, ("simpleclient_httpserver",), build.manifest)
