"""Java, Kotlin and other languages that Maven or Gradle builds for the JVM.

https://maven.apache.org/pom.html, https://docs.gradle.org, https://docs.spring.io/spring-boot/build-tool-plugin/
"""

from collections.abc import Iterable

import patterns
from stacks import gradle, java_serving, java_version, maven, pinning, processes
from stacks.components import Component, Evidence, Grounds, Role
from stacks.family import Family
from stacks.folder import Folder
from stacks.java_serving import ENDINGS
from stacks.jvm import Build

_PROGRAMS = patterns.compile(r"\bjava\b|\bmvn\b|gradlew?\b|/build/install/")
_TEST = patterns.compile(r"src/(test|integrationTest)/.*(Test|Tests|Spec|IT)\.(java|kt|groovy|scala)$")


def read(folder: Folder, name: str) -> Component | None:
    """The module in this folder: a service if it builds a program, or else a library or a parent of modules."""
    build = maven.build(folder) or gradle.build(folder)
    if build is None:
        return _without_build(folder, name)
    return _component(folder, name, build)


def _component(folder: Folder, name: str, build: Build) -> Component:
    declared = processes.declared_start(folder, _PROGRAMS)
    program = build.program or bool(declared)
    version, version_evidence = java_version.version(folder, build)
    endpoints = java_serving.endpoints(folder, build, declared[0] if declared else ())
    identified = Evidence(folder.path(build.manifest), None, f"identifies this as a {build.tool.title()} project")
    start_evidence = declared[1] if declared else build.program_evidence
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY.name,
        language=_language(folder, build),
        version=version,
        framework=build.framework,
        package_manager=build.tool,
        lock_file=folder.has("gradle.lockfile"),
        build=build.build,
        test=build.test if any("src/" in file and _TEST.search(file) for file in folder.files) else (),
        start=declared[0] if declared else build.start if program else (),
        port=endpoints.port,
        health_path=endpoints.health_path,
        metrics_path=endpoints.metrics_path,
        settings=java_serving.settings(folder),
        evidence=(
            *(identified, *version_evidence, *([start_evidence] if start_evidence else [])),
            *endpoints.evidence,
        ),
        confidence="certain" if declared or build.sure else "likely" if program else "guess",
        role=Role.SERVICE if program else Role.LIBRARY,
        grounds=Grounds.PROCESS if declared else Grounds.MANIFEST,
        workspace=folder.workspace.root if folder.workspace is not None else None,
        output=build.output,
        needs=java_serving.needs(build.depends),
    )


def members(folder: Folder) -> Iterable[str]:
    """The modules of Maven, or else the projects of Gradle."""
    build = maven.build(folder) or gradle.build(folder)
    return build.modules if build else ()


def _without_build(folder: Folder, name: str) -> Component | None:
    """A folder that Ant builds, or no known tool: recognised, but not built."""
    source = next((file for file in folder.top_files if file.endswith((".java", ".kt"))), "")
    archive = next((file for file in folder.top_files if file.endswith((".jar", ".war"))), "")
    ant = folder.has("build.xml")
    sign = ant or source or archive or folder.has("META-INF/MANIFEST.MF", "WEB-INF/web.xml")
    if not sign:
        return None
    return Component(
        name=name,
        root=folder.root,
        family=FAMILY.name,
        language="Kotlin" if source.endswith(".kt") else "Java",
        package_manager="ant" if ant else "",
        start=("java", "-jar", archive) if archive.endswith(".jar") and not source else (),
        evidence=(Evidence(folder.path(sign), None, "identifies this as a JVM project"),),
        confidence="guess",
        grounds=Grounds.MANIFEST if ant else Grounds.SOURCES,
    )


def _language(folder: Folder, build: Build) -> str:
    if folder.contains(".kt") and not folder.contains(".java"):
        return "Kotlin"
    if folder.contains(".groovy") and not folder.contains(".java", ".kt"):
        return "Groovy"
    return "Kotlin" if build.kotlin and not folder.contains(".java") else "Java"


FAMILY = Family(
    name="java",
    read=read,
    markers=(*maven.MARKERS, *gradle.MARKERS, "build.xml"),
    manifests=(
        *(*maven.MANIFESTS, *gradle.MANIFESTS),
        *(file for file, _ in java_version.FILES),
        *pinning.MANIFESTS,
    ),
    entries=(
        *("Main.java", "App.java", "Application.java", "Application.kt", "Main.kt"),
        *("application.properties", "application.yml", "application.yaml"),
    ),
    endings=ENDINGS,
    images=patterns.compile(r"(?:^|/)(?:openjdk|eclipse-temurin|amazoncorretto|maven|gradle)$"),
    members=members,
)
