"""Java, Kotlin and whatever else Maven or Gradle builds for the JVM.

https://maven.apache.org/pom.html, https://docs.gradle.org, https://docs.spring.io/spring-boot/build-tool-plugin/
"""

import re

from onboarding.stacks import gradle, maven, pinning, serving
from onboarding.stacks.components import Command, Component, Evidence, Grounds, Role
from onboarding.stacks.folder import Folder
from onboarding.stacks.jvm import Build
from onboarding.stacks.runtimes import Runtime

FAMILY = "java"
MARKERS = (*maven.MARKERS, *gradle.MARKERS, "build.xml")
MANIFESTS = (
    *maven.MANIFESTS,
    *gradle.MANIFESTS,
    "system.properties",
    ".java-version",
    ".jdk-version",
    ".sdkmanrc",
    *pinning.MANIFESTS,
)
ENTRIES = (
    "Main.java",
    "App.java",
    "Application.java",
    "Application.kt",
    "Main.kt",
    "application.properties",
    "application.yml",
    "application.yaml",
)
ENDINGS = (".java", ".kt", ".properties", ".yml", ".yaml")
RUNTIME = Runtime(
    "Java",
    default="21",
    supported=("17", "21", "25"),
    ended=("6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16"),
    as_of="2026-11",  # https://adoptium.net/support; 8 and 11 get paid fixes only, or none, depending on the vendor
)
_PORTS = (
    r"^[ \t]*server\.port\s*[=:]\s*(?:\$\{\w+:)?(?P<port>\d{2,5})",
    r"^server:[ \t]*\n(?:[ \t]+[^\n]*\n){0,5}?[ \t]+port:[ \t]*(?:\$\{\w+:)?(?P<port>\d{2,5})",
    r"^[ \t]*quarkus\.http\.port\s*=\s*(?:\$\{\w+:)?(?P<port>\d{2,5})",
    r"new\s+InetSocketAddress\(\s*(?P<port>\d{2,5})\s*\)",
    r"\bport\s*=\s*(?P<port>\d{2,5})\b",
)
_READ = r"System\.getenv\(\s*\"(?P<name>[A-Z][A-Z0-9_]+)\"\s*\)(?P<default>(?!))?"
_PLACEHOLDER = r"\$\{(?P<name>[A-Z][A-Z0-9_]+)(?::(?P<default>[^}\n]{0,80}))?\}"
_DEFAULTED = r"getenv\(\)\.getOrDefault\(\s*\"(?P<name>[A-Z][A-Z0-9_]+)\"\s*,\s*(?P<default>[^)\n]{1,80})\)"
_PROGRAMS = re.compile(r"\bjava\b|\bmvn\b|gradlew?\b|/build/install/")
_JVM_TEST = re.compile(r"src/(test|integrationTest)/.*(Test|Tests|Spec|IT)\.(java|kt|groovy|scala)$")
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


def read(folder: Folder, name: str) -> Component | None:
    """The module in this folder: a service where something makes a program of it, else a library or a parent of modules."""
    built = maven.build(folder) or gradle.build(folder)
    if built is None:
        return _ant(folder, name)
    processed = serving.started_by_procfile(folder, _PROGRAMS)
    program = built.program or bool(processed)
    version, said = _version(folder, built)
    port, port_evidence = serving.port(folder, ENDINGS, _PORTS, processed[0] if processed else (), 8080)
    health, health_evidence = _health(folder, built)
    metrics, metrics_evidence = _metrics(folder, built)
    parent = folder.workspace.root if folder.workspace is not None else None
    start: Command = processed[0] if processed else built.start if program else ()
    evidence = [Evidence(folder.path(built.manifest), None, f"says that this is built by {built.tool.title()}"), *said]
    evidence += [processed[1]] if processed else [built.why] if built.why else []
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY,
        language=_language(folder, built),
        version=version,
        framework=built.framework,
        package_manager=built.tool,
        lock_file=folder.has("gradle.lockfile"),
        build=built.build,
        test=built.test if any(_JVM_TEST.search(one) for one in folder.files) else (),
        start=start,
        port=port,
        health_path=health,
        metrics_path=metrics,
        settings=serving.settings(folder, ENDINGS, _DEFAULTED, _READ, strict=(_PLACEHOLDER,)),
        evidence=(*evidence, port_evidence, *health_evidence, *metrics_evidence),
        confidence="certain" if processed or built.sure else "likely" if program else "guess",
        role=Role.SERVICE if program else Role.LIBRARY,
        grounds=Grounds.PROCESS if processed else Grounds.MANIFEST,
        workspace=parent,
        output=built.output,
        needs=serving.needs(built.depends, _NEEDS),
    )


def _ant(folder: Folder, name: str) -> Component | None:
    """Built by Ant, or by nothing that is known: recognised, and no more."""
    source = next((one for one in folder.top if one.endswith((".java", ".kt"))), "")
    archive = next((one for one in folder.top if one.endswith((".jar", ".war"))), "")
    exploded = folder.has("META-INF/MANIFEST.MF", "WEB-INF/web.xml")
    if "build.xml" not in folder.files and not source and not archive and not exploded:
        return None
    start: Command = ("java", "-jar", archive) if archive.endswith(".jar") and not source else ()
    place = "build.xml" if "build.xml" in folder.files else source or archive or exploded
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY,
        language="Kotlin" if source.endswith(".kt") else "Java",
        package_manager="ant" if place == "build.xml" else "",
        start=start,
        evidence=(Evidence(folder.path(place), None, "says that this is for the JVM"),),
        confidence="guess",
        grounds=Grounds.MANIFEST if place == "build.xml" else Grounds.SOURCES,
    )


def _language(folder: Folder, built: Build) -> str:
    if folder.below(".kt") and not folder.below(".java"):
        return "Kotlin"
    if folder.below(".groovy") and not folder.below(".java", ".kt"):
        return "Groovy"
    return "Kotlin" if built.kotlin and not folder.below(".java") else "Java"


def _version(folder: Folder, built: Build) -> tuple[str, list[Evidence]]:
    for place in (folder, folder.workspace):
        if place is None:
            continue
        for file, pattern in (
            ("system.properties", r"java\.runtime\.version\s*=\s*(?:[a-z]+-)?(?:1\.)?(\d{1,2})"),
            (".java-version", r"(?:[a-z]+-)?(?:1\.)?(\d{1,2})"),
            (".jdk-version", r"(?:1\.)?(\d{1,2})"),
            (".sdkmanrc", r"java=(\d{1,2})"),
        ):
            found = pinning.file_version(place, file, pattern)
            if found:
                return pinning.known(folder, RUNTIME, found, Evidence(place.path(file), None, f"asks for Java {found}"))
    managed = pinning.pinned(folder, "java")
    if managed:
        return pinning.known(folder, RUNTIME, managed[0].split(".")[0], managed[1])
    if built.version:
        return pinning.known(folder, RUNTIME, built.version, built.version_evidence)
    return "", []


def _health(folder: Folder, built: Build) -> tuple[str, tuple[Evidence, ...]]:
    actuator = "org.springframework.boot:spring-boot-starter-actuator"
    if actuator in built.depends:
        return "/actuator/health", (Evidence(folder.path(built.manifest), None, "depends on Spring's Actuator"),)
    if any("smallrye-health" in one for one in built.depends):
        return "/q/health", (Evidence(folder.path(built.manifest), None, "depends on Quarkus' health checks"),)
    return serving.health_path(folder, ENDINGS)


def _metrics(folder: Folder, built: Build) -> tuple[str, tuple[Evidence, ...]]:
    exposed = "io.micrometer:micrometer-registry-prometheus"
    place = folder.path(built.manifest)
    if exposed in built.depends and built.framework == "spring-boot":
        shown = folder.seek(
            r"management\.endpoints\.web\.exposure\.include\s*=.*(?:prometheus|\*)|include:.*(?:prometheus|\*)", ENDINGS
        )
        if shown is None:
            folder.warn(f"{place} depends on {exposed.partition(':')[2]}, and no setting exposes /actuator/prometheus.")
            return "", ()
        return "/actuator/prometheus", (Evidence(shown[1].path, shown[1].line, "exposes metrics of its own"),)
    if any("quarkus-micrometer-registry-prometheus" in one for one in built.depends):
        return "/q/metrics", (Evidence(place, None, "depends on Quarkus' metrics"),)
    return serving.metrics_path(
        folder, ENDINGS, {one.partition(":")[2] for one in built.depends}, ("simpleclient_httpserver",), built.manifest
    )
