"""Starts web or worker under bin/dev: `python -m portal.embedded.development web HOST PORT`, or `worker` and Celery's options.

All code is imported first. If it does not import, the traceback goes to the log, to the terminal of bin/dev, and to every
page, until the supervisor restarts both processes after the next change.
"""

import contextlib
import importlib
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

from portal.embedded import traceback_page
from portal.embedded.reloading import Changes, code_files, template_files

ROOT = Path(__file__).resolve().parents[2]
TERMINAL = "ONRAMP_TERMINAL"
"""Name of the variable with the file descriptor of the terminal."""
CHECK_INTERVAL = 0.5
NOT_IMPORTED = {"portal.wsgi"}
"""Importing it would connect the worker's traces as those of a web process; the web process imports it when it serves."""


def main(part: str, *arguments: str) -> None:
    error = import_error()
    if not error:
        _web(*arguments) if part == "web" else _worker(*arguments)
        return
    sys.stderr.write(error)
    sys.stderr.flush()
    if part == "web":
        host, port = arguments
        _print_to_terminal(f"\nThe code does not import. Fix it; web and worker restart automatically.\n\n{error}\n")
        traceback_page.serve(host, int(port), error)
    signal.pause()


def import_error() -> str:
    """The traceback of the first module that does not import; empty where all of them do."""
    try:
        import django  # noqa: PLC0415 - also the settings may be broken

        django.setup()
        for name in _modules():
            importlib.import_module(name)
    except Exception:
        return traceback.format_exc()
    return ""


def _modules() -> Iterator[str]:
    for file in code_files(ROOT):
        parts = file.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if file.suffix == ".py" and parts[-1] != "__main__" and name not in NOT_IMPORTED:
            yield name


def _web(host: str, port: str) -> None:
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    threading.Thread(target=_reload_templates, name="templates", daemon=True).start()
    sys.argv = ["manage.py", "runserver", "--noreload", f"{host}:{port}"]
    execute_from_command_line(sys.argv)


def _reload_templates() -> None:
    """Django caches templates; its own reloader, which clears the cache, is off because the supervisor restarts us."""
    from django.template.autoreload import reset_loaders  # noqa: PLC0415

    changes = Changes(lambda: template_files(ROOT))
    while True:
        time.sleep(CHECK_INTERVAL)
        if changes.happened():
            reset_loaders()


def _worker(*options: str) -> None:
    from celery.__main__ import main as celery  # noqa: PLC0415

    sys.argv = ["celery", *options]
    celery()


def _print_to_terminal(text: str) -> None:
    """The terminal may be closed by now."""
    with contextlib.suppress(OSError):
        os.write(int(os.environ[TERMINAL]), text.encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
