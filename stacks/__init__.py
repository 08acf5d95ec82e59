"""Read a repository: pure functions from paths and texts to components with evidence, or to a reason for none.

Each language is one module that declares a `family.Family`, listed in `families.FAMILIES`.
"""

from stacks.candidates import worth
from stacks.choosing import wanted
from stacks.components import Command, Component, Evidence, Role, Setting
from stacks.families import LOCKS
from stacks.listing import readable
from stacks.naming import label
from stacks.reading import read
from stacks.result import Reading, Unknown
from stacks.safety import harmless

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
    "readable",
    "wanted",
    "worth",
]
