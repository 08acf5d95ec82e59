"""A stand-in for jq with `-r`, `-e` and filters of the form `.name`, `.a.b` and `.`, applied to standard input."""

# ruff: noqa: T201 - a command prints its output

import argparse
import json
import re
import sys


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="jq (stand-in)")
    parser.add_argument("-r", "--raw-output", action="store_true")
    parser.add_argument("-e", "--exit-status", action="store_true")
    parser.add_argument("filter")
    options = parser.parse_args(arguments)
    if not re.fullmatch(r"\.|(\.[A-Za-z_]\w*)+", options.filter):
        print(f"jq (stand-in): unsupported filter {options.filter}", file=sys.stderr)
        return 2
    try:
        value = json.load(sys.stdin)
        for name in filter(None, options.filter.split(".")):
            value = value.get(name) if value is not None else None
    except (ValueError, AttributeError) as error:
        print(f"jq: error: {error}", file=sys.stderr)
        return 5
    print(value if options.raw_output and isinstance(value, str) else json.dumps(value, indent=2))
    return 1 if options.exit_status and value in (None, False) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
