"""Actions that generated workflows use, pinned by commit. Each language declares its own; the shared ones are here.

The commits were looked up on 2026-11-23 and 2026-11-27 in public workflows that pin these versions; the versions of
package managers (in the modules of their languages) are those on PyPI and npm on those days.
"""

from dataclasses import dataclass

from generate.yaml_text import commented

KUBECTL_VERSION = "v1.34.1"


@dataclass(frozen=True)
class PinnedAction:
    """An action, the commit to run and the version that this commit is."""

    name: str
    commit: str
    version: str

    @property
    def reference(self) -> str:
        """The value of `uses`, with the version as a comment."""
        return commented(f"{self.name}@{self.commit}", self.version)


CHECKOUT = PinnedAction("actions/checkout", "8e8c483db84b4bee98b60c0593521ed34d9990e8", "v6.0.1")
BUILDX = PinnedAction("docker/setup-buildx-action", "8d2750c68a42422c14e847fe6c8ac0403b4cbd6f", "v3.12.0")
LOGIN = PinnedAction("docker/login-action", "5e57cd118135c172c3672efd75eb46360885c0ef", "v3.6.0")
BUILD_PUSH = PinnedAction("docker/build-push-action", "263435318d21b8e681c14492fe198d362a7d2c83", "v6.18.0")
KUBECTL = PinnedAction("azure/setup-kubectl", "776406bce94f63e41d621b960d78ee25c8b76ede", "v4.0.1")


def default_version(version: str) -> str:
    """The version that a setup action gets if the repository specifies none; a comment says so."""
    return commented(version, "the repository specifies no version")
