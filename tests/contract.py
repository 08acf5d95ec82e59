"""Checks requests and responses against GitHub's own API description.

The description is `@octokit/openapi` (npm), installed by `npm ci --prefix tests/npm`. A test that needs it fails
without it, or is skipped where ONRAMP_ALLOW_MISSING is set.

    with contract.recording() as exchanges:
        ...                      # anything that calls a URL below /api/v3/ through `requests`
    contract.check(exchanges)
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from requests.adapters import HTTPAdapter

DESCRIPTION = Path(__file__).parent / "npm/node_modules/@octokit/openapi/generated/api.github.com.json"
MISSING = f"GitHub's description is not installed ({DESCRIPTION.name}): run `npm ci --prefix tests/npm`."
SCHEMAS = "#/components/schemas/"
WITH_SLASHES = ("ref", "path", "basehead", "branch")  # parameters whose values may contain slashes
API = "/api/v3"
JSON = "application/json"
UNDESCRIBED_ERRORS = (301, 307, 401, 403, 404, 409)
"""Statuses that GitHub returns everywhere, but describes only for a few operations."""
BY_ID = re.compile(r"^/repositories/[^/]+")
"""Where GitHub redirects the former name of a repository to. Its description has only the addresses by name.

https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
"""


class ContractBroken(AssertionError):
    """A request or a response does not match GitHub's description."""


@dataclass(frozen=True)
class Exchange:
    method: str
    path: str
    request: Any
    status: int
    response: Any

    def __str__(self) -> str:
        return f"{self.method} {self.path} → {self.status}"


def validate(method: str, path: str, request_json: Any, status: int, response_json: Any) -> None:
    """Check one exchange; `path` is relative to the API's URL. Raises ContractBroken."""
    path = BY_ID.sub("/repos/acme/by-id", path)
    operation = _operation(method, path)
    if status == 304:  # any read may be conditional
        return
    body = operation.get("requestBody")
    if request_json is not None and status < 400:
        if body is None:
            raise ContractBroken(f"{method} {path}: GitHub expects no body here")
        _check(f"the body of {method} {path}", _content(_resolved(body)), request_json)
    responses = operation["responses"]
    if str(status) in responses:
        schema = _content(_resolved(responses[str(status)]))
    elif status in UNDESCRIBED_ERRORS:
        schema = {"$ref": f"{SCHEMAS}basic-error"}
    else:
        raise ContractBroken(f"{method} {path}: GitHub never answers {status} here, but {', '.join(responses)}")
    if schema is not None:
        _check(f"the response of {method} {path} ({status})", schema, response_json)


def validate_webhook(event: str, payload: Any) -> None:
    """Check a webhook's payload by its event and action. Raises ContractBroken."""
    action = payload.get("action")
    name = f"{event}-{action}" if action else event
    webhook = _description()["x-webhooks"].get(name.replace("_", "-"))
    if webhook is None:
        raise ContractBroken(f"GitHub has no webhook {name}")
    _check(f"the webhook {name}", webhook["post"]["requestBody"]["content"][JSON]["schema"], payload)


def check(exchanges: list[Exchange]) -> None:
    """Check all exchanges. Raises ContractBroken with every violation."""
    broken = []
    for exchange in exchanges:
        try:
            validate(exchange.method, exchange.path, exchange.request, exchange.status, exchange.response)
        except ContractBroken as error:
            broken.append(str(error))
    if broken:
        raise ContractBroken("\n".join(dict.fromkeys(broken)))


@contextmanager
def recording() -> Iterator[list[Exchange]]:
    """Collect every exchange of this process with a URL below `/api/v3/` through `requests`."""
    exchanges: list[Exchange] = []
    send = HTTPAdapter.send

    def send_and_record(adapter: HTTPAdapter, request: Any, *arguments: Any, **options: Any) -> Any:
        response = send(adapter, request, *arguments, **options)
        path = urlsplit(request.url).path
        if API in path and not path.endswith(("/user/emails", "/logs")):
            body = json.loads(request.body) if request.body else None
            content = json.loads(response.content) if response.content else None
            exchanges.append(Exchange(request.method, path.partition(API)[2], body, response.status_code, content))
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HTTPAdapter, "send", send_and_record)
        yield exchanges


@cache
def _description() -> dict[str, Any]:
    if not DESCRIPTION.is_file():
        if os.environ.get("ONRAMP_ALLOW_MISSING"):
            pytest.skip(MISSING)
        pytest.fail(MISSING)
    description: dict[str, Any] = json.loads(DESCRIPTION.read_text())
    return description


@cache
def _templates() -> list[tuple[re.Pattern[str], int, str]]:
    """(pattern, length of its fixed text, path) of every described path; the longest fixed text comes first."""
    templates = []
    for template in _description()["paths"]:
        parts = re.split(r"\{(\w+)\}", template)
        pattern = "".join(
            re.escape(part) if number % 2 == 0 else "(.+)" if part in WITH_SLASHES else "([^/]+)"
            for number, part in enumerate(parts)
        )
        templates.append((re.compile(pattern), len("".join(parts[::2])), template))
    return sorted(templates, key=lambda template: -template[1])


def _operation(method: str, path: str) -> dict[str, Any]:
    unquoted = unquote(path)
    for pattern, _, template in _templates():
        if pattern.fullmatch(unquoted) and method.lower() in _description()["paths"][template]:
            operation: dict[str, Any] = _description()["paths"][template][method.lower()]
            return operation
    raise ContractBroken(f"GitHub's description knows no {method} {path}")


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        target: Any = _description()
        for part in node["$ref"].split("/")[1:]:
            target = target[part]
        node = target
    return node


def _content(node: dict[str, Any]) -> dict[str, Any] | None:
    media_type = node.get("content", {}).get(JSON)
    return media_type.get("schema") if media_type else None


def _check(subject: str, schema: dict[str, Any] | None, value: Any) -> None:
    if schema is None:
        return
    validator = Draft202012Validator(_draft(schema), registry=_registry(), format_checker=_formats())
    errors = sorted(validator.iter_errors(value), key=lambda error: len(error.absolute_path))
    if errors:
        places = [f"{error.json_path}: {_first_line(error)}" for error in errors[:5]]
        raise ContractBroken(f"{subject}: {'; '.join(places)}")


def _first_line(error: Any) -> str:
    deepest = error
    while deepest.context:
        deepest = min(deepest.context, key=lambda cause: -len(cause.absolute_path))
    return f"{deepest.json_path} {deepest.message}"[:300]


@cache
def _registry() -> Registry[Any]:
    def retrieve(uri: str) -> Resource[Any]:
        return DRAFT202012.create_resource(_draft(_description()["components"]["schemas"][uri.removeprefix("urn:")]))

    return Registry(retrieve=retrieve)  # type: ignore[call-arg]


@cache
def _formats() -> FormatChecker:
    checker = FormatChecker(formats=())

    @checker.checks("date-time", raises=ValueError)
    def is_time(value: object) -> bool:
        return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None

    @checker.checks("uri", raises=ValueError)
    def is_url(value: object) -> bool:
        return not isinstance(value, str) or bool(urlsplit(value).scheme)

    return checker


def _draft(schema: Any) -> Any:
    """Translate OpenAPI 3.0 to JSON Schema: `nullable`, and references to the other schemas.

    `oneOf` becomes `anyOf`: many of the description's alternatives overlap (a public user is also a private user).
    """
    if isinstance(schema, list):
        return [_draft(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": f"urn:{schema['$ref'].removeprefix(SCHEMAS)}"}
    translated = {
        ("anyOf" if key == "oneOf" else key): _draft(value)
        for key, value in schema.items()
        if key not in ("nullable", "example", "examples", "default", "description", "deprecated", "discriminator")
        or not isinstance(value, bool | str | list | int | float | type(None))
    }
    if "properties" in schema:
        translated["properties"] = {name: _draft(value) for name, value in schema["properties"].items()}
    if "enum" in schema:
        translated["enum"] = schema["enum"]
    return {"anyOf": [translated, {"type": "null"}]} if schema.get("nullable") else translated
