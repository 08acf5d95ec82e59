"""Run the sandbox: `python -m sandbox --port 8801 --data var/sandbox`."""

import argparse
import os
import signal
import sys
import threading
from types import FrameType


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8801, help="HTTP port on the loopback (default 8801)")
    parser.add_argument("--data", default="var/sandbox", help="folder for the database and the repositories")
    parser.add_argument("--empty", action="store_true", help="do not create the sample repositories")
    parser.add_argument(
        "--smtp-port", type=int, default=0, help="SMTP port of the mailbox (default 0, which means --port + 1)"
    )
    return parser.parse_args()


def main() -> None:
    options = arguments()
    os.environ["SANDBOX_PORT"] = str(options.port)
    os.environ["SANDBOX_DATA"] = options.data
    os.environ["DJANGO_SETTINGS_MODULE"] = "sandbox.settings"

    import django  # noqa: PLC0415 - settings are read from the environment set above

    django.setup()
    from sandbox import server  # noqa: PLC0415 - needs the apps loaded

    stop = threading.Event()

    def request_stop(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, request_stop)
    signal.signal(signal.SIGTERM, request_stop)
    server.run(port=options.port, smtp_port=options.smtp_port or options.port + 1, samples=not options.empty, stop=stop)
    sys.exit(0)


if __name__ == "__main__":
    main()
