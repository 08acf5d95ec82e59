"""A stand-in for curl with the options `-s -S -f -H` and one URL, as workflows use it."""

# ruff: noqa: T201 - a command prints its output

import argparse
import sys
import urllib.error
import urllib.request

TIMEOUT = 60


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="curl (stand-in)")
    parser.add_argument("url")
    parser.add_argument("-H", "--header", action="append", default=[])
    for short, long in (("-s", "--silent"), ("-S", "--show-error"), ("-f", "--fail")):
        parser.add_argument(short, long, action="store_true")
    options = parser.parse_args(arguments)
    if not options.url.startswith(("http://", "https://")):
        print(f"curl: (1) Protocol of {options.url} not supported", file=sys.stderr)
        return 1
    headers = {name: value.strip() for name, value in (header.split(":", 1) for header in options.header)}
    try:
        request = urllib.request.Request(options.url, headers=headers)  # noqa: S310 - checked above: http or https
        with urllib.request.urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310
            body = response.read()
    except urllib.error.HTTPError as error:
        if options.fail:
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
