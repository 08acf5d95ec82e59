"""A stand-in for curl: `-s -S -f -H`, one address, as workflows use it."""

# ruff: noqa: T201 - a command speaks by printing

import argparse
import sys
import urllib.error
import urllib.request

TIMEOUT = 60


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="curl (stand-in)")
    parser.add_argument("address")
    parser.add_argument("-H", "--header", action="append", default=[])
    for short, long in (("-s", "--silent"), ("-S", "--show-error"), ("-f", "--fail")):
        parser.add_argument(short, long, action="store_true")
    asked = parser.parse_args(arguments)
    if not asked.address.startswith(("http://", "https://")):
        print(f"curl: (1) Protocol of {asked.address} not supported", file=sys.stderr)
        return 1
    headers = {name: value.strip() for name, value in (header.split(":", 1) for header in asked.header)}
    try:
        request = urllib.request.Request(asked.address, headers=headers)  # noqa: S310 - only http and https come here
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
            body = answer.read()
    except urllib.error.HTTPError as error:
        if asked.fail:
            print(f"curl: (22) The requested URL returned error: {error.code}", file=sys.stderr)
            return 22
        body = error.read()
    except OSError as error:
        print(f"curl: (7) {error}", file=sys.stderr)
        return 7
    sys.stdout.buffer.write(body)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
