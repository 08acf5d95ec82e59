"""What a .NET project file declares. https://learn.microsoft.com/dotnet/core/project-sdk/overview"""

from xml.etree.ElementTree import Element

import patterns

_NAME = patterns.compile(r"[\w. -]+")


def kind(root: Element) -> str:
    """The kind of program that a project builds; empty if it builds a library."""
    if is_web(root):
        return "web project"
    if root.get("Sdk") == "Microsoft.NET.Sdk.Worker":
        return "worker"
    return "program" if property_text(root, "OutputType").lower() == "exe" else ""


def is_web(root: Element) -> bool:
    """Blazor WebAssembly, whose SDK ends with "Assembly", runs in a browser."""
    sdk = root.get("Sdk", "")
    return sdk.startswith("Microsoft.NET.Sdk.Web") and not sdk.endswith("Assembly")


def runs_elsewhere(root: Element, packages: set[str]) -> bool:
    """Whether it is a desktop or mobile application, or an Aspire host, which starts the others for development."""
    aspire = root.get("Sdk", "").startswith("Aspire") or "Aspire.Hosting.AppHost" in packages
    aspire = aspire or any(sdk.get("Name", "").startswith("Aspire.AppHost") for sdk in root.iter("Sdk"))
    return aspire or any(is_true(root, name) for name in ("UseMaui", "UseWPF", "UseWindowsForms", "IsAspireHost"))


def assembly(root: Element, project: str) -> str:
    """The name of the program."""
    name = property_text(root, "AssemblyName")
    return name if _NAME.fullmatch(name) else project.rpartition(".")[0]


def property_text(root: Element, name: str) -> str:
    return next(((element.text or "").strip() for element in root.iter(name)), "")


def is_true(root: Element, name: str) -> bool:
    return property_text(root, name).lower() == "true"
