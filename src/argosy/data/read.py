"""From files to examples: every row becomes an example or is dropped with a reason; nothing is lost silently."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from argosy.core.errors import ArgosyError, DataError, MachineError, MissingError, Problems, raise_all
from argosy.core.records import Dropped, Example
from argosy.data.clean import LONGEST_TEXT
from argosy.data.decode import decode
from argosy.data.delimited import parse_delimited
from argosy.data.header import missing_columns, nearest
from argosy.data.tables import parse_jsonl, parse_parquet, parse_xlsx

FORMATS = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".xlsx")
_SHOWN = 200  # characters kept of a text that is too long


def expand(pattern: str, folder: Path) -> list[Path]:
    """The file, or the readable files of a glob in order, under ``folder``.

    Raises MissingError with the nearest name when there is none, DataError for a folder.
    """
    path = folder / pattern
    if path.is_file():
        return [path]
    if path.is_dir():
        raise DataError(
            "This is a folder; a file or a pattern is expected.",
            where=pattern,
            mend="Name the files in it, such as {example!r}.",
            example=f"{pattern.rstrip('/')}/*.csv",
        )
    found = sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor)))) if "*" in pattern else []
    readable = [file for file in found if file.suffix.lower() in FORMATS and not file.name.startswith(("~$", "."))]
    if readable:
        return readable
    raise _no_file(pattern, path)


def read_table(path: Path, columns: Sequence[str] = ()) -> pl.DataFrame:
    """The rows of a file, every column as strings, empty cells as null.

    ``columns`` chooses among the sheets of a workbook: the first that has them. Raises DataError, or several at once.
    """
    return _read(path, columns, path.name)


def first_row(path: Path) -> int:
    """The row number of a file's first record: 2 below a header, 1 in JSONL and Parquet."""
    return 2 if path.suffix.lower() in (".csv", ".tsv", ".xlsx") else 1


def read_examples(
    paths: Sequence[Path], *, text: str, label: str | None, rename: Mapping[str, str] | None = None
) -> Iterator[Example | Dropped]:
    """Each row as an example named by file and row, or dropped: ``empty``, ``unlabelled`` or ``too_long``.

    ``rename`` maps spellings of labels to those that are meant. Reads every file before the first example, so that
    all their problems are told at once.
    """
    wanted = [text] if label is None else [text, label]
    frames: list[tuple[str, int, pl.DataFrame]] = []
    problems: list[ArgosyError] = []
    for path, name in zip(paths, _short_names(paths), strict=True):
        try:
            frame = _read(path, wanted, name)
        except Problems as error:
            problems.extend(error.problems)
        except DataError as error:
            problems.append(error)
        else:
            problems.extend(missing_columns(frame, wanted, name))
            frames.append((name, first_row(path), frame))
    raise_all(problems)
    return _examples(frames, text, label, rename or {})


def _read(path: Path, columns: Sequence[str], name: str) -> pl.DataFrame:
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise _no_file(name, path) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise MachineError("The file cannot be read: {reason}.", where=name, reason=reason) from error
    if not raw.strip(b"\r\n\t \xef\xbb\xbf"):
        raise DataError("The file is empty.", where=name, mend="Give a header row and at least one row below it.")
    frame = _parse(raw, path.suffix.lower(), columns, name)
    if frame.is_empty():
        raise DataError("The file has a header row but no rows below it.", where=name, mend="Add rows to it.")
    return frame


def _parse(raw: bytes, suffix: str, columns: Sequence[str], name: str) -> pl.DataFrame:
    match suffix:
        case ".csv":
            return parse_delimited(decode(raw, name, quoted=True), ",", name)
        case ".tsv":
            return parse_delimited(decode(raw, name, quoted=True), "\t", name)
        case ".jsonl" | ".ndjson":
            return parse_jsonl(decode(raw, name, quoted=False), name)
        case ".parquet":
            return parse_parquet(raw, name)
        case ".xlsx":
            return parse_xlsx(raw, columns, name)
    raise DataError(
        "Files ending in {suffix!r} cannot be read; these can: {formats}.",
        where=name,
        mend="Save it as CSV in UTF-8, or as XLSX.",
        suffix=suffix,
        formats=", ".join(FORMATS),
    )


def _examples(
    frames: Sequence[tuple[str, int, pl.DataFrame]], text: str, label: str | None, rename: Mapping[str, str]
) -> Iterator[Example | Dropped]:
    for name, start, frame in frames:
        labels = frame[label] if label is not None else [None] * frame.height
        for row, (cell, given) in enumerate(zip(frame[text], labels, strict=True), start=start):
            words, named = cell or "", rename.get(given, given) if given else None
            meta = {"file": name, "row": row, "raw": words[:LONGEST_TEXT]}
            example = Example(id=f"{name}:{row}", text=words[:LONGEST_TEXT], label=named, meta=meta)
            if not words.strip():
                yield Dropped(example=example, reason="empty")
            elif len(words) > LONGEST_TEXT:
                yield Dropped(example=_shown(example, len(words)), reason="too_long")
            elif label is not None and not (named or "").strip():
                yield Dropped(example=example, reason="unlabelled")
            else:
                yield example


def _shown(example: Example, characters: int) -> Example:
    """The beginning of an example whose text is too long to keep; the whole of it stays in the user's file."""
    start = example.text[:_SHOWN]
    meta = {**example.meta, "raw": start, "characters": characters}
    return Example(id=example.id, text=start, label=example.label, meta=meta)


def _short_names(paths: Sequence[Path]) -> list[str]:
    """The shortest ends of the paths that tell them all apart."""
    for parts in range(1, max((len(path.parts) for path in paths), default=0) + 1):
        names = ["/".join(path.parts[-parts:]) for path in paths]
        if len(set(names)) == len(names):
            return names
    return [str(path) for path in paths]


def _no_file(name: str, path: Path) -> ArgosyError:
    try:
        others = sorted(other.name for other in path.parent.iterdir() if other.suffix.lower() in FORMATS)
    except OSError:
        others = []
    near = nearest(path.name, others)
    if near:
        return MissingError(
            "There is no such file; the nearest name is {near!r}.", where=name, mend="Correct the name.", near=near
        )
    return MissingError(
        "There is no such file.",
        where=name,
        mend="Put it there, or name another file: {others}.",
        others=", ".join(others[:8]) or "…",
    )
