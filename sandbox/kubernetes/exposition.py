"""Prometheus' text exposition format, read. https://prometheus.io/docs/instrumenting/exposition_formats/"""

import re
from collections.abc import Iterator

_SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?\s*$")
_LABEL = re.compile(r'([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*,?\s*')
_ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


def samples(text: str) -> Iterator[tuple[str, dict[str, str], float]]:
    """(name, labels, value) of every sample. Raises ValueError with the line that cannot be read."""
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        found = _SAMPLE.match(stripped)
        if not found:
            raise ValueError(f"expected a sample, got {stripped[:80]!r}")
        yield found[1], _labels(found[2] or ""), float(found[3].replace("Inf", "inf"))


def _labels(text: str) -> dict[str, str]:
    labels: dict[str, str] = {}
    rest = text.strip()
    while rest:
        found = _LABEL.match(rest)
        if not found:
            raise ValueError(f"expected a label, got {rest[:80]!r}")
        labels[found[1]] = re.sub(r'\\[\\"n]', lambda one: _ESCAPES[one[0]], found[2])
        rest = rest[found.end() :]
    return labels
