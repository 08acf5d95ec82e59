"""What a process loads when it starts, so that no request and no step pays for it."""

import gc

from integrations import providers


def load() -> None:
    """Load every provider's client, and exempt everything that is loaded by now from garbage collection.

    Those are some 250,000 objects that live as long as the process. Looking through all of them stops it for 0.15 s, about
    once in each onboarding. A process forked from this one shares their memory for longer.
    https://docs.python.org/3/library/gc.html#gc.freeze
    """
    for capability in providers.capabilities():
        capability.registrations()
    gc.collect()
    gc.freeze()
