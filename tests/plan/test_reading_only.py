"""Planning changes nothing: neither by what it asks, nor by what it could ask."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from integrations import http, providers
from integrations.chat import mail
from integrations.http import EffectWhilePlanning
from integrations.source import Head, NewFile
from tests.plan.world import World

ROOM = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "storefront"}}
HEAD = Head("0" * 40, "0" * 40, protected=False)
EFFECTS: dict[str, Callable[[], Any]] = {
    "hook": lambda: providers.provider("source").create_hook("acme/greeter", "http://127.0.0.1:1/"),
    "commit": lambda: providers.provider("source").commit(
        "acme/greeter", HEAD, [NewFile("a", "b")], "no", datetime.now(UTC)
    ),
    "branch": lambda: providers.provider("source").branch("acme/greeter", "no", "0" * 40),
    "pull request": lambda: providers.provider("source").open_pull("acme/greeter", "no", "main", "no", "no"),
    "re-run": lambda: providers.provider("pipelines").rerun("acme/greeter", 1),
    "apply": lambda: providers.provider("cluster").apply(ROOM),
    "delete": lambda: providers.provider("cluster").delete(
        "ResourceQuota", "onramp-allowances", "storefront", "platform"
    ),
    "retention": lambda: providers.provider("logs").ensure_retention("storefront", 30),
    "ticket": lambda: providers.provider("issues").create(project="PLAT", summary="no", body="no", mark="no"),
    "comment": lambda: providers.provider("issues").comment("1", "no"),
    "chat": lambda: providers.provider("chat").tell("#storefront", "no", "no"),
    "mail": lambda: mail.send("alice@acme.example", "no", "no", key="no"),
}


@pytest.mark.parametrize("effect", EFFECTS)
def test_no_provider_changes_anything_while_planning(world: World, effect: str) -> None:
    with world.reading_only(), http.reading(), pytest.raises(EffectWhilePlanning):
        EFFECTS[effect]()


def test_what_is_declared_free_passes_while_planning(world: World) -> None:
    with world.reading_only(), http.reading():
        providers.provider("cluster").dry_run([ROOM])
        providers.provider("cluster").may("patch", "Deployment", "storefront", user="somebody")
    assert {one["method"] for one in world.asked()} == {"PATCH", "POST"}
