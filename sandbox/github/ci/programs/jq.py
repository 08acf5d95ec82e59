"""A stand-in for jq: `-r`, `-e`, and filters of the form `.name`, `.a.b`, `.`, over what comes in."""

# ruff: noqa: T201 - a command speaks by printing

import argparse
import json
import re
import sys


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="jq (stand-in)")
    parser.add_argument("-r", "--raw-output", action="store_true")
    parser.add_argument("-e", "--exit-status", action="store_true")
    parser.add_argument("filter")
    asked = parser.parse_args(arguments)
    if not re.fullmatch(r"\.|(\.[A-Za-z_]\w*)+", asked.filter):
        print(f"jq (stand-in): does not know the filter {asked.filter}", file=sys.stderr)
        return 2
    try:
        found = json.load(sys.stdin)
        for name in filter(None, asked.filter.split(".")):
            found = found.get(name) if found is not None else None
    except (ValueError, AttributeError) as error:
        print(f"jq: error: {error}", file=sys.stderr)
        return 5
    print(found if asked.raw_output and isinstance(found, str) else json.dumps(found, indent=2))
    return 1 if asked.exit_status and found in (None, False) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
