"""Lines of batch files that name a person as ``user``, and the answers to them."""

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argosy.core.jobs import Batch
from argosy.store.database import Database
from argosy.store.jobs import BatchTable
from argosy.store.persons.holdings import resize

_PAGE = 100
_UNDER_WAY = frozenset({"validating", "in_progress", "finalizing", "cancelling"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """By file, the numbers of the lines that are about the person; ``under_way`` batches still write such lines."""

    lines: Mapping[Path, frozenset[int]]
    under_way: int


class BatchLines:
    """The batch files below ``folder``, one folder a tenant."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = folder
        self._database = database

    def find(self, tenant: str, name: str) -> Found:
        """The lines with ``user`` in their body, and those that answer them."""
        asked = {path: _asking(path, name) for path in self._files(tenant)}
        lines = {path: frozenset(found) for path, found in asked.items() if found}
        under_way = 0
        for batch in self._batches(tenant):
            names = set(asked.get(self._path(tenant, batch.input), {}).values())
            under_way += bool(names) and batch.status in _UNDER_WAY
            for answers in (batch.output, batch.errors):
                path = self._path(tenant, answers)
                if names and path.is_file():
                    lines[path] = frozenset(n for n, told in _told(path) if told.get("custom_id") in names)
        return Found(lines={path: found for path, found in lines.items() if found}, under_way=under_way)

    def held(self, tenant: str, name: str) -> list[dict[str, Any]]:
        """The lines themselves."""
        return [
            {"file": path.name, "line": number + 1, **told}
            for path, numbers in self.find(tenant, name).lines.items()
            for number, told in _told(path)
            if number in numbers
        ]

    def erase(self, found: Found) -> int:
        """Write the files without the lines; how many there were."""
        sizes = {path.name: _without(path, numbers) for path, numbers in found.lines.items()}
        if sizes:
            self._database.write(lambda connection: resize(connection, sizes)).result()
        return sum(map(len, found.lines.values()))

    def _path(self, tenant: str, file: str) -> Path:
        return self._folder / tenant / file

    def _files(self, tenant: str) -> Iterator[Path]:
        yield from (path for path in sorted((self._folder / tenant).glob("*")) if not path.name.startswith("."))

    def _batches(self, tenant: str) -> Iterator[Batch]:
        table, after = BatchTable(self._database), None
        while page := table.page(tenant, after=after, limit=_PAGE):
            yield from page
            after = page[-1].id


def _asking(path: Path, name: str) -> dict[int, str]:
    """The numbers of requests and answers that name the person, with what the batch calls each."""
    return {number: str(told.get("custom_id")) for number, told in _told(path) if _same(_user(told), name)}


def _user(told: Mapping[str, Any]) -> object:
    """Whom a request names in its body, and an answer beside it."""
    body = told.get("body")
    return body.get("user") if isinstance(body, dict) else told.get("user")


def _same(user: object, name: str) -> bool:
    """Whether a request's ``user`` is the person, who is known without the space around."""
    return isinstance(user, str) and user.strip() == name


def _told(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The JSON objects of a file by the number of their line, from 0; other lines are passed over."""
    with path.open("rb") as file:
        for number, line in enumerate(file):
            try:
                told = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(told, dict):
                yield number, told


def _without(path: Path, numbers: frozenset[int]) -> int:
    """Replace a file by one without some lines; its bytes then."""
    draft = path.with_name(f".{secrets.token_hex(8)}")
    with path.open("rb") as old, draft.open("wb") as new:
        new.writelines(line for number, line in enumerate(old) if number not in numbers)
        new.flush()
        os.fsync(new.fileno())
    draft.replace(path)
    return path.stat().st_size
