"""Runs what workflow files say: see `engine` for which job is next and `runner` for what happens inside of one."""

from collections.abc import Callable

from sandbox.github import pushes, webhooks
from sandbox.github.ci.engine import Engine


def start() -> Callable[[], None]:
    """Start what works behind GitHub's answers, and tell what a crash kept back; returns what stops it again."""
    pushes.settle_everything()
    stop_webhooks = webhooks.start()
    engine = Engine()
    engine.start()

    def close() -> None:
        engine.close()
        stop_webhooks()

    return close
