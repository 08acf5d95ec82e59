"""The OpenAPI document is valid and complete: whoever reads it knows every answer."""

from collections.abc import Iterator
from typing import Any

from django.test import Client
from jsonschema import Draft202012Validator

from tests.api.client import DOCUMENT, OPERATIONS

PROBLEM = {"$ref": "#/components/schemas/Problem"}


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_it_is_served_as_it_is_checked() -> None:
    answer = Client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json() == DOCUMENT
    assert DOCUMENT["openapi"].startswith("3.1")


def test_its_schemas_are_schemas_and_its_references_lead_somewhere() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    known = {f"#/components/schemas/{name}" for name in schemas}
    assert set(references(DOCUMENT)) <= known


def test_every_operation_says_what_it_does_and_who_may() -> None:
    assert len(OPERATIONS) == sum(len(methods) for methods in DOCUMENT["paths"].values())
    schemes = set(DOCUMENT["components"]["securitySchemes"])
    for name, (_, path, operation) in OPERATIONS.items():
        assert operation["summary"], name
        assert {scheme for one in operation["security"] for scheme in one} <= schemes
        in_path = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"}
        assert in_path == {part[1:-1] for part in path.split("/") if part.startswith("{")}


def test_every_operation_tells_its_success_and_its_problems() -> None:
    for name, (_, _, operation) in OPERATIONS.items():
        responses = operation["responses"]
        assert any(status.startswith("2") for status in responses), name
        assert {"400", "401", "403", "404", "409", "422"} <= set(responses), name
        for status, said in responses.items():
            schema = said["content"]["application/json"]["schema"]
            assert schema, (name, status)
            if status.startswith("4"):
                assert schema == PROBLEM, (name, status)
