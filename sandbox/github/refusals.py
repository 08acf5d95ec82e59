"""How GitHub says no: a status, a message, and for invalid input what is wrong with which field."""

from typing import Any, TypeVar

from sandbox.github.addresses import DOCS
from sandbox.github.payloads import JSON

Thing = TypeVar("Thing")


class Refused(Exception):
    """Answered as GitHub's error body."""

    def __init__(self, status: int, message: str, errors: list[Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors

    def body(self) -> JSON:
        told: JSON = {"message": self.message}
        if self.errors is not None:
            told["errors"] = self.errors
        return told | {"documentation_url": DOCS, "status": str(self.status)}


def not_found() -> Refused:
    return Refused(404, "Not Found")


def found(thing: Thing | None, otherwise: Refused | None = None) -> Thing:
    """The thing itself; raises Refused (404, or what is given) where there is none."""
    if thing is None:
        raise otherwise or not_found()
    return thing


def empty() -> Refused:
    return Refused(409, "Git Repository is empty.")


def archived() -> Refused:
    return Refused(403, "Repository was archived so is read-only.")


def invalid(resource: str, field: str, code: str, message: str = "") -> Refused:
    """422 with one error in GitHub's form; `code` is `missing`, `missing_field`, `invalid`, `already_exists`, …"""
    error: JSON = {"resource": resource, "code": code, "field": field}
    return Refused(422, "Validation Failed", [error | ({"message": message} if message else {})])


def custom(resource: str, message: str) -> Refused:
    """422 whose error is a sentence of its own."""
    return Refused(422, "Validation Failed", [{"resource": resource, "code": "custom", "message": message}])
