"""The Java version that a folder pins, or that its build compiles for."""

import patterns
from stacks import pinning
from stacks.components import Evidence
from stacks.folder import Folder
from stacks.jvm import Build
from stacks.runtimes import Runtime

RUNTIME = Runtime(
    "Java",
    default="21",
    supported=("17", "21", "25"),
    ended=("6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16"),
    as_of="2026-11",  # https://adoptium.net/support; 8 and 11 get paid fixes only, or none, depending on the vendor
)
FILES = (
    (
        "system.properties",
        patterns.compile(r"^[ \t]*java\.runtime\.version\s*=\s*(?:[a-z]+-)?(?:1\.)?(\d{1,2})", multiline=True),
    ),
    (".java-version", patterns.compile(r"^[ \t]*(?:[a-z]+-)?(?:1\.)?(\d{1,2})", multiline=True)),
    (".jdk-version", patterns.compile(r"^[ \t]*(?:1\.)?(\d{1,2})", multiline=True)),
    (".sdkmanrc", patterns.compile(r"^[ \t]*java=(\d{1,2})", multiline=True)),
)


def version(folder: Folder, build: Build) -> tuple[str, list[Evidence]]:
    for place in folder.with_workspace:
        for file, pattern in FILES:
            pinned = pinning.file_version(place, file, pattern)
            if pinned:
                evidence = Evidence(place.path(file), None, f"pins Java {pinned}")
                return pinning.checked(folder, RUNTIME, pinned, evidence)
    managed = pinning.pinned(folder, "java")
    if managed:
        return pinning.checked(folder, RUNTIME, managed[0].split(".")[0], managed[1])
    return pinning.checked(folder, RUNTIME, build.version, build.version_evidence) if build.version else ("", [])
