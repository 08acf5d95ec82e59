"""How much one reading may use, and how many there are at once."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Per process that asks. Times are seconds, memory is bytes."""

    seconds: float = 15
    """For one answer. Real repositories take less than one second."""
    memory: int = 192 * 1024**2
    """Address space that a child may use besides what it has after its start."""
    children: int = 2
    patience: float = 15
    """How long others wait for a child before Onramp asks them to try again."""
    answers: int = 200
    """After so many answers a new child takes over, so that nothing of earlier repositories stays."""
    starting: float = 60
    longest_answer: int = 32 * 1024**2
    """Bytes. The largest repository within the limits of `stacks` needs far less."""
