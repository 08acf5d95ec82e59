"""A call of the API with its caller, and the response to it."""

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.http import HttpRequest

from sandbox.github import access
from sandbox.github.errors import ApiError
from sandbox.github.identity import Caller
from sandbox.github.models import Repository
from sandbox.world.cast import Person

TYPE_NAMES = {"str": "string", "int": "integer", "list": "array", "dict": "object", "bool": "boolean"}


@dataclass
class Call:
    """One request with its caller. `repository` and `level` are set for URLs below `/repos/`."""

    request: HttpRequest
    caller: Caller
    level: str = "none"
    repository: Repository = field(init=False)

    @property
    def login(self) -> str:
        return self.caller.login

    @cached_property
    def json(self) -> dict[str, Any]:
        """The body. Raises ApiError (400) when it is not a JSON object."""
        try:
            body = json.loads(self.request.body or b"{}")
        except ValueError as error:
            raise ApiError(400, "Problems parsing JSON") from error
        if not isinstance(body, dict):
            raise ApiError(400, "Body should be a JSON object")
        return body

    def field(self, name: str, kind: type | tuple[type, ...] = str, default: Any = ...) -> Any:
        """A field of the body. Raises ApiError (422) when it has another type, or is missing and has no default."""
        value = self.json.get(name, default)
        if value is ...:
            raise ApiError(422, f'Invalid request.\n\n"{name}" wasn\'t supplied.')
        if value is not default and (not isinstance(value, kind) or (isinstance(value, bool) and kind is int)):
            expected = kind.__name__ if isinstance(kind, type) else kind[0].__name__
            expected = TYPE_NAMES.get(expected, expected)
            raise ApiError(422, f"Invalid request.\n\nFor '{name}', {value!r} is not a {expected}.")
        return value

    def require(self, level: str) -> None:
        """Raises ApiError (403) unless the caller has at least this permission in the repository."""
        if not access.allows(self.level, level):
            needs_admin = "Must have admin rights to Repository."
            raise ApiError(403, needs_admin if level == "admin" else "Resource not accessible by personal access token")

    def require_account(self) -> Person:
        """The caller's account. Raises ApiError (401) for an anonymous caller."""
        if self.caller.person is None:
            raise ApiError(401, "Requires authentication")
        return self.caller.person

    @property
    def account(self) -> Person:
        return self.require_account()


@dataclass
class Response:
    """What a view returns when it is more than a 200 with JSON."""

    data: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
