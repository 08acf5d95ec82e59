"""The fixtures of a running sandbox; see tests/sandbox/process.py."""

from tests.sandbox.process import behaving, sandbox

__all__ = ["behaving", "sandbox"]
