"""Runs what workflow files say: see `engine` for which job is next and `runner` for what happens inside of one."""

from collections.abc import Callable

from sandbox.github import pushes, webhooks


def start() -> Callable[[], None]:
    """Start what works behind GitHub's answers, and tell what a crash kept back; returns what stops it again."""
    pushes.settle_everything()
    return webhooks.start()
