"""JIRA's error: a status, messages, and an error for each invalid field."""

from collections.abc import Mapping


class Refused(Exception):
    """The request is refused. The answer carries `errorMessages` and `errors`."""

    def __init__(self, *messages: str, status: int = 400, errors: Mapping[str, str] | None = None) -> None:
        self.status, self.messages, self.errors = status, list(messages), dict(errors or {})
        super().__init__("; ".join([*messages, *self.errors.values()]))
