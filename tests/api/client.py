"""A caller of the API whose every answer is held against the API's own description of itself."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client
from jsonschema import Draft202012Validator

from onboarding.api import api

DOCUMENT: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema()))
OPERATIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    operation["operationId"]: (method, path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
"""Operation → (method, path, description)."""


class Caller:
    """Somebody with a token, or nobody."""

    def __init__(self, token: str = "") -> None:
        self.token = token

    def call(self, operation: str, body: object = None, *, key: str = "", **ids: object) -> HttpResponse:
        """The answer; an AssertionError where the description does not know it or tells another shape."""
        method, path, described = OPERATIONS[operation]
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if key:
            headers["Idempotency-Key"] = key
        content: dict[str, Any] = {} if body is None else {"data": body, "content_type": "application/json"}
        answer: HttpResponse = Client().generic(
            method.upper(), path.format(**ids), headers=headers, **_encoded(content)
        )  # type: ignore[assignment]
        _described(described, answer)
        return answer


def _encoded(content: dict[str, Any]) -> dict[str, Any]:
    if "data" in content and not isinstance(content["data"], str | bytes):
        content["data"] = Client()._encode_json(content["data"], "application/json")  # type: ignore[attr-defined]
    return content


def _described(operation: dict[str, Any], answer: HttpResponse) -> None:
    responses = operation["responses"]
    name = operation["operationId"]
    assert str(answer.status_code) in responses, f"{name} does not tell of {answer.status_code}: {answer.content!r}"
    schema = responses[str(answer.status_code)]["content"]["application/json"]["schema"]
    Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(read(answer))


def read(answer: HttpResponse) -> Any:
    return answer.json()  # type: ignore[attr-defined]
