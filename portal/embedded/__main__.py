"""Onramp on one machine.

bin/demo                          everything, with a pretend outside world
bin/dev                           the same, reading the code anew after every change
bin/dev manage COMMAND …          manage.py against the servers that run
python -m portal.embedded services -- COMMAND …
                                  run a command with a PostgreSQL and a Valkey of its own
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from portal.embedded import environment, services
from portal.embedded.children import ROOT
from portal.embedded.environment import Ports
from portal.embedded.errors import EmbeddedError, Taken
from portal.embedded.folder import Folder
from portal.embedded.supervisor import Options, Supervisor

LAST_PORT = 65_535


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (1 to {LAST_PORT})")
    return int(text)


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m portal.embedded", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
    for name, told in (
        ("demo", "Run Onramp with its servers and a pretend outside world, until Ctrl-C."),
        ("dev", "The same for work on the code: web and worker read it anew after every change."),
    ):
        _add_running(parts.add_parser(name, help=told, description=told, prog=f"bin/{name}", epilog=EPILOG))
    manage = parts.add_parser("manage", help="run manage.py with the environment of what runs from DIR")
    _add_data(manage)
    manage.add_argument("words", nargs=argparse.REMAINDER, help="the command and its options")
    alone = parts.add_parser("services", help="run a command with DATABASE_URL and REDIS_URL of its own servers")
    alone.add_argument("words", nargs=argparse.REMAINDER, help="-- COMMAND …")
    return parser.parse_args(words)


EPILOG = """DATABASE_URL and REDIS_URL, where set, are used instead of the servers from wheels. As root, PostgreSQL runs in a
user namespace or as an ordinary user (ONRAMP_POSTGRES_USER names one). Exit status: 0 stopped, 1 could not start,
2 a port or the folder is taken, or an option is wrong."""


def _add_running(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=_port, default=8800, help="port of Onramp on the loopback (default 8800)")
    parser.add_argument("--sandbox-port", type=_port, help="port of the pretend outside world (default: --port + 1)")
    parser.add_argument("--smtp-port", type=_port, help="port of the pretend mailbox (default: --port + 2)")
    parser.add_argument(
        "--only-sandbox", action="store_true", help="without Onramp: see that what was onboarded goes on by itself"
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
    _add_data(parser)


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, default=ROOT / "var", metavar="DIR", help="folder of all data and logs (default: var)"
    )


def _ports(given: argparse.Namespace) -> Ports:
    sandbox = given.sandbox_port or given.port + 1
    smtp = given.smtp_port or given.port + 2
    if len({given.port, sandbox, smtp}) < 3 or max(sandbox, smtp) > LAST_PORT:
        raise Taken("--port, --sandbox-port and --smtp-port must be three different ports.")
    return Ports(given.port, sandbox, smtp)


def main() -> int:
    given = arguments()
    if given.part in ("demo", "dev"):
        options = Options(
            given.data, _ports(given), not given.no_browser, given.part == "dev", only_sandbox=given.only_sandbox
        )
        return Supervisor(options).run()
    words = given.words[1:] if given.words[:1] == ["--"] else given.words
    if given.part == "services":
        if not words:
            raise EmbeddedError("Name the command to run: python -m portal.embedded services -- COMMAND …")
        return services.run(words, dict(os.environ))
    surroundings = environment.inherited() | Folder(given.data).published()
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    return subprocess.run(command, env=surroundings, check=False).returncode  # noqa: S603 - named by who called us


if __name__ == "__main__":
    try:
        sys.exit(main())
    except EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2 if isinstance(error, Taken) else 1)
