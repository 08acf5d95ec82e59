"""A stand-in for curl: `-s -S -f -L -H -X -d -o --max-time --retry`, one address, as workflows use it."""

# ruff: noqa: T201 - a command speaks by printing

import argparse
import sys
import urllib.error
import urllib.request


def options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="curl", add_help=False)
    parser.add_argument("address")
    parser.add_argument("-H", "--header", action="append", default=[])
    parser.add_argument("-X", "--request")
    parser.add_argument("-d", "--data")
    parser.add_argument("-o", "--output")
    parser.add_argument("-m", "--max-time", type=float, default=60)
    parser.add_argument("--retry")
    for short, long in (("-s", "--silent"), ("-S", "--show-error"), ("-f", "--fail"), ("-L", "--location")):
        parser.add_argument(short, long, action="store_true")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    asked = options(arguments)
    if not asked.address.startswith(("http://", "https://")):
        print(f"curl: (1) Protocol of {asked.address} not supported", file=sys.stderr)
        return 1
    headers = dict(header.split(":", 1) for header in asked.header)
    request = urllib.request.Request(  # noqa: S310 - only http and https come here
        asked.address,
        data=asked.data.encode() if asked.data else None,
        headers={name: value.strip() for name, value in headers.items()},
        method=asked.request,
    )
    try:
        with urllib.request.urlopen(request, timeout=asked.max_time) as answer:  # noqa: S310
            body = answer.read()
    except urllib.error.HTTPError as error:
        if asked.fail:
            print(f"curl: (22) The requested URL returned error: {error.code}", file=sys.stderr)
            return 22
        body = error.read()
    except OSError as error:
        print(f"curl: (7) {error}", file=sys.stderr)
        return 7
    if asked.output:
        with open(asked.output, "wb") as stream:
            stream.write(body)
    else:
        sys.stdout.buffer.write(body)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
