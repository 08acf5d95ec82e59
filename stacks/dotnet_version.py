"""The .NET version that a project targets."""

from xml.etree.ElementTree import Element

import patterns
from stacks import pinning
from stacks.components import Evidence
from stacks.dotnet_project import property_text
from stacks.folder import Folder
from stacks.runtimes import Runtime
from stacks.values import as_table, as_text

RUNTIME = Runtime(
    ".NET",
    default="10.0",
    supported=("10.0",),
    ended=("2.1", "3.1", "5.0", "6.0", "7.0", "8.0", "9.0"),
    as_of="2026-11",  # https://dotnet.microsoft.com/platform/support/policy: 8 and 9 ended on 2026-11-10
)
_SDK = patterns.compile(r"\d{1,2}\.\d\.\d{1,3}")
_FRAMEWORK = patterns.compile(r"net(?:coreapp)?(\d{1,2}\.\d)")


def version(folder: Folder, root: Element, project: str) -> tuple[str, list[Evidence]]:
    frameworks = property_text(root, "TargetFramework") or property_text(root, "TargetFrameworks").split(";")[0]
    target = _FRAMEWORK.match(frameworks)
    if target:
        evidence = Evidence(folder.path(project), None, f"targets .NET {target[1]}")
        return pinning.checked(folder, RUNTIME, target[1], evidence)
    sdk = as_text(as_table(folder.jsonc("global.json").get("sdk")).get("version"))
    if _SDK.fullmatch(sdk):
        return ".".join(sdk.split(".")[:2]), [Evidence(folder.path("global.json"), None, f"pins the SDK {sdk}")]
    managed = pinning.pinned(folder, "dotnet")
    return (".".join(managed[0].split(".")[:2]), [managed[1]]) if managed else ("", [])
