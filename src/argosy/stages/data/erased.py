"""Rows of erased persons: a list beside the project file, which every build from then on leaves out.

The list holds keyed digests alone, so that it tells nothing without the file of keys; a build without that file is
refused, since it could not leave them out.
"""

import hmac
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from argosy.core.artifact import write_atomically
from argosy.core.errors import DataError
from argosy.core.records import Dropped, Example
from argosy.data.examples import group_of
from argosy.data.redact import mask

FILE = "erased.jsonl"
REASON = "erased"
_GROUP, _TEXT = "row group", "row text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One erased person: the opaque id, and what its rows are known by.

    What a tenant erases is ``captured`` and never more: such texts may stand among labelled and unlabelled rows, while
    the project's own rows are the operator's, whom no tenant may rob of them by sending the same words. ``peers`` are
    what the person's conversations with an assistant are known by.
    """

    erasure: str
    subject: str
    at: int
    groups: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    captured: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """Knows the rows of erased persons: by their group where rows are ``grouped`` by person, else by their text."""

    secret: bytes = b""
    grouped: bool = False
    groups: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    captured: frozenset[str] = frozenset()

    @property
    def with_captured(self) -> "Erased":
        """The same for rows that may come from captures."""
        return replace(self, grouped=False, texts=self.texts | self.captured)

    def __call__(self, row: Example | Dropped) -> Example | Dropped:
        """The row, or that it is erased, without anything of it but its place."""
        example = row.example if isinstance(row, Dropped) else row
        if not self._knows(example):
            return row
        place = {name: example.meta[name] for name in ("file", "row") if name in example.meta}
        return Dropped(example=Example(id=example.id, text="", meta=place), reason=REASON)

    def to_json(self) -> dict[str, Any]:
        """As it travels to another process."""
        told = {"groups": sorted(self.groups), "texts": sorted(self.texts)}
        return {"secret": self.secret.hex(), "grouped": self.grouped, **told}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Erased":
        """What ``to_json`` told."""
        return cls(
            secret=bytes.fromhex(told["secret"]),
            grouped=told["grouped"],
            groups=frozenset(told["groups"]),
            texts=frozenset(told["texts"]),
        )

    def _knows(self, example: Example) -> bool:
        if self.grouped and "group" in example.meta:
            return bool(self.groups) and digest(self.secret, _GROUP, str(example.meta["group"])) in self.groups
        raw = example.meta.get("raw", example.text)
        return bool(self.texts) and digest(self.secret, _TEXT, text_form(str(raw))) in self.texts


def digest(secret: bytes, kind: str, value: str) -> str:
    """HMAC-SHA-256 in hexadecimal."""
    return hmac.digest(secret, f"{kind}\0{value}".encode("utf-8", "surrogatepass"), sha256).hex()


def groups_of(secret: bytes, name: str) -> tuple[str, ...]:
    """What the group of a person's rows is known by; nothing for no name."""
    return (digest(secret, _GROUP, group_of(name)),) if name else ()


def texts_of(secret: bytes, texts: Iterable[str]) -> tuple[str, ...]:
    """What texts are known by."""
    return tuple(sorted({digest(secret, _TEXT, text_form(text)) for text in texts if text.strip()}))


def text_form(text: str) -> str:
    """One form for a text as its person wrote it, and as it stands redacted elsewhere."""
    return " ".join(mask(text).split()).casefold()


def add(folder: Path, line: Line) -> None:
    """Put a line on the list of the project in ``folder``, once."""
    lines = {old.erasure: old for old in read(folder)}
    if lines.get(line.erasure) != line:
        lines[line.erasure] = line
        write_atomically(folder / FILE, "".join(_json(one) for one in lines.values()))


def read(folder: Path) -> list[Line]:
    """The list; empty where nobody was erased. Raises DataError for a line that was changed by hand."""
    path = folder / FILE
    return list(_lines(path)) if path.is_file() else []


def open_erased(folder: Path, secret: Callable[[], bytes], *, grouped: bool) -> Erased:
    """What a build of the project in ``folder`` leaves out; ``secret`` is asked for where there is any such row."""
    lines = [line for line in read(folder) if line.groups or line.texts or line.captured]
    if not lines:
        return Erased()
    return Erased(
        secret=secret(),
        grouped=grouped,
        groups=frozenset(group for line in lines for group in line.groups),
        texts=frozenset(text for line in lines for text in line.texts),
        captured=frozenset(text for line in lines for text in line.captured),
    )


def _json(line: Line) -> str:
    return json.dumps(asdict(line)) + "\n"


def _lines(path: Path) -> Iterator[Line]:
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            told: Mapping[str, Any] = json.loads(text)
            yield Line(
                erasure=str(told["erasure"]),
                subject=str(told["subject"]),
                at=int(told["at"]),
                groups=tuple(map(str, told["groups"])),
                texts=tuple(map(str, told["texts"])),
                captured=tuple(map(str, told["captured"])),
                peers=tuple(map(str, told.get("peers", ()))),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(
                "This line of the list of erased persons cannot be read.",
                where=f"{path}, row {number}",
                mend="Put the file back as it was: without it erased rows would be learnt again.",
            ) from error
