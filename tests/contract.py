"""GitHub's own description judges what is said to it and by it, in both directions.

The description is `@octokit/openapi` (npm), installed by `npm ci --prefix tests/npm`. Without it a test that asks for
it fails, unless ONRAMP_ALLOW_MISSING is set: then it is skipped.

    with contract.recording() as exchanges:
        ...                      # anything that talks to an address below /api/v3/ by requests
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
WIDE = ("ref", "path", "basehead", "branch")  # parameters whose values hold slashes
API = "/api/v3"
JSON = "application/json"
CODES_WITHOUT_WORDS = (401, 403, 404, 409)
"""GitHub answers these everywhere, but names them in few places."""


class ContractBroken(AssertionError):
    """What was said does not match GitHub's description."""


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
    """Judge one exchange; `path` is what comes after the API's address. Raises ContractBroken."""
    operation = _operation(method, path)
    if status == 304:  # any question may be asked with the mark of its last answer
        return
    body = operation.get("requestBody")
    if request_json is not None and status < 400:
        if body is None:
            raise ContractBroken(f"{method} {path}: GitHub expects no body here")
        _judge(f"the body of {method} {path}", _content(_resolved(body)), request_json)
    answers = operation["responses"]
    if str(status) in answers:
        schema = _content(_resolved(answers[str(status)]))
    elif status in CODES_WITHOUT_WORDS:
        schema = {"$ref": f"{SCHEMAS}basic-error"}
    else:
        raise ContractBroken(f"{method} {path}: GitHub never answers {status} here, but {', '.join(answers)}")
    if schema is not None:
        _judge(f"the answer of {method} {path} ({status})", schema, response_json)


def validate_webhook(event: str, payload: Any) -> None:
    """Judge a webhook's payload by its event and action. Raises ContractBroken."""
    action = payload.get("action")
    name = f"{event}-{action}" if action else event
    described = _description()["x-webhooks"].get(name.replace("_", "-"))
    if described is None:
        raise ContractBroken(f"GitHub has no webhook {name}")
    _judge(f"the webhook {name}", described["post"]["requestBody"]["content"][JSON]["schema"], payload)


def check(exchanges: list[Exchange]) -> None:
    """Judge all of them, and say every one that breaks the contract. Raises ContractBroken."""
    broken = []
    for one in exchanges:
        try:
            validate(one.method, one.path, one.request, one.status, one.response)
        except ContractBroken as error:
            broken.append(str(error))
    if broken:
        raise ContractBroken("\n".join(dict.fromkeys(broken)))


@contextmanager
def recording() -> Iterator[list[Exchange]]:
    """Collects every exchange that this process has with an address below `/api/v3/` through `requests`."""
    found: list[Exchange] = []
    send = HTTPAdapter.send

    def listening(adapter: HTTPAdapter, request: Any, *arguments: Any, **options: Any) -> Any:
        answer = send(adapter, request, *arguments, **options)
        path = urlsplit(request.url).path
        if API in path and not path.endswith(("/user/emails", "/logs")):
            body = json.loads(request.body) if request.body else None
            said = json.loads(answer.content) if answer.content else None
            found.append(Exchange(request.method, path.partition(API)[2], body, answer.status_code, said))
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HTTPAdapter, "send", listening)
        yield found


@cache
def _description() -> dict[str, Any]:
    if not DESCRIPTION.is_file():
        if os.environ.get("ONRAMP_ALLOW_MISSING"):
            pytest.skip(MISSING)
        pytest.fail(MISSING)
    found: dict[str, Any] = json.loads(DESCRIPTION.read_text())
    return found


@cache
def _templates() -> list[tuple[re.Pattern[str], int, str]]:
    """Every described path as a pattern; those with more fixed words come first."""
    found = []
    for template in _description()["paths"]:
        parts = re.split(r"\{(\w+)\}", template)
        pattern = "".join(
            re.escape(part) if number % 2 == 0 else "(.+)" if part in WIDE else "([^/]+)"
            for number, part in enumerate(parts)
        )
        found.append((re.compile(pattern), len("".join(parts[::2])), template))
    return sorted(found, key=lambda one: -one[1])


def _operation(method: str, path: str) -> dict[str, Any]:
    plain = unquote(path)
    for pattern, _, template in _templates():
        if pattern.fullmatch(plain) and method.lower() in _description()["paths"][template]:
            operation: dict[str, Any] = _description()["paths"][template][method.lower()]
            return operation
    raise ContractBroken(f"GitHub's description knows no {method} {path}")


def _resolved(thing: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in thing:
        found: Any = _description()
        for part in thing["$ref"].split("/")[1:]:
            found = found[part]
        thing = found
    return thing


def _content(thing: dict[str, Any]) -> dict[str, Any] | None:
    described = thing.get("content", {}).get(JSON)
    return described.get("schema") if described else None


def _judge(what: str, schema: dict[str, Any] | None, said: Any) -> None:
    if schema is None:
        return
    validator = Draft202012Validator(_draft(schema), registry=_registry(), format_checker=_formats())
    errors = sorted(validator.iter_errors(said), key=lambda error: len(error.absolute_path))
    if errors:
        places = [f"{error.json_path}: {_first_line(error)}" for error in errors[:5]]
        raise ContractBroken(f"{what}: {'; '.join(places)}")


def _first_line(error: Any) -> str:
    deepest = error
    while deepest.context:
        deepest = min(deepest.context, key=lambda one: -len(one.absolute_path))
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
    def is_time(said: object) -> bool:
        return not isinstance(said, str) or datetime.fromisoformat(said).tzinfo is not None

    @checker.checks("uri", raises=ValueError)
    def is_address(said: object) -> bool:
        return not isinstance(said, str) or bool(urlsplit(said).scheme)

    return checker


def _draft(schema: Any) -> Any:
    """OpenAPI 3.0's dialect as JSON Schema's: `nullable`, and references to the other schemas.

    `oneOf` becomes `anyOf`: many of the description's alternatives overlap (a public user is a private one too).
    """
    if isinstance(schema, list):
        return [_draft(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": f"urn:{schema['$ref'].removeprefix(SCHEMAS)}"}
    made = {
        ("anyOf" if key == "oneOf" else key): _draft(value)
        for key, value in schema.items()
        if key not in ("nullable", "example", "examples", "default", "description", "deprecated", "discriminator")
        or not isinstance(value, bool | str | list | int | float | type(None))
    }
    if "properties" in schema:
        made["properties"] = {name: _draft(value) for name, value in schema["properties"].items()}
    if "enum" in schema:
        made["enum"] = schema["enum"]
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") else made
