"""Planning changes nothing, because every call with an effect is refused while planning."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from integrations import http
from integrations.chat import chat, mail
from integrations.cluster import cluster
from integrations.http import EffectWhilePlanning
from integrations.issues import issues
from integrations.logs import logs
from integrations.pipelines import pipelines
from integrations.source import Head, NewFile, source
from tests.plan.world import World

NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "storefront"}}
HEAD = Head("0" * 40, "0" * 40, protected=False)
EFFECTS: dict[str, Callable[[], Any]] = {
    "hook": lambda: source().create_hook("acme/greeter", "http://127.0.0.1:1/"),
    "commit": lambda: source().commit("acme/greeter", HEAD, [NewFile("a", "b")], "no", datetime.now(UTC)),
    "branch": lambda: source().branch("acme/greeter", "no", "0" * 40),
    "pull request": lambda: source().open_pull("acme/greeter", "no", "main", "no", "no"),
    "re-run": lambda: pipelines().rerun("acme/greeter", 1),
    "apply": lambda: cluster().apply(NAMESPACE),
    "delete": lambda: cluster().delete("ResourceQuota", "onramp-allowances", "acme-storefront", "platform"),
    "retention": lambda: logs().ensure_retention("storefront", 30),
    "ticket": lambda: issues().create(project="PLAT", summary="no", body="no", marker="no"),
    "comment": lambda: issues().comment("1", "no"),
    "chat": lambda: chat().send("#storefront", "no", "no"),
    "mail": lambda: mail.send("alice@acme.example", "no", "no", key="no"),
}


@pytest.mark.parametrize("effect", EFFECTS)
def test_a_call_with_an_effect_is_refused_while_planning(world: World, effect: str) -> None:
    with world.read_only(), http.read_only(), pytest.raises(EffectWhilePlanning):
        EFFECTS[effect]()


def test_a_side_effect_free_call_is_allowed_while_planning(world: World) -> None:
    with world.read_only(), http.read_only():
        cluster().dry_run([NAMESPACE])
        cluster().may("patch", "Deployment", "storefront", user="somebody")
    to_cluster = [request for request in world.request_log() if request["provider"] == "kubernetes"]
    assert {request["method"] for request in to_cluster} == {"PATCH", "POST"}
