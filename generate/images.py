"""Base images of generated Dockerfiles, pinned by digest where one is known. Each language declares its own.

The digests were looked up on 2026-11-27 in public Dockerfiles that pin these tags by digest, not in a registry. They
are the newest found, most of them in two files or more. A version without a digest was pinned in none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class BaseImage:
    """`name` includes the tag, with {} for a version. `digests` maps versions to digests ("" if the tag has no
    version)."""

    name: str
    digests: Mapping[str, str] = field(default_factory=dict)

    def reference(self, version: str = "") -> str:
        """The image as a FROM line names it: by tag, and by digest if one is known."""
        name, digest = self.name.format(version), self.digests.get(version)
        return f"{name}@{digest}" if digest else name
