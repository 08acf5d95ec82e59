"""Wakes the CI once what it should look at is stored."""

import threading

from django.db import transaction

rung = threading.Event()


def ring() -> None:
    """Wake the CI when the transaction of the caller is through (at once outside of one)."""
    transaction.on_commit(rung.set)
