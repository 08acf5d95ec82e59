"""What is wrong with an input, and where: two inputs with the same signature show the same fault."""

import traceback
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAX_LINE = 300
"""Characters of a line that is shown: messages quote their input."""


@dataclass(frozen=True)
class Failure:
    """`signature` is the exception and the innermost line of ours, or `hang` or `memory`; `description` is for people."""

    signature: str
    description: str


HANG = Failure("hang", "It did not end in time.")
MEMORY = Failure("memory", "It needed too much memory.")


def of(error: BaseException) -> Failure:
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.startswith(str(ROOT)) and ".venv" not in frame.filename
    ]
    place = f"{Path(frames[-1].filename).relative_to(ROOT)}:{frames[-1].lineno}" if frames else "elsewhere"
    lines = "".join(traceback.format_exception(error, limit=-8)).splitlines()
    return Failure(f"{type(error).__name__} at {place}", "\n".join(line[:MAX_LINE] for line in lines))
