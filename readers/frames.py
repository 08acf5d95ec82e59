"""Messages over an unbuffered pipe: eight bytes for the length, then as many bytes.

Without a buffer there is nothing that a process forked in the middle of a message could write a second time.
"""

from io import RawIOBase

_HEADER = 8


class TooLong(Exception):
    """The other side announces a message that is longer than allowed."""


def write(pipe: RawIOBase, message: bytes) -> None:
    """Raises OSError if nobody reads."""
    for part in (len(message).to_bytes(_HEADER, "big"), message):
        rest = memoryview(part)
        while rest:
            rest = rest[pipe.write(rest) or 0 :]


def read(pipe: RawIOBase, longest: int) -> bytes:
    """Raises EOFError if the other side ended, TooLong, OSError."""
    length = int.from_bytes(_exactly(pipe, _HEADER), "big")
    if length > longest:
        raise TooLong
    return _exactly(pipe, length)


def _exactly(pipe: RawIOBase, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        part = pipe.read(min(length - len(parts), 1024**2))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)
