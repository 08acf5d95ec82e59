"""Maven's model of a module. https://maven.apache.org/pom.html"""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import patterns
from stacks.components import Command, Evidence
from stacks.folder import Folder
from stacks.folder_files import line_of
from stacks.jvm import APPLICATION, Build, has_main_class, has_sources

MARKERS = ("pom.xml", "pom.kts", "pom.groovy", "pom.yml", "pom.yaml", "pom.scala", "pom.clj", "pom.atom", "mvnw")
MANIFESTS = ("pom.xml",)
_PACKAGERS = {
    *("spring-boot-maven-plugin", "maven-shade-plugin", "maven-assembly-plugin", "quarkus-maven-plugin"),
    *("jib-maven-plugin", "micronaut-maven-plugin", "appassembler-maven-plugin", "helidon-maven-plugin"),
    *("vertx-maven-plugin", "exec-maven-plugin", "maven-war-plugin", "tomcat7-maven-plugin", "jetty-maven-plugin"),
    *("payara-micro-maven-plugin", "wildfly-maven-plugin"),
}
"""Plugins that package a module as a program."""
_VERSIONS = ("maven.compiler.release", "java.version", "maven.compiler.source", "maven.compiler.target", "jdk.version")
_NUMBER = patterns.compile(r"(?:1\.)?(\d{1,2})(?:\.\d+)*")
_REFERENCE = patterns.compile(r"\$\{([\w.-]+)\}")
_MAX_REFERENCES = 3
"""A property can refer to another one, and in a hostile file to itself."""


def build(folder: Folder) -> Build | None:
    """None if Maven does not build the folder."""
    manifest = folder.has(*MARKERS)
    if not manifest:
        return None
    root = folder.xml("pom.xml")
    packaging = _text(root, "packaging") or "jar"
    packagers = _PACKAGERS & {_text(plugin, "artifactId") for plugin in root.iter("plugin")} - _managed(root)
    has_main = next(root.iter("mainClass"), None) is not None
    sure = _is_surely_program(folder, packaging, packagers, has_main)
    program = packaging != "pom" and (sure or _is_probably_program(folder))
    version, line = _version(folder, root)
    message = next(iter(sorted(packagers)), "") or ("a main class" if has_main else f"packaging {packaging}")
    command = ("./mvnw" if "mvnw" in (folder.workspace or folder).files else "mvn", "-B", "-ntp")
    module: Command = ("--projects", folder.inside, "--also-make") if folder.workspace is not None else ()
    output, start = _output(packaging, quarkus="quarkus-maven-plugin" in packagers)
    built = Evidence(folder.path(manifest), None, f"builds a program: {message}")
    compiles = Evidence(folder.path("pom.xml"), line, f"compiles for Java {version}")
    return Build(
        tool="maven",
        manifest=manifest,
        program=program,
        sure=sure,
        start=start,
        build=(*command, "package", "-DskipTests", *module),
        test=(*command, "test", *module),
        output=output,
        depends=frozenset(_depends(root)),
        program_evidence=built if program and sure else None,
        version=version,
        version_evidence=compiles if version else None,
        kotlin=any("kotlin" in _text(plugin, "artifactId") for plugin in root.iter("plugin")),
        modules=tuple(path for path in (_text(module) for module in root.iter("module")) if path),
    )


def _is_surely_program(folder: Folder, packaging: str, packagers: set[str], has_main: bool) -> bool:
    """Whether the model, or that of the parent, packages a program."""
    inherited = folder.workspace.text("pom.xml") if folder.workspace else ""
    application = any(APPLICATION.match(path) for path in folder.files)
    spring = application and "spring-boot" in folder.text("pom.xml") + inherited
    library = has_sources(folder.files) and not has_main_class(folder.files)
    if folder.workspace is not None and packagers and not has_main and library:
        return False  # the parent gives the plugin to every module, and this one has no main class
    return bool(packagers) or has_main or packaging in ("war", "ear") or spring


def _is_probably_program(folder: Folder) -> bool:
    """Whether a single module has sources, and below the repository's root also a main class by its name."""
    if folder.workspace is not None or not has_sources(folder.files):
        return False
    return not folder.root or has_main_class(folder.files)


def _output(packaging: str, *, quarkus: bool) -> tuple[str, Command]:
    """(where the build leaves the program, how it is started)."""
    if quarkus:
        return "target/quarkus-app", ("java", "-jar", "target/quarkus-app/quarkus-run.jar")
    archive = f"target/*.{'war' if packaging == 'war' else 'jar'}"
    return archive, ("sh", "-c", f"exec java $JAVA_OPTS -jar {archive}")


def _text(element: Element, child: str = "") -> str:
    match = element.find(child) if child else element
    return (match.text or "").strip() if match is not None else ""


def _managed(root: Element) -> set[str]:
    """Plugins whose version a parent only declares."""
    managed = {_text(plugin, "artifactId") for each in root.iter("pluginManagement") for plugin in each.iter("plugin")}
    build = root.find("build/plugins")
    return managed - {_text(plugin, "artifactId") for plugin in (build if build is not None else ())}


def _depends(root: Element) -> Iterator[str]:
    """`group:artifact` of the parent, the dependencies and the plugins."""
    for element in (*root.iter("dependency"), *root.iter("parent"), *root.iter("plugin")):
        group = _text(element, "groupId") or "org.apache.maven.plugins"
        yield f"{group}:{_text(element, 'artifactId')}"


def _version(folder: Folder, root: Element) -> tuple[str, int | None]:
    """(the Java version that the module compiles for, the line that declares it)."""
    properties = {each.tag: (each.text or "").strip() for table in root.iter("properties") for each in table}
    values = [properties.get(name, "") for name in _VERSIONS]
    values += [_text(element) for tag in ("release", "source", "target") for element in root.iter(tag)]
    text = folder.text("pom.xml")
    for value in (_resolved(value, properties) for value in values):
        number = _NUMBER.fullmatch(value)
        if number:
            position = text.find(f">{value}<")
            return number[1], line_of(text, position) if position >= 0 else None
    return "", None


def _resolved(value: str, properties: dict[str, str]) -> str:
    for _ in range(_MAX_REFERENCES):
        reference = _REFERENCE.fullmatch(value)
        value = properties.get(reference[1], "") if reference else value
    return value
