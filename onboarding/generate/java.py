"""The JVM in a pipeline and in an image. https://github.com/actions/setup-java, https://hub.docker.com/_/eclipse-temurin"""

import shlex
from typing import Any

from onboarding.generate.actions import pinned
from onboarding.generate.images import base
from onboarding.generate.text import noted
from onboarding.stacks import Command, Component
from onboarding.stacks.java import RUNTIME

MEMORY = ("256Mi", "512Mi")
_NOT_THE_PROGRAM = ("*-sources.jar", "*-javadoc.jar", "*-plain.jar", "*-tests.jar", "original-*.jar")
_OPTIONS = "ENV JAVA_TOOL_OPTIONS=-XX:MaxRAMPercentage=75.0"


def refuses(one: Component) -> str:
    """Other builds than Maven's and Gradle's."""
    if one.package_manager not in ("maven", "gradle"):
        return "it is built by neither Maven nor Gradle"
    if one.output.endswith("*.war"):
        return "it makes a WAR, which needs an application server of your choice"
    return "" if one.output else "nothing says where its build leaves the program"


def steps(one: Component) -> list[dict[str, Any]]:
    """A JDK with the cache of the build tool, and the build itself where no tests would do it."""
    version = _version(one) if one.version else noted(RUNTIME.default, "the repository names no version")
    options = {"distribution": "temurin", "java-version": version, "cache": one.package_manager}
    found: list[dict[str, Any]] = [{"uses": noted(*pinned("actions/setup-java")), "with": options}]
    if not one.test:
        found.append({"name": "Build", "run": shlex.join(one.build)})
    return found


def image(one: Component) -> list[str]:
    """Two stages: the JDK and the build tool stay out of what runs."""
    version = _version(one) or RUNTIME.default
    wrapped = one.build[0].startswith("./")
    builder = base("jdk", version) if wrapped else base(one.package_manager, version)
    start = [
        f"FROM {builder} AS build",
        "WORKDIR /src",
        "COPY . .",
        f"RUN {shlex.join(one.build)}",
    ]
    return [
        *start,
        *_kept(one),
        "",
        f"FROM {base('jre', version)}",
        "WORKDIR /app",
        _OPTIONS,
        f"COPY --from=build /out {_target(one)}",
    ]


def command(one: Component) -> Command:
    """What the build left, started without a shell, so that signals reach it."""
    if _jar(one):
        return ("java", "-jar", "app.jar")
    if one.output.endswith("quarkus-app"):
        return ("java", "-jar", "quarkus-run.jar")
    return (f"bin/{one.output.rpartition('/')[2]}",)


def _version(one: Component) -> str:
    """The next release that gets fixes, where the one that is compiled for is too old to have an image: what is compiled for
    it runs there."""
    if not one.version:
        return ""
    return next((each for each in RUNTIME.supported if int(each) >= int(one.version)), one.version)


def _jar(one: Component) -> bool:
    return one.output.endswith("*.jar")


def _place(one: Component) -> str:
    return f"{one.inside}/{one.output}" if one.inside else one.output


def _kept(one: Component) -> list[str]:
    """What of the build goes on, put where the next stage finds it under one name."""
    if not _jar(one):
        return [f"RUN cp -R {shlex.quote(_place(one))} /out"]
    beside = " ".join(f"/out/{pattern}" for pattern in _NOT_THE_PROGRAM)
    return [f"RUN mkdir /out && cp {_place(one)} /out/ && rm -f {beside} && mv /out/*.jar /out/app.jar"]


def _target(one: Component) -> str:
    return "./"
