"""The sandbox's process: the HTTP server and the background threads."""

import threading

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

from sandbox import settings
from sandbox.github import ci
from sandbox.kubernetes import runtime
from sandbox.messages import smtp
from sandbox.world import processes
from sandbox.world import samples as sample_world
from sandbox.world.http_server import Handler, Server


def run(port: int, smtp_port: int, samples: bool, stop: threading.Event) -> None:
    """Serve until `stop` is set. Prints one line when the sandbox is ready. Raises OSError when a port is in use."""
    settings.DATA.mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0)
    server = Server(("127.0.0.1", port), Handler)
    server.set_app(get_wsgi_application())
    threading.Thread(target=server.serve_forever, name="http", daemon=True).start()
    stops = [smtp.start(smtp_port)]
    if samples:
        sample_world.fill()
    if settings.BACKGROUND:
        processes.end_leftovers()
        stops += [ci.start(), runtime.start()]
    print(f"The sandbox is ready at {settings.BASE_URL}", flush=True)  # noqa: T201 - the parent process waits for this line
    stop.wait()
    for close in reversed(stops):
        close()
    server.shutdown()
