"""The plan of every sample: its files, its objects, its foreseen causes, and the evidence for all of it."""

import pytest
import yaml

from onboarding.content import Content
from tests.plan.world import World

WORKFLOW = ".github/workflows/onramp.yml"


def paths(content: Content) -> set[str]:
    return {one.path for one in content.files}


def kinds(content: Content, change: str) -> set[str]:
    return {one.kind for one in content.objects if one.change == change}


@pytest.mark.parametrize(
    ("name", "language", "start", "port", "health", "metrics"),
    [
        ("parcel-tracker", "Python", "tracker.py", 8080, "/healthz", "/metrics"),
        ("price-feed", "Python", "app.py", 8080, "/healthz", ""),
        ("greeter", "JavaScript", "server.js", 8080, "/healthz", ""),
    ],
)
def test_a_service(world: World, name: str, language: str, start: str, port: int, health: str, metrics: str) -> None:
    content = world.content(f"acme/{name}")
    (one,) = content.components
    assert (one.name, one.root, one.port, one.health_path, one.metrics_path) == (name, "", port, health, metrics)
    assert language.lower() in one.language.lower()
    assert start in " ".join(one.start)
    assert paths(content) >= {WORKFLOW}
    assert any(path.startswith("deploy/") for path in paths(content))
    assert content.can_start
    assert not content.foreseen
    assert not content.warnings
    assert content.namespace == "storefront"


@pytest.mark.parametrize("name", ["parcel-tracker", "greeter", "shop"])
def test_what_decided_is_shown_and_is_there(world: World, name: str) -> None:
    content = world.content(f"acme/{name}")
    tree = world.github("GET", f"/repos/acme/{name}/git/trees/main?recursive=1")["tree"]
    there = {one["path"] for one in tree}
    for component in content.components:
        assert component.evidence
        assert {because.path for because in component.evidence} - {".", component.root} <= there
        assert all(because.says for because in component.evidence)


def test_every_file_comes_with_its_reason_and_its_difference(world: World) -> None:
    for one in world.content("acme/parcel-tracker").files:
        assert one.why
        added = [line[1:] for line in one.diff.splitlines() if line.startswith("+") and not line.startswith("+++")]
        assert added == one.text.splitlines()


def test_the_objects_of_the_files_are_the_objects_that_are_shown(world: World) -> None:
    content = world.content("acme/parcel-tracker")
    written = [
        one for file in content.files if file.path.startswith("deploy/") for one in yaml.safe_load_all(file.text)
    ]
    shown = [one for one in content.objects if one.change == "by the pipeline"]
    assert {(one["kind"], one["metadata"]["name"]) for one in written if one} == {(one.kind, one.name) for one in shown}
    assert {"Deployment", "Service", "Ingress"} <= kinds(content, "by the pipeline")
    assert {"Namespace", "ResourceQuota", "LimitRange", "NetworkPolicy", "Role", "RoleBinding"} <= kinds(content, "new")


def test_a_plan_holds_no_secret(world: World) -> None:
    shown = world.content("acme/parcel-tracker").model_dump_json()
    for secret in ("sandbox-onramp-token", "sandbox-onramp-cluster-token", "sandbox-webhook-secret"):
        assert secret not in shown


def test_the_shop_has_three_components(world: World) -> None:
    content = world.content("acme/shop")
    found = {one.name: (one.root, one.language.lower(), one.metrics_path) for one in content.components}
    assert set(found) == {"web", "api", "worker"}
    assert found["api"] == ("api", "python", "/metrics")
    assert found["web"][1].startswith(("node", "javascript"))
    assert found["worker"][:2] == ("worker", "python")
    assert [path for path in paths(content) if path.startswith(".github/")] == [WORKFLOW]
    for name in found:
        assert any(path.startswith(f"deploy/{name}/") for path in paths(content))


def test_the_attic_is_unknown_and_says_what_was_looked_at(world: World) -> None:
    content = world.content("acme/attic")
    assert not content.components
    assert not content.files
    assert not content.can_start
    assert "No manifest" in content.unknown
    assert {"Makefile", "README.txt"} <= set(content.looked_at)


def test_the_museum_is_archived_and_that_is_foreseen(world: World) -> None:
    (cause,) = world.content("acme/museum").foreseen
    assert (cause.kind, cause.owner, cause.ticket) == ("repository-archived", "team", False)
    assert "archived" in cause.summary


def test_the_orphan_has_no_owner_and_that_is_foreseen(world: World) -> None:
    content = world.content("acme/orphan")
    (cause,) = content.foreseen
    assert (cause.kind, cause.owner, cause.ticket) == ("no-owning-team", "platform", True)
    assert "Storefront" in cause.explanation, "the plan says whose namespace it assumes"


def test_the_vault_is_nothing_that_alice_may_know_of(world: World) -> None:
    seen = world.refused(world.url("acme/vault"))
    absent = world.refused(world.url("acme/no-such-thing"))
    assert (seen.kind, seen.says.replace("vault", "no-such-thing")) == (absent.kind, absent.says)
    assert world.content("acme/vault", world.cast.charlie).namespace == "payments"


def test_any_repository_that_is_pushed_can_be_planned(world: World) -> None:
    head = world.push(
        "till",
        {
            "Procfile": "web: python till.py\n",
            "requirements.txt": "",
            "till.py": 'import os\nport = int(os.environ.get("PORT", "9000"))\nHEALTH = "/livez"\n',
        },
    )
    content = world.content("acme/till")
    (one,) = content.components
    assert (content.head, content.branch) == (head, f"onramp/onboard-{head[:7]}")
    assert (one.port, one.health_path) == (9000, "/livez")
    assert content.can_start


def test_the_pipeline_is_let_in_by_its_default_branch(world: World) -> None:
    """Before the repository is known to the catalog as well as afterwards."""
    for _ in range(2):
        bindings = [one.manifest for one in world.content("acme/shop").objects if one.kind == "RoleBinding"]
        subjects = [subject["name"] for one in bindings for subject in one["subjects"]]
        assert "github:repo:acme/shop:ref:refs/heads/main" in subjects


def test_the_same_repository_gives_the_same_plan(world: World) -> None:
    first, second = world.plan("acme/shop"), world.plan("acme/shop")
    assert first.pk != second.pk
    assert first.content == second.content
    assert first.digest == second.digest
    assert first.digest == Content.model_validate(first.content).digest()
    assert first.digest != world.plan("acme/greeter").digest
