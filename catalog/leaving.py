"""What follows when a person leaves: parts above the catalog register themselves, as it knows none of them."""

from collections.abc import Callable

from catalog.models import Person

Listener = Callable[[Person], object]
_listeners: list[Listener] = []


def on_departure(listener: Listener) -> None:
    """`listener` is called for every person who is on no team any more. Registered at start-up."""
    _listeners.append(listener)


def announce(person: Person) -> None:
    """The person has left: their sessions end now, in the caller's transaction."""
    for listener in _listeners:
        listener(person)
