"""The plan of every sample: its files, objects and predicted blockers, with evidence for all of it."""

import re

import pytest
import yaml

from onboarding.plans.content import Change, Content
from tests.plan.world import World

WORKFLOW = ".github/workflows/onramp.yml"


def paths(content: Content) -> set[str]:
    return {file.path for file in content.files}


def kinds(content: Content, change: str) -> set[str]:
    return {planned.kind for planned in content.objects if planned.change == change}


@pytest.mark.parametrize(
    ("name", "language", "start", "port", "health", "metrics"),
    [
        ("parcel-tracker", "Python", "tracker.py", 8080, "/healthz", "/metrics"),
        ("price-feed", "Python", "app.py", 8080, "/healthz", ""),
        ("greeter", "JavaScript", "server.js", 8080, "/healthz", ""),
    ],
)
def test_a_service_is_recognised(
    world: World, name: str, language: str, start: str, port: int, health: str, metrics: str
) -> None:
    content = world.content(f"acme/{name}")
    (component,) = content.components
    assert (component.name, component.root, component.port, component.health_path, component.metrics_path) == (
        name,
        "",
        port,
        health,
        metrics,
    )
    assert language.lower() in component.language.lower()
    assert start in " ".join(component.start)
    assert paths(content) >= {WORKFLOW}
    assert any(path.startswith("deploy/") for path in paths(content))
    assert content.can_start
    assert not content.predicted_blockers
    assert not content.warnings
    assert content.namespace == "acme-storefront"


@pytest.mark.parametrize("name", ["parcel-tracker", "greeter", "shop"])
def test_the_evidence_names_files_that_exist(world: World, name: str) -> None:
    content = world.content(f"acme/{name}")
    tree = world.github("GET", f"/repos/acme/{name}/git/trees/main?recursive=1")["tree"]
    existing = {entry["path"] for entry in tree}
    for component in content.components:
        assert component.evidence
        assert {evidence.path for evidence in component.evidence} - {".", component.root} <= existing
        assert all(evidence.message for evidence in component.evidence)


def test_every_file_has_a_purpose_and_a_diff(world: World) -> None:
    for file in world.content("acme/parcel-tracker").files:
        assert file.purpose
        added = [line[1:] for line in file.diff.splitlines() if line.startswith("+") and not line.startswith("+++")]
        assert added == file.text.splitlines()


def test_the_objects_of_the_files_are_the_objects_of_the_plan(world: World) -> None:
    content = world.content("acme/parcel-tracker")
    deployed = [file for file in content.files if file.path.startswith("deploy/")]
    manifests = [manifest for file in deployed for manifest in yaml.safe_load_all(file.text) if manifest]
    planned = [planned for planned in content.objects if planned.change == Change.BY_PIPELINE]
    assert {(manifest["kind"], manifest["metadata"]["name"]) for manifest in manifests} == {
        (each.kind, each.name) for each in planned
    }
    assert {"Deployment", "Service", "Ingress"} <= kinds(content, Change.BY_PIPELINE)
    assert {"Namespace", "ResourceQuota", "LimitRange", "NetworkPolicy", "ServiceAccount", "RoleBinding"} <= kinds(
        content, Change.CREATE
    )


def test_a_plan_contains_no_secret(world: World) -> None:
    text = world.content("acme/parcel-tracker").model_dump_json()
    for secret in ("sandbox-onramp-token", "sandbox-onramp-cluster-token", "sandbox-webhook-secret"):
        assert secret not in text


def test_the_shop_has_three_components(world: World) -> None:
    content = world.content("acme/shop")
    components = {
        component.name: (component.root, component.language.lower(), component.metrics_path)
        for component in content.components
    }
    assert set(components) == {"web", "api", "worker"}
    assert components["api"] == ("api", "python", "/metrics")
    assert components["web"][1].startswith(("node", "javascript"))
    assert components["worker"][:2] == ("worker", "python")
    assert [path for path in paths(content) if path.startswith(".github/")] == [WORKFLOW]
    for name in components:
        assert any(path.startswith(f"deploy/{name}/") for path in paths(content))


def test_the_attic_is_unidentified_and_lists_the_files_that_were_read(world: World) -> None:
    content = world.content("acme/attic")
    assert not content.components
    assert not content.files
    assert not content.can_start
    assert "No manifest" in content.unknown
    assert {"Makefile", "README.txt"} <= set(content.looked_at)


def test_the_archived_museum_has_a_predicted_blocker(world: World) -> None:
    (blocker,) = world.content("acme/museum").predicted_blockers
    assert (blocker.kind, blocker.owner, blocker.ticket) == ("repository-archived", "team", False)
    assert "archived" in blocker.summary


def test_the_unowned_orphan_has_a_predicted_blocker(world: World) -> None:
    content = world.content("acme/orphan")
    (blocker,) = content.predicted_blockers
    assert (blocker.kind, blocker.owner, blocker.ticket) == ("no-owning-team", "platform", True)
    assert "Storefront" in blocker.explanation, "the plan says whose namespace it assumes"


def test_the_vault_looks_missing_to_alice(world: World) -> None:
    private = world.rejection(world.url("acme/vault"))
    absent = world.rejection(world.url("acme/no-such-thing"))
    assert (private.kind, private.message.replace("vault", "no-such-thing")) == (absent.kind, absent.message)
    assert world.content("acme/vault", world.cast.charlie).namespace == "acme-payments"


def test_any_pushed_repository_can_be_planned(world: World) -> None:
    head = world.push(
        "till",
        {
            "Procfile": "web: python till.py\n",
            "requirements.txt": "",
            "till.py": 'import os\nport = int(os.environ.get("PORT", "9000"))\nHEALTH = "/livez"\n',
        },
    )
    content = world.content("acme/till")
    (component,) = content.components
    assert (content.head, content.branch) == (head, f"onramp/onboard-{head[:7]}")
    assert (component.port, component.health_path) == (9000, "/livez")
    assert content.can_start


def test_the_pipeline_of_the_default_branch_may_deploy(world: World) -> None:
    """Both before the repository is in the catalog and afterwards."""
    for _ in range(2):
        bindings = [planned.manifest for planned in world.content("acme/shop").objects if planned.kind == "RoleBinding"]
        subjects = [subject["name"] for binding in bindings for subject in binding["subjects"]]
        (subject,) = [name for name in subjects if name.startswith("github:")]
        assert re.fullmatch(r"github:1000:\d+:\.github/workflows/onramp\.yml@refs/heads/main", subject)


def test_the_same_repository_gives_the_same_plan(world: World) -> None:
    first, second = world.plan("acme/shop"), world.plan("acme/shop")
    assert first.pk != second.pk
    assert first.content == second.content
    assert first.digest == second.digest
    assert first.digest == Content.model_validate(first.content).digest()
    assert first.digest != world.plan("acme/greeter").digest
