"""Refuses components whose texts must not reach generated files."""

import patterns
from stacks.components import Component

_PART = rf"[{patterns.WORD}.@+][{patterns.WORD}.@+-]*"
_OUTPUT = patterns.compile(rf"/?[{patterns.WORD}.*@+-]+(/[{patterns.WORD}.*@+-]+)*")
_FOLDER = patterns.compile(rf"{_PART}(/{_PART})*")


def safe(component: Component, warnings: list[str]) -> bool:
    """Whether no text of the component brings an expression or a control character into generated files.

    Warns about a component that is left out.
    """
    unsafe = next((text for text in _generated_texts(component) if not harmless(text)), None)
    if unsafe is None and component.root and not _FOLDER.fullmatch(component.root):
        unsafe = component.root
    if unsafe is None and component.output and (".." in component.output or not _OUTPUT.fullmatch(component.output)):
        unsafe = component.output
    if unsafe is None:
        return True
    shown = unsafe.encode("unicode_escape").decode()[:60]
    warnings.append(
        f"{component.name} was left out: “{shown}” contains an expression, a control character, or a character "
        "that a folder name in a pipeline cannot have. Rename or remove it."
    )
    return False


def harmless(text: str) -> bool:
    """Whether the text contains neither an expression of a pipeline nor a control character."""
    return "${{" not in text and text.isprintable()


def _generated_texts(component: Component) -> tuple[str, ...]:
    """All texts of the component that generated files may contain."""
    return (
        *(component.root, component.container_file, component.ignore_file, component.lock_file),
        *(component.version_file, component.output, *component.manifests),
        *(*component.install, *component.install_production, *component.build, *component.test, *component.start),
        *(component.version, component.health_path, component.metrics_path, component.workspace or ""),
    )
