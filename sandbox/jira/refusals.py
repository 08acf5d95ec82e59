"""How JIRA says no: a status, sentences, and what is wrong with which field."""

from collections.abc import Mapping


class Refused(Exception):
    """Answered as `errorMessages` and `errors`."""

    def __init__(self, *messages: str, status: int = 400, errors: Mapping[str, str] | None = None) -> None:
        self.status, self.messages, self.errors = status, list(messages), dict(errors or {})
        super().__init__("; ".join([*messages, *self.errors.values()]))
