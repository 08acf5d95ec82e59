"""What can go wrong on somebody's machine, each with what to do about it."""


class EmbeddedError(Exception):
    """Says in one or two sentences what happened and what helps."""


class Taken(EmbeddedError):
    """A port or a folder belongs to somebody else; `bin/demo` ends with 2."""
