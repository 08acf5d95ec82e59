"""Reading a repository: pure functions from a listing and the text of its manifests to components, or an honest unknown.

A family is one module with `MARKERS` and `read`; a new language is one more module and one line in `FAMILIES`.
"""

from onboarding.stacks.components import Component, Evidence, Reading, Setting, Unknown
from onboarding.stacks.reading import harmless, read, wanted

__all__ = ["Component", "Evidence", "Reading", "Setting", "Unknown", "harmless", "read", "wanted"]
