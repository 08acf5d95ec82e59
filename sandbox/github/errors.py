"""GitHub's error responses: a status, a message and, for invalid input, the fields that are wrong."""

from typing import Any, TypeVar

from sandbox.github.formats import DOCS
from sandbox.github.payloads import JSON

Value = TypeVar("Value")


class ApiError(Exception):
    """Returned to the caller as GitHub's error body."""

    def __init__(self, status: int, message: str, errors: list[Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors

    def body(self) -> JSON:
        body: JSON = {"message": self.message}
        if self.errors is not None:
            body["errors"] = self.errors
        return body | {"documentation_url": DOCS, "status": str(self.status)}


def not_found() -> ApiError:
    return ApiError(404, "Not Found")


def required(value: Value | None, error: ApiError | None = None) -> Value:
    """The value itself. Raises `error`, or ApiError (404) by default, when it is None."""
    if value is None:
        raise error or not_found()
    return value


def empty() -> ApiError:
    return ApiError(409, "Git Repository is empty.")


def archived() -> ApiError:
    return ApiError(403, "Repository was archived so is read-only.")


def invalid(resource: str, field: str, code: str, message: str = "") -> ApiError:
    """422 with one error in GitHub's form; `code` is `missing`, `missing_field`, `invalid`, `already_exists`, …"""
    error: JSON = {"resource": resource, "code": code, "field": field}
    return ApiError(422, "Validation Failed", [error | ({"message": message} if message else {})])


def custom(resource: str, message: str) -> ApiError:
    """422 with a free-text error."""
    return ApiError(422, "Validation Failed", [{"resource": resource, "code": "custom", "message": message}])
