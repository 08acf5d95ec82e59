"""Properties of server-side apply: a manager owns the fields that it applies, whatever others do."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.kubernetes import fields, schema
from sandbox.kubernetes.apply import apply, update
from sandbox.kubernetes.failures import Failure
from sandbox.kubernetes.kinds import named
from sandbox.kubernetes.ownership import Manager, Ownership

Body = dict[str, Any]
NODE = schema.of(named("Deployment", "apps"))
ONE, OTHER = Manager("one", "Apply", "apps/v1"), Manager("other", "Apply", "apps/v1")
NOW = "2026-01-01T00:00:00Z"

words = st.sampled_from(["a", "b", "c"])
labels = st.dictionaries(words, words, max_size=3)
env = st.lists(st.fixed_dictionaries({"name": words, "value": words}), unique_by=lambda item: item["name"], max_size=3)
containers = st.lists(
    st.fixed_dictionaries({"name": words}, optional={"image": words, "env": env}),
    unique_by=lambda item: item["name"],
    max_size=2,
)
manifests = st.builds(
    lambda labels, replicas, containers: {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "labels": labels},
        "spec": {"replicas": replicas, "template": {"spec": {"containers": containers}}},
    },
    labels,
    st.integers(0, 3),
    containers,
)


def _apply(live: Body, patch: Body, manager: Manager, force: bool = True) -> Body:
    result, ownership = apply(live, patch, NODE, manager, NOW, force)
    result.setdefault("metadata", {})["managedFields"] = ownership.entries()
    return result


def _without_managed_fields(body: Body) -> Body:
    return {**body, "metadata": {key: value for key, value in body["metadata"].items() if key != "managedFields"}}


@given(manifests)
def test_field_sets_survive_a_round_trip(manifest: Body) -> None:
    owned = frozenset(fields.leaves(manifest, NODE))
    assert fields.from_tree(fields.to_tree(owned)) == owned


@given(manifests)
def test_a_repeated_apply_changes_nothing(manifest: Body) -> None:
    once = _apply({}, manifest, ONE)
    assert _apply(once, manifest, ONE) == once


@given(manifests, manifests)
def test_a_field_that_its_only_manager_drops_is_removed(first: Body, second: Body) -> None:
    result = _apply(_apply({}, first, ONE), second, ONE)
    remaining = fields.leaves(_without_managed_fields(result), NODE)
    assert {path: value for path, value in remaining.items() if value not in ({}, [])} == {
        path: value for path, value in fields.leaves(second, NODE).items() if value not in ({}, [])
    }


@given(manifests, manifests)
def test_a_forced_apply_takes_every_field_that_it_names(first: Body, second: Body) -> None:
    result = _apply(_apply({}, first, OTHER), second, ONE)
    result_fields = fields.leaves(_without_managed_fields(result), NODE)
    for path, value in fields.leaves(second, NODE).items():
        assert value in ({}, []) or result_fields[path] == value
    ownership = Ownership.read(result)
    changed = {path for path, value in fields.leaves(first, NODE).items() if result_fields.get(path) != value}
    assert not ownership.owned.get(OTHER, frozenset()) & changed


@given(manifests, manifests)
def test_without_force_other_managers_fields_never_change(first: Body, second: Body) -> None:
    live = _apply({}, first, OTHER)
    try:
        result = _apply(live, second, ONE, force=False)
    except Failure as failure:
        assert failure.code == 409
        assert {cause["message"] for cause in failure.details["causes"]} == {'conflict with "other"'}
        return
    result_fields = fields.leaves(_without_managed_fields(result), NODE)
    assert all(
        result_fields[path] == value for path, value in fields.leaves(first, NODE).items() if value not in ({}, [])
    )


@given(manifests, labels)
def test_an_update_takes_the_fields_that_it_changes(first: Body, changed: dict[str, str]) -> None:
    live = _apply({}, first, ONE)
    result = {**live, "metadata": {**live["metadata"], "labels": changed}}
    ownership = update(live, result, NODE, Manager("editor", "Update", "apps/v1"), NOW)
    for key in set(changed) | set(first["metadata"]["labels"]):
        path = ("f:metadata", "f:labels", f"f:{key}")
        same = changed.get(key) == first["metadata"]["labels"].get(key)
        assert (path in ownership.owned.get(ONE, frozenset())) == same


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"replikas": 1}, ".spec.replikas: field not declared in schema"),
        (
            {"replicas": "two"},
            ".spec.replicas: expected numeric (int or float), got &value.valueUnstructured{Value:two}",
        ),
        ({"template": {"spec": {"containers": {}}}}, ".spec.template.spec.containers: expected list, got"),
    ],
)
def test_the_schema_of_the_official_client_is_enforced(spec: Body, message: str) -> None:
    (violation,) = schema.violations({"spec": spec}, NODE)
    assert violation.startswith(message)
