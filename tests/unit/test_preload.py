"""What a process loads when it starts is loaded once, and no garbage collection looks through it."""

import gc
import sys

from integrations import providers
from portal import preload


def test_clients_are_loaded_and_exempt_from_garbage_collection() -> None:
    gc.unfreeze()
    try:
        preload.load()
        assert providers.capability("cluster").registrations()
        assert {"github", "jira", "kubernetes.client"} <= set(sys.modules)
        assert gc.get_freeze_count() > len(gc.get_objects()), "only what has been created since is looked through"
    finally:
        gc.unfreeze()
