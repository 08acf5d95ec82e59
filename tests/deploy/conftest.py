"""The fixture `sandbox`: see `tests.sandbox.process`."""

from tests.sandbox.process import sandbox

__all__ = ["sandbox"]
