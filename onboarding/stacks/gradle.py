"""Gradle's build scripts, in Groovy and in Kotlin, as far as they can be read without running them.

https://docs.gradle.org/current/userguide/plugins.html, https://docs.gradle.org/current/userguide/multi_project_builds.html
"""

import re

from onboarding.stacks.components import Command, Evidence
from onboarding.stacks.folder import Folder, line_of
from onboarding.stacks.jvm import Build, starts_something

SCRIPTS = ("build.gradle", "build.gradle.kts")
SETTINGS = ("settings.gradle", "settings.gradle.kts")
MARKERS = (*SCRIPTS, *SETTINGS, "gradlew")
MANIFESTS = (*SCRIPTS, *SETTINGS, "gradle.properties", "gradle/libs.versions.toml")
_PLUGIN = re.compile(
    r"""\bid\s*\(?\s*["']([\w.-]+)["']|apply\s*\(?\s*plugin\s*[:=]\s*["']([\w.-]+)["']|(?:^|\{)[ \t]*(application|war|java|`java-library`|groovy)[ \t]*(?:$|\}|;)"""
    r"""|\bkotlin\s*\(\s*["'](jvm)["']|\balias\s*\(\s*libs\.plugins\.([\w.]+)\s*\)""",
    re.MULTILINE,
)
_MAKERS = (
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
_DEPENDENCY = re.compile(r"""["']([\w.-]+:[\w.-]+)(?::[^"']*)?["']""")
_VERSION = re.compile(
    r"(?:JavaLanguageVersion\.of\(\s*|jvmToolchain\(\s*|JavaVersion\.VERSION_(?:1_)?|(?:source|target)Compatibility\s*=?\s*[\"']?(?:1\.)?|jvmTarget\s*=\s*[\"'](?:1\.)?)(\d{1,2})"
)


def build(folder: Folder) -> Build | None:
    """None where the folder is none of Gradle's."""
    manifest = folder.has(*MARKERS)
    if not manifest:
        return None
    script = folder.text("build.gradle") or folder.text("build.gradle.kts")
    plugins = {next(filter(None, one)).strip("`") for one in _PLUGIN.findall(script)}
    applied = {one for one in plugins if not re.search(rf"[\"']{re.escape(one)}[\"'].*\bapply\s*\(?\s*false", script)}
    makers = sorted(one for one in applied if one in _MAKERS or one.replace(".", "-") in _MAKERS)
    depends = frozenset(_DEPENDENCY.findall(script)) | {_group(one) for one in applied}
    modules = _modules(folder)
    code = any(one.startswith("src/main/") for one in folder.files)
    jar = re.search(r"Main-Class", script)
    above = folder.workspace
    inherited = (
        any(re.search(r"src/main/.*Application\.(java|kt)$", one) for one in folder.files)
        and above is not None
        and "org.springframework.boot" in above.text("build.gradle") + above.text("build.gradle.kts")
    )
    sure = bool(makers) or jar is not None or inherited
    spring = any("spring" in one for one in makers)
    if modules and not code:
        sure = False  # it only says what its projects have in common
    elif above is not None and spring and code and "mainClass" not in script and not starts_something(folder.files):
        sure = False  # the plugin is there for its versions alone: nothing in it begins a program
    program = sure or (code and folder.workspace is None and not modules)
    version = _VERSION.search(script)
    wrapper = "./gradlew" if "gradlew" in (folder.workspace or folder).files else "gradle"
    task = ":" + folder.inside.replace("/", ":") if folder.workspace is not None else ""
    prefix = f"{task}:" if task else ""
    installed = "application" in applied and not {"org.springframework.boot", "io.ktor.plugin", "shadow"} & applied
    quarkus = "io.quarkus" in applied
    output, start = _left(folder, installed=installed, quarkus=quarkus, war="war" in applied)
    target = "installDist" if installed else "quarkusBuild" if quarkus else "assemble"
    says = makers[0] if makers else "a manifest with its main class"
    return Build(
        tool="gradle",
        manifest=folder.has(*SCRIPTS) or manifest,
        program=program,
        sure=sure,
        start=start,
        build=(wrapper, "--no-daemon", f"{prefix}{target}"),
        test=(wrapper, "--no-daemon", f"{prefix}test"),
        output=output,
        depends=depends,
        why=Evidence(folder.path(folder.has(*SCRIPTS) or manifest), None, f"makes a program of it: {says}") if program and sure else None,
        version=version[1] if version else "",
        version_evidence=Evidence(folder.path(folder.has(*SCRIPTS)), line_of(script, version.start()), f"compiles for Java {version[1]}") if version else None,
        kotlin=any("kotlin" in one or one == "jvm" for one in plugins),
        modules=modules,
    )  # fmt: skip


def _left(folder: Folder, *, installed: bool, quarkus: bool, war: bool) -> tuple[str, Command]:
    """(where the build leaves the program, how it is started)."""
    if quarkus:
        return "build/quarkus-app", ("java", "-jar", "build/quarkus-app/quarkus-run.jar")
    if installed:
        name = _project(folder)
        return f"build/install/{name}", (f"build/install/{name}/bin/{name}",)
    ending = "war" if war else "jar"
    return f"build/libs/*.{ending}", (
        "sh",
        "-c",
        f"exec java $JAVA_OPTS -jar $(ls build/libs/*.{ending} | grep -v plain)",
    )


def _project(folder: Folder) -> str:
    """The project's name: the folder's for a module, else what the settings say."""
    if folder.workspace is not None:
        return folder.root.rpartition("/")[2]
    settings = folder.text("settings.gradle") or folder.text("settings.gradle.kts")
    said = re.search(r"rootProject\.name\s*=\s*[\"']([\w.-]+)[\"']", settings)
    return said[1] if said else folder.root.rpartition("/")[2] or "app"


def _modules(folder: Folder) -> tuple[str, ...]:
    """The folders of the projects that the settings include."""
    settings = folder.text("settings.gradle") or folder.text("settings.gradle.kts")
    included = re.findall(r"\binclude\b\s{0,9}\(?((?:\s{0,9}[\"'][\w:./-]{1,200}[\"'],?)+)", settings)
    names = [name for one in included for name in re.findall(r"[\"']([\w:./-]+)[\"']", one)]
    return tuple(name.strip(":").replace(":", "/") for name in names)


def _group(plugin: str) -> str:
    return f"{plugin}:plugin"
