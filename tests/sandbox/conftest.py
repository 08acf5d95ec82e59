"""The fixtures of a running sandbox; see `process`."""

from tests.sandbox.process import behaving, sandbox

__all__ = ["behaving", "sandbox"]
