"""No identifier, string or page outside `integrations/` names a vendor.

File formats can be named where they are written or read (`generate/`, `stacks/`), and the sign-in in the settings.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("api", "database", "tenancy", "engine", "events", "catalog", "onboarding", "dashboard", "portal")
VENDOR = re.compile(
    r"github|gitlab|travis|jira|slack|spinnaker|fiaas|artifactory|ghcr|prometheus|datadog|elastic|kibana|sumo|pagerduty",
    re.IGNORECASE,
)
ALLOWED = {
    "portal/settings.py": "signs people in with the source host's OAuth",
    "portal/urls.py": "signs people in with the source host's OAuth",
    "portal/embedded/supervisor.py": "lists what the sandbox simulates",
    "portal/embedded/__main__.py": "lists what the sandbox simulates",
    "portal/embedded/environment.py": "configures the demo's providers as an operator would",
    "dashboard/views/operations.py": "exposes our own figures in the Prometheus text format",
    "templates/dashboard/operations.html": "says where Prometheus finds our own figures",
    "templates/portal/sign_in.html": "signs people in with the source host's OAuth",
    "templates/portal/demo_people.html": "signs people in with the source host's OAuth",
}
"""File → why it may name a vendor."""


def product_files() -> list[Path]:
    return [
        path
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if "migrations" not in path.parts and str(path.relative_to(ROOT)) not in ALLOWED
    ]


def _docstrings(tree: ast.Module) -> set[int]:
    """The ids of nodes that are docstrings: they may name an example."""
    expressions = (node for node in ast.walk(tree) if isinstance(node, ast.Expr))
    return {id(node.value) for node in expressions if isinstance(node.value, ast.Constant)}


def vendors_in(source: str) -> Iterator[tuple[int, str]]:
    """(line, text) of every identifier, import and string that names a vendor."""
    tree = ast.parse(source)
    documentation = _docstrings(tree)
    for node in ast.walk(tree):
        texts: list[str] = []
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            texts = [node.value]
        elif isinstance(node, ast.Name):
            texts = [node.id]
        elif isinstance(node, ast.Attribute):
            texts = [node.attr]
        elif isinstance(node, ast.ImportFrom):
            texts = [node.module or "", *(alias.name for alias in node.names)]
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            texts = [node.name]
        for text in texts:
            if VENDOR.search(text):
                yield getattr(node, "lineno", 0), text


def test_no_vendor_is_named_outside_integrations() -> None:
    findings = [
        f"{path.relative_to(ROOT)}:{line}: {text[:80]!r}"
        for path in product_files()
        for line, text in vendors_in(path.read_text(encoding="utf-8"))
    ]
    assert not findings, "\n".join(["Move the vendor's name into its provider (integrations/):", *findings])


def test_no_page_names_a_vendor() -> None:
    findings = [
        f"{name}:{number}: {line.strip()[:80]}"
        for template in sorted((ROOT / "templates").rglob("*.html"))
        if (name := str(template.relative_to(ROOT))) not in ALLOWED
        for number, line in enumerate(template.read_text(encoding="utf-8").splitlines(), 1)
        if VENDOR.search(line)
    ]
    assert not findings, "\n".join(["Move the vendor's name into its provider (integrations/):", *findings])


@pytest.mark.parametrize(
    "source",
    [
        'raise Missing("jira", "gone")',
        "from integrations.source import github",
        'path = f".github/{name}"',
        "slack = connect()",
        "class Datadog: ...",
    ],
)
def test_a_vendors_name_is_recognised(source: str) -> None:
    assert list(vendors_in(source))


def test_a_docstring_may_name_a_vendor_as_an_example() -> None:
    assert not list(vendors_in('"""For example GitHub."""'))
