"""A part of a long list: as much as a page shows, with the way to the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Self, TypeVar
from urllib.parse import urlencode

T = TypeVar("T")
SIZE = 25  # rows of a page


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[T]):
    """The ``rows`` of page ``page`` (from 1) of ``found`` that fit the ``search``."""

    rows: Sequence[T]
    page: int
    found: int
    search: str

    @classmethod
    def of(cls, found: Sequence[T], page: int, search: str) -> Self:
        """The page of that number, or the last one there is."""
        last = max(1, -(-len(found) // SIZE))
        page = min(page, last)
        return cls(rows=found[(page - 1) * SIZE : page * SIZE], page=page, found=len(found), search=search)

    @property
    def first(self) -> int:
        """The number of the first row, from 1."""
        return (self.page - 1) * SIZE + 1

    @property
    def last(self) -> int:
        """The number of the last row."""
        return (self.page - 1) * SIZE + len(self.rows)

    def before(self, name: str) -> str:
        """The query of the page before, empty where there is none; ``name`` is what the search is called in it."""
        return self._query(name, self.page - 1) if self.page > 1 else ""

    def after(self, name: str) -> str:
        """The query of the page after, empty where there is none."""
        return self._query(name, self.page + 1) if self.last < self.found else ""

    def _query(self, name: str, page: int) -> str:
        return "?" + urlencode({**({name: self.search} if self.search else {}), "page": page})
