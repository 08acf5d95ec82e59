"""Pages of a list that is never counted: counting reads every row, and nobody needs the number."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)
MAX_NUMBER = 10_000


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows in the order of the list, named for templates as Django's pages are."""

    number: int
    rows: list[Row]
    has_next: bool

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def has_other_pages(self) -> bool:
        return self.has_previous or self.has_next

    @property
    def previous_page_number(self) -> int:
        return self.number - 1

    @property
    def next_page_number(self) -> int:
        return self.number + 1


def page_of(rows: "QuerySet[Row, Any]", wanted: str | None, size: int) -> Page[Row]:
    """The page of this number; the first one where that is no number, or beyond the end."""
    number = int(wanted) if wanted and wanted.isascii() and wanted.isdecimal() and len(wanted) < 6 else 1
    number = min(max(number, 1), MAX_NUMBER)
    first = (number - 1) * size
    listed = list(rows[first : first + size + 1])
    if not listed and number > 1:
        return page_of(rows, None, size)
    return Page(number, listed[:size], len(listed) > size)
