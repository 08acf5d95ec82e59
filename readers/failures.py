"""Why a repository was not read, as sentences for the person who asked."""


class NotRead(Exception):
    """The repository was not read. `kind` is for machines."""

    kind = "unreadable"
    message = "This repository cannot be read."

    def __init__(self) -> None:
        super().__init__(self.message)


class TooSlow(NotRead):
    """The child was killed at its time limit."""

    kind = "takes-too-long"
    message = (
        "This repository takes too long to read, so Onramp stopped. Very large or deeply nested manifests are the usual "
        "reason: make them smaller and try again, or ask the platform team."
    )


class TooLarge(NotRead):
    """The child reached its memory limit, or its answer is larger than any plan."""

    kind = "needs-too-much-memory"
    message = (
        "This repository needs too much memory to read, so Onramp stopped. Very large or deeply nested manifests are the "
        "usual reason: make them smaller and try again, or ask the platform team."
    )


class Busy(NotRead):
    """All children read other repositories."""

    kind = "busy"
    message = "Onramp is reading other repositories right now. Try again in a minute."


class Failed(NotRead):
    """The child ended without a known reason, or its answer makes no sense."""

    kind = "reading-failed"
    message = "Onramp failed to read this repository. Nothing was changed. Try again, and tell the platform team if it happens twice."
