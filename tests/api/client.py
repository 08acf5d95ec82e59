"""A caller of the API that checks every response against the API's OpenAPI document."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client
from jsonschema import Draft202012Validator

from api import api

DOCUMENT: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema()))
OPERATIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    operation["operationId"]: (method, path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
"""Operation → (method, path, its part of the document)."""


class Caller:
    """A caller with a token, or an anonymous one."""

    def __init__(self, token: str = "") -> None:
        self.token = token

    def call(self, operation: str, body: object = None, *, key: str = "", **ids: object) -> HttpResponse:
        """The response. Fails the test where the document does not describe its status or shape."""
        method, path, description = OPERATIONS[operation]
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if key:
            headers["Idempotency-Key"] = key
        content: dict[str, Any] = {} if body is None else {"data": body, "content_type": "application/json"}
        response: HttpResponse = Client().generic(
            method.upper(), path.format(**ids), headers=headers, **_encoded(content)
        )  # type: ignore[assignment]
        _check_response(description, response)
        return response


def _encoded(content: dict[str, Any]) -> dict[str, Any]:
    if "data" in content and not isinstance(content["data"], str | bytes):
        content["data"] = Client()._encode_json(content["data"], "application/json")  # type: ignore[attr-defined]
    return content


def _check_response(operation: dict[str, Any], response: HttpResponse) -> None:
    responses = operation["responses"]
    name = operation["operationId"]
    assert str(response.status_code) in responses, (
        f"{name} does not describe {response.status_code}: {response.content!r}"
    )
    schema = responses[str(response.status_code)]["content"]["application/json"]["schema"]
    Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(read(response))


def read(response: HttpResponse) -> Any:
    return response.json()  # type: ignore[attr-defined]
