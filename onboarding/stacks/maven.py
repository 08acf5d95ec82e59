"""Maven's model of a module. https://maven.apache.org/pom.html"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from onboarding.stacks.components import Command, Evidence
from onboarding.stacks.folder import Folder
from onboarding.stacks.jvm import Build, starts_something

MARKERS = ("pom.xml", "pom.kts", "pom.groovy", "pom.yml", "pom.yaml", "pom.scala", "pom.clj", "pom.atom", "mvnw")
MANIFESTS = ("pom.xml",)
_MAKERS = {
    "spring-boot-maven-plugin", "maven-shade-plugin", "maven-assembly-plugin", "quarkus-maven-plugin", "jib-maven-plugin",
    "micronaut-maven-plugin", "appassembler-maven-plugin", "helidon-maven-plugin", "vertx-maven-plugin", "exec-maven-plugin",
    "maven-war-plugin", "tomcat7-maven-plugin", "jetty-maven-plugin", "payara-micro-maven-plugin", "wildfly-maven-plugin",
}  # fmt: skip
"""Plugins that make something that runs of a module."""
_VERSIONS = ("maven.compiler.release", "java.version", "maven.compiler.source", "maven.compiler.target", "jdk.version")
_REFERENCE = re.compile(r"\$\{([\w.-]+)\}")


def build(folder: Folder) -> Build | None:
    """None where the folder is none of Maven's."""
    manifest = folder.has(*MARKERS)
    if not manifest:
        return None
    root = folder.xml("pom.xml")
    packaging = _text(root, "packaging") or "jar"
    depends = frozenset(_depends(root))
    makers = _MAKERS & {_text(one, "artifactId") for one in root.iter("plugin")} - _managed(root)
    modules = tuple(one for one in (_text(module) for module in root.iter("module")) if one)
    main = next((one for one in root.iter("mainClass")), None)
    version, line = _version(folder, root)
    wrapper = "./mvnw" if "mvnw" in (folder.workspace or folder).files else "mvn"
    chosen: Command = ("--projects", folder.inside, "--also-make") if folder.workspace is not None else ()
    only = ("-B", "-ntp")
    sure = bool(makers) or main is not None or packaging in ("war", "ear")
    alone = folder.workspace is None and packaging != "pom"
    has_code = any(one.startswith("src/main/") for one in folder.files)
    application = any(re.search(r"Application\.(java|kt)$", one) for one in folder.files if one.startswith("src/main/"))
    inherited = application and "spring-boot" in folder.text("pom.xml") + (
        folder.workspace.text("pom.xml") if folder.workspace else ""
    )
    sure = sure or inherited
    if folder.workspace is not None and makers and main is None and has_code and not starts_something(folder.files):
        sure = False  # its parent gives the plugin to every module, and nothing in this one begins a program
    begins = has_code and (not folder.root or starts_something(folder.files))
    program = sure or (alone and begins) if packaging != "pom" else False
    quarkus = "quarkus-maven-plugin" in makers
    says = next(iter(sorted(makers)), "") or ("a main class" if main is not None else f"packaging {packaging}")
    return Build(
        tool="maven",
        manifest=manifest,
        program=program,
        sure=sure,
        start=("java", "-jar", "target/quarkus-app/quarkus-run.jar") if quarkus else ("sh", "-c", f"exec java $JAVA_OPTS -jar target/*.{'war' if packaging == 'war' else 'jar'}"),
        build=(wrapper, *only, "package", "-DskipTests", *chosen),
        test=(wrapper, *only, "test", *chosen),
        output="target/quarkus-app" if quarkus else f"target/*.{'war' if packaging == 'war' else 'jar'}",
        depends=depends,
        why=Evidence(folder.path(manifest), None, f"makes a program of it: {says}") if program and sure else None,
        version=version,
        version_evidence=Evidence(folder.path("pom.xml"), line, f"compiles for Java {version}") if version else None,
        kotlin=any("kotlin" in _text(one, "artifactId") for one in root.iter("plugin")),
        modules=modules,
    )  # fmt: skip


def _text(element: Element, child: str = "") -> str:
    found = element.find(child) if child else element
    return (found.text or "").strip() if found is not None else ""


def _managed(root: Element) -> set[str]:
    """Plugins that a parent only names a version of."""
    managed = {_text(one, "artifactId") for each in root.iter("pluginManagement") for one in each.iter("plugin")}
    build = root.find("build/plugins")
    return managed - {_text(one, "artifactId") for one in (build if build is not None else ())}


def _depends(root: Element) -> Iterator[str]:
    """`group:artifact` of the parent, the dependencies and the plugins."""
    for one in (*root.iter("dependency"), *root.iter("parent"), *root.iter("plugin")):
        group = _text(one, "groupId") or "org.apache.maven.plugins"
        yield f"{group}:{_text(one, 'artifactId')}"


def _version(folder: Folder, root: Element) -> tuple[str, int | None]:
    """The Java version that it compiles for, and the line that says so."""
    properties = {one.tag: (one.text or "").strip() for each in root.iter("properties") for one in each}
    said = [properties.get(name, "") for name in _VERSIONS]
    said += [_text(one) for tag in ("release", "source", "target") for one in root.iter(tag)]
    for value in said:
        for _ in range(3):
            reference = _REFERENCE.fullmatch(value)
            value = properties.get(reference[1], "") if reference else value
        number = re.fullmatch(r"(?:1\.)?(\d{1,2})(?:\.\d+)*", value)
        if number:
            place = folder.text("pom.xml").find(f">{value}<")
            return number[1], folder.text("pom.xml").count("\n", 0, place) + 1 if place >= 0 else None
    return "", None
