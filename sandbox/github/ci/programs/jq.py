"""A stand-in for jq: `-r`, `-e`, and filters of the form `.name`, `."name"`, `.[0]`, `.a.b[1].c`, `.`."""

# ruff: noqa: T201 - a command speaks by printing

import json
import re
import sys
from typing import Any

PART = re.compile(r'\.?"([^"]+)"|\.([A-Za-z_]\w*)|\.?\[(\d+)\]|\.')


def select(value: Any, wanted: str) -> Any:
    """The part of `value` that a filter names; None where it is not there. Raises ValueError."""
    place = 0
    while place < len(wanted):
        match = PART.match(wanted, place)
        if not match:
            raise ValueError(f"the stand-in for jq does not know the filter {wanted!r}")
        place = match.end()
        name = match[1] or match[2]
        if name and value is not None:
            if not isinstance(value, dict):
                raise ValueError(f"Cannot index {type(value).__name__} with {name!r}")
            value = value.get(name)
        elif match[3] and value is not None:
            value = value[int(match[3])] if int(match[3]) < len(value) else None
    return value


def main(arguments: list[str]) -> int:
    flags = "".join(word[1:] for word in arguments if re.fullmatch(r"-[a-z]+", word))
    rest = [word for word in arguments if not re.fullmatch(r"-[a-z]+|--raw-output|--exit-status", word)]
    raw = "r" in flags or "--raw-output" in arguments
    if not rest or set(flags) - set("rec"):
        print(f"jq (stand-in): cannot do {' '.join(arguments)}", file=sys.stderr)
        return 2
    try:
        with open(rest[1]) if len(rest) > 1 else sys.stdin as stream:
            found = select(json.load(stream), rest[0])
    except (OSError, ValueError) as error:
        print(f"jq: error: {error}", file=sys.stderr)
        return 5
    print(found if raw and isinstance(found, str) else json.dumps(found, indent=None if "c" in flags else 2))
    return 1 if ("e" in flags or "--exit-status" in arguments) and found in (None, False) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
