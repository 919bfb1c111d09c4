"""Files that grow, and files that appear: JSONL and CSV by the row, texts by the file, compressed ones too."""

import csv
import glob
import io
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import Any

from argosy.core.errors import MachineError
from argosy.core.opinion import Batch, Post, Refused
from argosy.opinion.sources.fields import Fields, key_of, now
from argosy.opinion.sources.lines import Script, ends_of_lines, ends_of_rows, script_of
from argosy.opinion.sources.tail import Place, Record, continues, mark, opened, records, stamp

_FIELDS = Fields()
_ROWS = {".jsonl": "", ".ndjson": "", ".csv": ",", ".tsv": "\t"}  # suffix → delimiter; none: an object a line
_TEXTS = (".txt", ".md")
_DELIMITERS = ",;\t|"
_HEAD = 1 << 16  # bytes by which an encoding and a header are read
_LARGEST = 4 << 20  # bytes of a file that is one text
_SETTLED = 60_000_000  # microseconds after which nobody goes on writing a last line
Found = Post | Refused


class FolderSource:
    """The rows of JSONL, NDJSON, CSV and TSV files, and whole ``.txt`` and ``.md`` files; ``path``: folder, file, glob.

    A row counts when its line is whole. Files may be rotated, renamed, replaced and removed. A row without an id is
    known by its text and time; a text file by its text. ``whole``: nobody writes in these files, so that nothing in
    them waits to be written to its end. ``clock`` tells microseconds since the epoch.
    """

    def __init__(
        self,
        name: str,
        path: str | Path,
        *,
        fields: Fields = _FIELDS,
        whole: bool = False,
        clock: Callable[[], int] = now,
    ) -> None:
        self._name, self._path, self._fields, self._clock = name, Path(path), fields, clock
        self._whole = whole
        self._first = 0  # which file comes first, so that none starves
        self._seen: set[str] = set()  # text files that are kept, in this process

    @property
    def name(self) -> str:
        """Its name in the project file."""
        return self._name

    def poll(self, offsets: Mapping[str, str], most: int) -> Batch:
        """The next rows and texts of all files, beginning with another file each time."""
        files = self._files()
        gone = sorted(set(self._rotated(offsets, set(files))))  # first: what took their place will forget them
        files = [path for path in files if path not in gone]
        begin = self._first % len(files) if files else 0
        found: list[Found] = []
        places: dict[str, str] = {}
        texts: list[str] = []
        more = False
        for turn, path in enumerate([*gone, *files[begin:], *files[:begin]]):
            if len(found) >= most:
                more, self._first = True, begin + max(0, turn - len(gone))
                break
            try:
                if _kind(path) in _TEXTS:
                    texts += self._text(path, found)
                else:
                    more |= self._rows(path, offsets, places, found, most)
            except FileNotFoundError:
                continue  # it was removed or renamed meanwhile
            except (OSError, EOFError, zlib.error):
                found += self._unreadable(path, offsets, places)
        return Batch(
            posts=[one for one in found if isinstance(one, Post)],
            refused=[one for one in found if isinstance(one, Refused)],
            offsets=places,
            more=more,
            token=texts,
        )

    def kept(self, batch: Batch) -> None:
        """Do not look at its text files again."""
        self._seen.update(batch.token)

    def close(self) -> None:
        """No file is held open."""

    def _files(self) -> list[Path]:
        """The files that match."""
        if self._path.is_dir():
            found = [one for one in self._path.rglob("*") if _kind(one) and not one.name.startswith(".")]
        else:
            found = [Path(one) for one in glob.glob(str(self._path), recursive=True)]  # noqa: PTH207 - an absolute one
            if not found and not _may_appear(self._path):
                raise MachineError(
                    "There is no such folder.", where=str(self._path), mend="It is looked for again; make or mount it."
                )
        return sorted(one for one in found if one.is_file())

    def _rotated(self, offsets: Mapping[str, str], files: set[Path]) -> Iterator[Path]:
        """What became of files that were rotated away to a longer name, also one that does not match."""
        beside: dict[Path, list[Path]] = {}
        for part, told in offsets.items():
            path, place = Path(part), Place.read(told)
            if not self._owns(path):
                continue
            try:
                if path.is_file() and (not place.at or stamp(path) == place.stamp or continues(path, place)):
                    if path not in files and stamp(path) != place.stamp:
                        yield path  # found before, and not read to its end
                    continue
                if path.parent not in beside:
                    beside[path.parent] = [one for one in path.parent.iterdir() if one.is_file()]
                for one in beside[path.parent]:
                    longer = one.name.startswith(path.name) and one != path
                    if longer and str(one) not in offsets and continues(one, place):
                        yield one
            except OSError:
                continue  # it is looked for again the next time

    def _owns(self, path: Path) -> bool:
        """Whether a file matches, or did so before it was rotated away; others of this source are none of these."""
        if self._path.is_dir():
            return path.is_relative_to(self._path)
        return any(fnmatch(str(path), f"{self._path}{more}") for more in ("", "?*"))

    def _rows(
        self, path: Path, offsets: Mapping[str, str], places: dict[str, str], found: list[Found], most: int
    ) -> bool:
        """Add the next rows of a file, and its place; whether others wait there."""
        part, before = str(path), stamp(path)
        place = Place.read(offsets.get(part, ""))
        if place.stamp == before:
            return False
        at, full = self._begin(path, place, offsets), False
        settled = self._whole or self._clock() - path.stat().st_mtime_ns // 1000 > _SETTLED
        with opened(path) as file:
            script = script_of(file.read1(_HEAD))
            read = _Rows(_kind(path), script, partial(self._found, path))
            for record in records(file, at, read.ends):
                if full := len(found) >= most:
                    break
                if (made := read.row(record, settled=settled)) is None:
                    break
                found += made
                at = record.end
            places[part] = str(Place(at=at, mark=mark(file, at), stamp="" if full or not settled else before))
        return full

    def _begin(self, path: Path, place: Place, offsets: Mapping[str, str]) -> int:
        """Where to go on with a file: behind what was read of it, under this name or under another one."""
        if continues(path, place):
            return place.at
        others = (Place.read(told) for part, told in offsets.items() if _base(part) == _base(str(path)))
        return max((one.at for one in others if continues(path, one)), default=0)

    def _found(self, path: Path, record: Record, told: Mapping[str, Any] | str) -> Found:
        """The post of a row, or why it is none."""
        where = f"{path.name}, byte {record.begin}"
        if isinstance(told, str):
            return Refused(source=self._name, where=where, reason=told)
        text, received = told.get(self._fields.text), self._clock()
        key = key_of(text, str(told.get(self._fields.time) or "")) if isinstance(text, str) and text else where
        return self._fields.post(self._name, told, key=key, at=received, received=received)

    def _text(self, path: Path, found: list[Found]) -> list[str]:
        """Add the text of a file that is not being written; its name and stamp, to be kept."""
        known = f"{path} {stamp(path)}"
        changed = path.stat().st_mtime_ns // 1000
        received = self._clock()
        if known in self._seen or (not self._whole and received - changed < _SETTLED // 30):
            return []
        with opened(path) as file:
            raw = file.read(_LARGEST + 1)
        text = script_of(raw[:_HEAD]).text(raw) if len(raw) <= _LARGEST else ""
        if text is None or len(raw) > _LARGEST:
            found.append(
                Refused(source=self._name, where=path.name, reason="not_text" if text is None else "too_large")
            )
        else:
            told = {"text": text, "id": key_of(text, "")}
            found.append(Fields().post(self._name, told, key=path.name, at=min(changed, received), received=received))
        return [known]

    def _unreadable(self, path: Path, offsets: Mapping[str, str], places: dict[str, str]) -> list[Found]:
        """A file that this process may not read, or that is damaged: refused once, until it is written again."""
        try:
            place = Place.read(offsets.get(str(path), ""))
            if place.stamp == (now_ := stamp(path)):
                return []
        except OSError:
            return []  # it was removed meanwhile
        places[str(path)] = str(Place(at=place.at, mark=place.mark, stamp=now_))
        return [Refused(source=self._name, where=path.name, reason="unreadable")]


class _Rows:
    """How the rows of one file are read."""

    def __init__(self, kind: str, script: Script, made: Callable[[Record, Mapping[str, Any] | str], Found]) -> None:
        self._script, self._made = script, made
        self._delimiter = _ROWS.get(kind, "")
        self._names: list[str] = []
        if self._delimiter:
            end = next(iter(self.ends(script.head)), len(script.head))
            header = script.text(script.head[:end]) or ""
            self._delimiter = max(_DELIMITERS, key=lambda one: (header.count(one), one == self._delimiter))
            self._names = [name.strip() for name in _cells(header, self._delimiter)]

    def ends(self, raw: bytes) -> list[int]:
        """The ends of the rows in these bytes."""
        return ends_of_rows(raw, self._script) if self._delimiter else ends_of_lines(raw, self._script)

    def row(self, record: Record, *, settled: bool) -> list[Found] | None:
        """What a record is; nothing for an empty one, None for one that is not yet whole."""
        if record.raw is None:
            return [self._made(record, "too_large")] if record.whole else None
        text = self._script.text(record.raw)
        if not record.whole and self._delimiter and not settled:
            return None
        if text is None:
            return [self._made(record, "not_text")] if record.whole else None
        if not text.strip() or (self._delimiter and record.begin == 0):
            return []
        told = _cut_row(text, self._names, self._delimiter) if self._delimiter else _object(text)
        if isinstance(told, str) and not record.whole and not settled:
            return None
        return [self._made(record, told)]


def _object(text: str) -> Mapping[str, Any] | str:
    """The object of a line, or why it is none."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return "not_json"
    return told if isinstance(told, dict) else "not_json"


def _cut_row(text: str, names: list[str], delimiter: str) -> Mapping[str, Any] | str:
    """The cells of a row by their column, or why there are none."""
    cells = _cells(text, delimiter)
    return dict(zip(names, cells, strict=False)) if cells else "not_csv"


def _cells(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error:
        return []


def _kind(path: Path) -> str:
    """The suffix that says what is in a file, before those of its rotation; empty for none that is known."""
    return next((one for one in map(str.lower, reversed(path.suffixes)) if one in _ROWS or one in _TEXTS), "")


def _may_appear(path: Path) -> bool:
    """Whether a path that is not there may be a file that nobody wrote yet."""
    return glob.has_magic(str(path)) or (bool(_kind(path)) and path.parent.is_dir())


def _base(part: str) -> str:
    """What the names of a file before and after its rotation begin with."""
    path = Path(part)
    return str(path.parent / path.name.partition(".")[0].partition("-")[0])
