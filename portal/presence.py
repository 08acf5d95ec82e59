"""Signing in and out is recorded like everything else that people do."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver

from catalog.models import Person
from events.log import record


@receiver(user_logged_in)
def signed_in(sender: Any, user: Person, **kwargs: Any) -> None:
    record("onramp.person.signed_in", f"person:{user.username}", person=user.username)


@receiver(user_logged_out)
def signed_out(sender: Any, user: Person | None, **kwargs: Any) -> None:
    """`user` is None where nobody was signed in."""
    if user is not None:
        record("onramp.person.signed_out", f"person:{user.username}", person=user.username)
