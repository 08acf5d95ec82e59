"""Rows of a corpus: application roots with their labels."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError


class Expected(BaseModel):
    """The label; None for whatever is not labelled. `components` are the folders of everything deployable."""

    model_config = ConfigDict(extra="ignore")
    family: str | None = None
    start_command: str | None = None
    tags: list[str] | None = None
    components: list[str] | None = None


class Row(BaseModel):
    """One application root: all its paths, and the text of its manifests."""

    model_config = ConfigDict(extra="ignore")
    repository: str = ""
    commit: str = ""
    root: str = ""
    files: list[str]
    manifests: dict[str, str]
    expected: Expected

    @property
    def name(self) -> str:
        return f"{self.repository.rpartition('/')[2]}:{self.root}"


class NotACorpus(Exception):
    """A line that is not a row; the message says which line and why."""


def rows(path: Path) -> Iterator[Row]:
    """The rows of a file with one JSON object per line. Raises NotACorpus, OSError."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    yield Row.model_validate_json(line)
                except ValidationError as error:
                    raise NotACorpus(f"{path.name}, line {number}: {error.errors()[0]['msg']}") from error
