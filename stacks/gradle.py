"""Gradle's build scripts, in Groovy and in Kotlin, as far as patterns can read them.

https://docs.gradle.org/current/userguide/plugins.html,
https://docs.gradle.org/current/userguide/multi_project_builds.html
"""

import patterns
from stacks import gradle_settings
from stacks.components import Command, Evidence
from stacks.folder import Folder
from stacks.folder_files import line_of
from stacks.jvm import APPLICATION, Build, has_main_class, has_sources

SCRIPTS = ("build.gradle", "build.gradle.kts")
MARKERS = (*SCRIPTS, *gradle_settings.FILES, "gradlew")
MANIFESTS = (*SCRIPTS, *gradle_settings.FILES, "gradle.properties", "gradle/libs.versions.toml")
_S = r"\s{0,40}"
_PLUGIN = patterns.repeated(
    rf"""\bid{_S}\(?{_S}["']([\w.-]{{1,200}})["']|apply{_S}\(?{_S}plugin{_S}[:=]{_S}["']([\w.-]{{1,200}})["']"""
    r"""|(?:^|\{)[ \t]{0,40}(application|war|java|`java-library`|groovy)[ \t]{0,40}(?:$|\}|;)"""
    rf"""|\bkotlin{_S}\({_S}["'](jvm)["']|\balias{_S}\({_S}libs\.plugins\.([\w.]{{1,200}}){_S}\)""",
    multiline=True,
)
_APPLIED_LATER = patterns.compile(r"\bapply\s*\(?\s*false")
_QUOTED = patterns.repeated(r"[\"']([\w.-]{1,200})[\"']")
_PACKAGERS = (
    "application",
    "org.springframework.boot",
    "spring.boot",
    "springboot",
    "war",
    "com.github.johnrengelman.shadow",
    "com.gradleup.shadow",
    "io.quarkus",
    "io.micronaut.application",
    "com.google.cloud.tools.jib",
    "io.ktor.plugin",
    "ktor",
    "shadow",
)
"""Plugins that package a module as a program."""

_SPRING_BOOT = "org.springframework.boot"
_DEPENDENCY = patterns.repeated(r"""["']([\w.-]{1,200}:[\w.-]{1,200})(?::[^"'\n]{0,200})?["']""")
_VERSION = patterns.compile(
    r"(?:JavaLanguageVersion\.of\(\s*|jvmToolchain\(\s*|JavaVersion\.VERSION_(?:1_)?|"
    r"(?:source|target)Compatibility\s*=?\s*[\"']?(?:1\.)?|jvmTarget\s*=\s*[\"'](?:1\.)?)(\d{1,2})"
)


def build(folder: Folder) -> Build | None:
    """None if Gradle does not build the folder."""
    marker = folder.has(*MARKERS)
    if not marker:
        return None
    script = _script(folder)
    manifest = folder.has(*SCRIPTS) or marker
    plugins = {next(filter(None, match.groups())).strip("`") for match in _PLUGIN.finditer(script)}
    applied = plugins - _applied_later(script)
    packagers = sorted(plugin for plugin in applied if plugin in _PACKAGERS or plugin.replace(".", "-") in _PACKAGERS)
    modules = gradle_settings.modules(folder)
    sure = _is_surely_program(folder, script, packagers, modules)
    program = sure or (has_sources(folder.files) and folder.workspace is None and not modules)
    version, version_evidence = _version(folder, script, manifest)
    wrapper = "./gradlew" if "gradlew" in (folder.workspace or folder).files else "gradle"
    prefix = ":" + folder.inside.replace("/", ":") + ":" if folder.workspace is not None else ""
    target, output, start = _output(folder, applied)
    message = packagers[0] if packagers else "a manifest with its main class"
    built = Evidence(folder.path(manifest), None, f"builds a program: {message}")
    return Build(
        tool="gradle",
        manifest=manifest,
        program=program,
        sure=sure,
        start=start,
        build=(wrapper, "--no-daemon", f"{prefix}{target}"),
        test=(wrapper, "--no-daemon", f"{prefix}test"),
        output=output,
        depends=frozenset(_DEPENDENCY.findall(script)) | {f"{plugin}:plugin" for plugin in applied},
        program_evidence=built if program and sure else None,
        version=version,
        version_evidence=version_evidence,
        kotlin=any("kotlin" in plugin or plugin == "jvm" for plugin in plugins),
        modules=modules,
    )


def _script(folder: Folder) -> str:
    return folder.text("build.gradle") or folder.text("build.gradle.kts")


def _version(folder: Folder, script: str, manifest: str) -> tuple[str, Evidence | None]:
    """The Java version that the script compiles for."""
    version = _VERSION.search(script)
    if version is None:
        return "", None
    line = line_of(script, version.start())
    return version[1], Evidence(folder.path(manifest), line, f"compiles for Java {version[1]}")


def _applied_later(script: str) -> set[str]:
    """Plugins whose version `apply false` declares for the projects below."""
    lines = ((line, _APPLIED_LATER.search(line)) for line in script.splitlines())
    return {plugin for line, match in lines if match for plugin in _QUOTED.findall(line[: match.start()])}


def _is_surely_program(folder: Folder, script: str, packagers: list[str], modules: tuple[str, ...]) -> bool:
    """Whether the script, or that of the root project, packages a program."""
    above, sources = folder.workspace, has_sources(folder.files)
    if modules and not sources:
        return False  # it only configures its projects
    spring = any("spring" in plugin for plugin in packagers)
    if above is not None and spring and sources and "mainClass" not in script and not has_main_class(folder.files):
        return False  # the plugin only brings versions: the project has no main class
    scripts = above.text("build.gradle") + above.text("build.gradle.kts") if above is not None else ""
    inherited = any(APPLICATION.search(path) for path in folder.files) and _SPRING_BOOT in scripts
    return bool(packagers) or "Main-Class" in script or inherited


def _output(folder: Folder, applied: set[str]) -> tuple[str, str, Command]:
    """(the task that builds the program, where the task leaves it, how it is started)."""
    installed = "application" in applied and not {_SPRING_BOOT, "io.ktor.plugin", "shadow"} & applied
    if "io.quarkus" in applied:
        task = "installDist" if installed else "quarkusBuild"
        return task, "build/quarkus-app", ("java", "-jar", "build/quarkus-app/quarkus-run.jar")
    if installed:
        name = gradle_settings.project_name(folder)
        return "installDist", f"build/install/{name}", (f"build/install/{name}/bin/{name}",)
    archive = f"build/libs/*.{'war' if 'war' in applied else 'jar'}"
    return "assemble", archive, ("sh", "-c", f"exec java $JAVA_OPTS -jar $(ls {archive} | grep -v plain)")
