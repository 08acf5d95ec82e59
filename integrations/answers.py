"""Answers parsed into types at the edge."""

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, FailFast, ValidationError

from integrations.errors import Invalid

Answer = TypeVar("Answer", bound=BaseModel)
Item = TypeVar("Item")
Items = Annotated[list[Item], FailFast()]
"""A list in an answer. The first wrong item is reported; a report of each would take a kilobyte for each."""
MESSAGE = "the answer is not what the API documents"


def parse(provider: str, model: type[Answer], data: Any) -> Answer:
    """The data as this model. Raises Invalid, showing the data, where it does not fit."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Invalid(provider, MESSAGE, detail=f"{error}\n{str(data)[:500]}") from error
