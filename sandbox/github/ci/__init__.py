"""Executes workflow runs: `engine` chooses the next job and `runner` executes it."""

from collections.abc import Callable

from sandbox.github import pushes, webhooks
from sandbox.github.ci.engine import Engine


def start() -> Callable[[], None]:
    """Start GitHub's background work and announce missed changes. Returns a function that stops it."""
    pushes.announce_missed_changes()
    stop_webhooks = webhooks.start()
    engine = Engine()
    engine.start()

    def close() -> None:
        engine.close()
        stop_webhooks()

    return close
