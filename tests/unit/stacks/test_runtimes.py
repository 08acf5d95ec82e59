"""Versions that a range allows."""

import pytest

from stacks.runtimes import Runtime

NODE = Runtime("Node", "24", ("22", "24"), ("18", "20"), "2026-11")
PYTHON = Runtime("Python", "3.13", ("3.11", "3.12", "3.13", "3.14"), ("3.9", "3.10"), "2026-11")


@pytest.mark.parametrize(
    ("version_range", "version"),
    [
        (">=3.11", "3.11"),
        (">3.11", "3.11"),
        (">=3.12,<3.14", "3.12"),
        ("<=3.12", "3.11"),
        ("!=3.11,>=3.11", "3.12"),
        ("~=3.12", "3.12"),
        ("==3.13.*", "3.13"),
        ("^3.12", "3.12"),
        ("3.14.1", "3.14"),
        ("==3.9.7", "3.9"),
        (">=4", "4"),
        ("*", ""),
        ("", ""),
        ("<" * 100_000, ""),
    ],
)
def test_a_range_of_python(version_range: str, version: str) -> None:
    assert PYTHON.allowed(version_range) == version


@pytest.mark.parametrize(
    ("version_range", "version"),
    [
        (">=20", "22"),
        ("^20.1 || ^24", "24"),
        ("20 - 24", "22"),
        ("22.x", "22"),
        ("~22.3", "22"),
        ("v24.0.0", "24"),
        (">=16 <19", "16"),
        ("18", "18"),
    ],
)
def test_a_range_of_node(version_range: str, version: str) -> None:
    assert NODE.allowed(version_range) == version


def test_only_versions_without_fixes_get_a_complaint() -> None:
    assert "20" in NODE.complaint("20")
    assert "3.10" in PYTHON.complaint("3.10")
    assert not PYTHON.complaint("3.11")
    assert not NODE.complaint("26")
    assert not NODE.complaint("")
