"""The fixtures of planning: see `world`."""

from tests.plan.world import configured, world
from tests.sandbox.process import behaving, sandbox

__all__ = ["behaving", "configured", "sandbox", "world"]
