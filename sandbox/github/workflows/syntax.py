"""Parsing a workflow file, with GitHub's messages for what is wrong in it."""

from typing import Any

from pydantic import ValidationError

from sandbox.github.workflows import expressions
from sandbox.github.workflows.document import Location, WorkflowError, error_at, load
from sandbox.github.workflows.parser import ExpressionError
from sandbox.github.workflows.schema import WorkflowFile


def parse(path: str, text: str) -> WorkflowFile:
    """The workflow in `text`. Raises WorkflowError with the message that GitHub would show."""
    document = load(text)
    _check_expressions(document, ())
    try:
        return WorkflowFile.model_validate({"name": path, **document, "path": path})
    except ValidationError as error:
        raise _workflow_error(error) from error


def _workflow_error(error: ValidationError) -> WorkflowError:
    """The first error; unknown keys come before everything else."""
    first = min(error.errors(), key=lambda detail: detail["type"] != "extra_forbidden")
    location = tuple(part for part in first["loc"] if part != "[key]")
    match first["type"]:
        case "missing":
            return error_at(location[:-1], f"Required property is missing: {location[-1]}")
        case "extra_forbidden":
            return error_at(location[:-1], f"Unexpected value '{location[-1]}'")
        case "literal_error":
            return error_at(location[:-1], f"Unexpected value '{first['input']}'")
        case "value_error":
            return error_at(location, str(first["ctx"]["error"]))
    return error_at(location, first["msg"])


def _check_expressions(value: Any, location: Location) -> None:
    if isinstance(value, str):
        try:
            expressions.check(value)
        except ExpressionError as error:
            raise error_at(location, str(error)) from error
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in children:
        _check_expressions(item, (*location, key))
