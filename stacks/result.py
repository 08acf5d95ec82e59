"""The result of reading a repository: its components, or the reason why nothing can be deployed."""

from dataclasses import dataclass

from stacks.components import Component


@dataclass(frozen=True)
class Unknown:
    """Nothing was recognised that could run: the reason, and the files that were considered."""

    reason: str
    looked_at: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """The content of a repository: `components` to deploy, and `others` that were recognised but are not deployed.

    `unknown` is set when there is nothing to deploy.
    """

    components: tuple[Component, ...]
    unknown: Unknown | None
    warnings: tuple[str, ...]
    others: tuple[Component, ...] = ()

    @property
    def family(self) -> str:
        """The language of the repository: that of its root, or else the most frequent one; empty if none is known."""
        everything = [*self.components, *self.others]
        at_root = next((component.family for component in everything if not component.root), "")
        families = [component.family for component in self.components or self.others]
        return at_root or max(families, key=families.count, default="")
