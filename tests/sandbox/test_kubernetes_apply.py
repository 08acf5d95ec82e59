"""The rules of server-side apply as properties: what one manager applies is its own, whatever others do."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.kubernetes import fields, schema
from sandbox.kubernetes.apply import Manager, Ownership, apply, update
from sandbox.kubernetes.failures import Failure
from sandbox.kubernetes.kinds import named

Body = dict[str, Any]
NODE = schema.of(named("Deployment", "apps"))
ONE, OTHER = Manager("one", "Apply", "apps/v1"), Manager("other", "Apply", "apps/v1")
NOW = "2026-01-01T00:00:00Z"

words = st.sampled_from(["a", "b", "c"])
labels = st.dictionaries(words, words, max_size=3)
env = st.lists(st.fixed_dictionaries({"name": words, "value": words}), unique_by=lambda one: one["name"], max_size=3)
containers = st.lists(
    st.fixed_dictionaries({"name": words}, optional={"image": words, "env": env}),
    unique_by=lambda one: one["name"],
    max_size=2,
)
manifests = st.builds(
    lambda own, replicas, held: {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "labels": own},
        "spec": {"replicas": replicas, "template": {"spec": {"containers": held}}},
    },
    labels,
    st.integers(0, 3),
    containers,
)


def _applied(live: Body, wanted: Body, manager: Manager, force: bool = True) -> Body:
    result, ownership = apply(live, wanted, NODE, manager, NOW, force)
    result.setdefault("metadata", {})["managedFields"] = ownership.written()
    return result


def _without_record(body: Body) -> Body:
    return {**body, "metadata": {key: value for key, value in body["metadata"].items() if key != "managedFields"}}


@given(manifests)
def test_field_sets_survive_being_written(manifest: Body) -> None:
    owned = frozenset(fields.leaves(manifest, NODE))
    assert fields.from_tree(fields.to_tree(owned)) == owned


@given(manifests)
def test_applying_the_same_again_changes_nothing(manifest: Body) -> None:
    once = _applied({}, manifest, ONE)
    assert _applied(once, manifest, ONE) == once


@given(manifests, manifests)
def test_what_one_manager_drops_is_gone(first: Body, second: Body) -> None:
    result = _applied(_applied({}, first, ONE), second, ONE)
    left = fields.leaves(_without_record(result), NODE)
    assert {path: value for path, value in left.items() if value not in ({}, [])} == {
        path: value for path, value in fields.leaves(second, NODE).items() if value not in ({}, [])
    }


@given(manifests, manifests)
def test_a_forced_apply_gets_every_field_that_it_names(first: Body, second: Body) -> None:
    result = _applied(_applied({}, first, OTHER), second, ONE)
    found = fields.leaves(_without_record(result), NODE)
    for path, value in fields.leaves(second, NODE).items():
        assert value in ({}, []) or found[path] == value
    record = Ownership.read(result)
    changed = {path for path, value in fields.leaves(first, NODE).items() if found.get(path) != value}
    assert not record.owned.get(OTHER, frozenset()) & changed


@given(manifests, manifests)
def test_without_force_either_nothing_of_others_changes_or_it_is_refused(first: Body, second: Body) -> None:
    live = _applied({}, first, OTHER)
    try:
        result = _applied(live, second, ONE, force=False)
    except Failure as failure:
        assert failure.code == 409
        assert {cause["message"] for cause in failure.details["causes"]} == {'conflict with "other"'}
        return
    found = fields.leaves(_without_record(result), NODE)
    assert all(found[path] == value for path, value in fields.leaves(first, NODE).items() if value not in ({}, []))


@given(manifests, labels)
def test_an_update_takes_the_fields_that_it_changes(first: Body, changed: dict[str, str]) -> None:
    live = _applied({}, first, ONE)
    result = {**live, "metadata": {**live["metadata"], "labels": changed}}
    record = update(live, result, NODE, Manager("editor", "Update", "apps/v1"), NOW)
    for key in set(changed) | set(first["metadata"]["labels"]):
        path = ("f:metadata", "f:labels", f"f:{key}")
        same = changed.get(key) == first["metadata"]["labels"].get(key)
        assert (path in record.owned.get(ONE, frozenset())) == same


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"replikas": 1}, ".spec.replikas: field not declared in schema"),
        (
            {"replicas": "two"},
            ".spec.replicas: expected numeric (int or float), got &value.valueUnstructured{Value:two}",
        ),
        ({"template": {"spec": {"containers": {}}}}, ".spec.template.spec.containers: expected list, got"),
    ],
)
def test_the_schema_of_the_official_client_is_kept(spec: Body, says: str) -> None:
    (said,) = schema.violations({"spec": spec}, NODE)
    assert said.startswith(says)
