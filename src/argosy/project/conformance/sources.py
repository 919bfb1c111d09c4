"""What a source must keep to: the same table each time, texts in every cell, and errors that name the file."""

import random
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from argosy.core.errors import ArgosyError, Problems, ProjectError
from argosy.data.files.sources import Source
from argosy.project.conformance.problem import Check, failed, shown

_END = re.compile(r"\.[a-z0-9]+")
_BROKEN = 60  # damaged samples


def check_end(name: str, source: Source) -> Iterator[ProjectError]:
    """A dot and small letters or digits, as the ends of files' names are compared."""
    del source
    if not _END.fullmatch(name):
        yield ProjectError(
            "The source's name {name!r} is not the end of a file's name: a dot, small letters and digits.",
            mend='Name it like ".log".',
            name=name,
        )


def check_sample(name: str, source: Source) -> Iterator[ProjectError]:
    """The sample is read, twice the same, into rows of texts."""
    if not source.sample:
        yield ProjectError(
            "The source {name!r} has no sample to be checked by.",
            mend="Give its Source a `sample`: the bytes of a small file with two rows or more.",
            name=name,
        )
        return
    file = f"sample{name}"
    try:
        frame, again = (source.table(source.sample, [], file) for _ in range(2))
    except Exception as error:  # noqa: BLE001 - the code of others
        yield failed(name, source.sample, error)
        return
    kinds = {column: str(kind) for column, kind in frame.schema.items() if kind != pl.String}
    if frame.is_empty() or kinds or not frame.equals(again, null_equal=True):
        yield ProjectError(
            "The source {name!r} reads its sample as {rows} rows; columns that are no texts: {kinds}; the same the "
            "second time: {same}.",
            mend="Give rows whose cells are texts or null, and the same each time.",
            name=name,
            rows=frame.height,
            kinds=kinds or "-",
            same=frame.equals(again, null_equal=True),
        )


def check_rows(name: str, source: Source) -> Iterator[ProjectError]:
    """Where large files are read row by row, their names and cells are those of the whole table."""
    if source.rows is None or not source.sample:
        return
    frame = source.table(source.sample, [], f"sample{name}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"sample{name}"
        path.write_bytes(source.sample)
        names = source.rows.names(path, path.name)
        cells = list(source.rows.cells(path, path.name, names, names))
    if names != frame.columns or cells != frame.rows():
        yield ProjectError(
            "The source {name!r} reads its sample otherwise row by row than whole: {rows} and {whole}.",
            mend="Let both give the same columns and cells.",
            name=name,
            rows=shown(cells),
            whole=shown(frame.rows()),
        )


def check_damage(name: str, source: Source) -> Iterator[ProjectError]:
    """A damaged file gives a table, or an error that names the file (and the row, where one is wrong)."""
    file = f"sample{name}"
    for raw in _damaged(source.sample):
        try:
            source.table(raw, [], file)
        except ArgosyError as error:
            problems = error.problems if isinstance(error, Problems) else (error,)
            lost = [problem for problem in problems if not problem.where.startswith(file)]
            if lost:
                yield ProjectError(
                    "The source {name!r} says what is wrong with a file, and not in which: {reason}",
                    mend='Raise DataError("…", where=f"{{file}}, row {{number}}"), with the name that it is given.',
                    name=name,
                    reason=lost[0].message,
                )
                return
        except Exception as error:  # noqa: BLE001 - the code of others
            yield failed(name, raw, error)
            return


def _damaged(sample: bytes) -> Iterator[bytes]:
    """The sample cut anywhere, with bytes changed, and bytes of no form, always the same."""
    chance = random.Random(7)
    for _ in range(_BROKEN if sample else 0):
        at = chance.randrange(len(sample))
        yield sample[:at]
        yield sample[:at] + bytes([chance.randrange(256)]) + sample[at + 1 :]
    yield bytes(range(256))


CHECKS: tuple[Check, ...] = (check_end, check_sample, check_rows, check_damage)
