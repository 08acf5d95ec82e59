"""Reading a repository: pure functions from a listing and the text of its manifests to components, or an honest unknown.

A language is one module that keeps `families.Family`, named in `families.FAMILIES`.
"""

from onboarding.stacks.choosing import wanted, worth
from onboarding.stacks.components import Command, Component, Evidence, Reading, Role, Setting, Unknown
from onboarding.stacks.locked import LOCKS
from onboarding.stacks.naming import label
from onboarding.stacks.reading import harmless, read

__all__ = [
    "LOCKS",
    "Command",
    "Component",
    "Evidence",
    "Reading",
    "Role",
    "Setting",
    "Unknown",
    "harmless",
    "label",
    "read",
    "wanted",
    "worth",
]
