"""The OpenAPI document is valid and describes every response."""

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


def test_the_checked_document_is_served() -> None:
    response = Client().get("/api/v1/openapi.json")
    assert response.status_code == 200
    assert response.json() == DOCUMENT
    assert DOCUMENT["openapi"].startswith("3.1")


def test_its_schemas_are_valid_and_its_references_exist() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    defined = {f"#/components/schemas/{name}" for name in schemas}
    assert set(references(DOCUMENT)) <= defined


def test_every_operation_has_a_summary_and_a_security_scheme() -> None:
    assert len(OPERATIONS) == sum(len(methods) for methods in DOCUMENT["paths"].values())
    schemes = set(DOCUMENT["components"]["securitySchemes"])
    for name, (_, path, operation) in OPERATIONS.items():
        assert operation["summary"], name
        assert {scheme for requirement in operation["security"] for scheme in requirement} <= schemes
        in_path = {parameter["name"] for parameter in operation.get("parameters", ()) if parameter["in"] == "path"}
        assert in_path == {part[1:-1] for part in path.split("/") if part.startswith("{")}


def test_every_operation_describes_its_success_and_its_problems() -> None:
    for name, (_, _, operation) in OPERATIONS.items():
        responses = operation["responses"]
        assert any(status.startswith("2") for status in responses), name
        assert {"400", "401", "403", "404", "409", "422"} <= set(responses), name
        for status, description in responses.items():
            schema = description["content"]["application/json"]["schema"]
            assert schema, (name, status)
            if status.startswith("4"):
                assert schema == PROBLEM, (name, status)
