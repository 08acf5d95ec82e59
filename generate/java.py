"""The JVM in pipelines and images. https://github.com/actions/setup-java, https://hub.docker.com/_/eclipse-temurin"""

import shlex

from generate.images import BaseImage
from generate.pinned_actions import PinnedAction, default_version
from generate.toolchain import Step, TravisLanguage
from stacks import Command, Component
from stacks.java_version import RUNTIME

MEMORY = ("256Mi", "512Mi")
EDITIONS: dict[str, str] = {}
TRAVIS = TravisLanguage("java", "jdk", version_prefix="openjdk")
_JDK = BaseImage(
    "eclipse-temurin:{}-jdk", {"21": "sha256:1f79c73404fb0cccf9a3459eda22892f368d994b1028d6fb1ae871c1f49749a6"}
)
_JRE = BaseImage(
    "eclipse-temurin:{}-jre", {"21": "sha256:7a65df4b22d2de92d4e04056e884f3b9122d70b21e2847fd66084278bd0ce037"}
)
_BUILD_TOOLS = {
    "maven": BaseImage(
        "maven:3.9-eclipse-temurin-{}",
        {"21": "sha256:99e61abcff91a9b1333463bd8451fb18495d6eba9250ac66a338b518f8278320"},
    ),
    "gradle": BaseImage("gradle:jdk{}"),
}
_SETUP = PinnedAction("actions/setup-java", "be666c2fcd27ec809703dec50e508c2fdc7f6654", "v5.2.0")
_OTHER_JARS = ("*-sources.jar", "*-javadoc.jar", "*-plain.jar", "*-tests.jar", "original-*.jar")


def refusal(component: Component) -> str:
    """Refuses build tools other than Maven and Gradle, and builds whose result cannot be started directly."""
    if component.package_manager not in _BUILD_TOOLS:
        return "it is built by neither Maven nor Gradle"
    if component.output.endswith("*.war"):
        return "its build produces a WAR, which needs an application server of your choice"
    return "" if component.output else "nothing specifies where its build puts the program"


def steps(component: Component) -> list[Step]:
    """A JDK with the cache of the build tool, and the build itself if there are no tests to run it."""
    version = _version(component) if component.version else default_version(RUNTIME.default)
    options = {"distribution": "temurin", "java-version": version, "cache": component.package_manager}
    build = {"name": "Build", "run": shlex.join(component.build)}
    return [{"uses": _SETUP.reference, "with": options}, *([] if component.test else [build])]


def image(component: Component) -> list[str]:
    """Two stages: the JDK and the build tool stay out of the final image."""
    version = _version(component) or RUNTIME.default
    wrapper = component.build[0].startswith("./")
    builder = _JDK if wrapper else _BUILD_TOOLS[component.package_manager]
    return [
        f"FROM {builder.reference(version)} AS build",
        "WORKDIR /src",
        "COPY . .",
        f"RUN {shlex.join(component.build)}",
        _collect(component),
        "",
        f"FROM {_JRE.reference(version)}",
        "WORKDIR /app",
        "ENV JAVA_TOOL_OPTIONS=-XX:MaxRAMPercentage=75.0",
        "COPY --from=build /out ./",
    ]


def command(component: Component) -> Command:
    """Starts the build's result without a shell, so that signals reach it."""
    if _is_jar(component):
        return ("java", "-jar", "app.jar")
    if component.output.endswith("quarkus-app"):
        return ("java", "-jar", "quarkus-run.jar")
    return (f"bin/{component.output.rpartition('/')[2]}",)


def _version(component: Component) -> str:
    """The oldest supported release that runs the component: code compiled for a release too old to have an image runs
    on a later one."""
    if not component.version:
        return ""
    later = (release for release in RUNTIME.supported if int(release) >= int(component.version))
    return next(later, component.version)


def _is_jar(component: Component) -> bool:
    return component.output.endswith("*.jar")


def _collect(component: Component) -> str:
    """The line that copies the build's result to /out, where the next stage finds it under one name."""
    output = f"{component.inside}/{component.output}" if component.inside else component.output
    if not _is_jar(component):
        return f"RUN cp -R {shlex.quote(output)} /out"
    others = " ".join(f"/out/{pattern}" for pattern in _OTHER_JARS)
    return f"RUN mkdir /out && cp {output} /out/ && rm -f {others} && mv /out/*.jar /out/app.jar"
