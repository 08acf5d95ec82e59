"""What can go wrong on a person's machine. Each message says what happened and what to do."""


class EmbeddedError(Exception):
    """The message is one or two sentences for people."""


class InUse(EmbeddedError):
    """Another process uses a port or the data folder; `bin/demo` exits with 2."""
