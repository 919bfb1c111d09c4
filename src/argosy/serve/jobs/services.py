"""The data services: cleaning, redaction, twins and altered copies, over a table in slices."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import polars as pl
from numpy.typing import NDArray

from argosy.core.records import Dropped, Example
from argosy.data.augment import AUGMENTED, PARENT, augment
from argosy.data.clean import DEFAULT_STEPS, clean
from argosy.data.dedupe import DROPS, Codes, Keys, codes_of, near_twins, twin_keys, twins
from argosy.data.files.read import first_row
from argosy.data.files.table import Table
from argosy.data.near import THRESHOLD, clusters
from argosy.data.redact import KINDS, Pseudonyms, Redaction
from argosy.data.sketch import SKETCH, sketches
from argosy.serve.jobs.sink import Sink
from argosy.serve.jobs.spill import Spill

SLICE = 4_096  # rows worked on at once
_STEPS = tuple(step for step in DEFAULT_STEPS if step != "redact")
Report = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A table, what is wished of it, and where its rows go."""

    table: Table
    wishes: Mapping[str, str]
    sink: Sink

    def slices(self) -> Iterator[tuple[int, pl.DataFrame, list[str | None]]]:
        """The number of a slice's first row, its rows, and their texts."""
        row = first_row(self.table.path)
        for frame in self.table.slices(SLICE):
            yield row, frame, frame.get_column(self.table.column).to_list()
            row += frame.height

    def keep(self, frame: pl.DataFrame, kept: Sequence[int], texts: Sequence[str]) -> None:
        """Rows of a slice, by their places, with new texts."""
        column = pl.Series(self.table.column, texts, pl.String)
        self.sink.keep(frame[list(kept)].with_columns(column))


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """``most``: the rows that may be charged for one that is read."""

    work: Callable[[Job], Report]
    most: Callable[[Mapping[str, str]], int] = lambda _: 1


def listed(words: str) -> list[str]:
    """The words between commas."""
    return [word.strip() for word in words.split(",") if word.strip()]


def _clean(job: Job) -> Report:
    for start, frame, texts in job.slices():
        kept: list[int] = []
        cleaned: list[str] = []
        for place, row in enumerate(clean(_examples(texts), _STEPS)):
            if isinstance(row, Dropped):
                job.sink.drop(start + place, texts[place], row.reason)
            else:
                kept.append(place)
                cleaned.append(row.text)
        job.keep(frame, kept, cleaned)
    return {}


def _redact(job: Job) -> Report:
    put = Pseudonyms() if job.wishes.get("mode") == "pseudonym" else None
    redact = Redaction(put, listed(job.wishes.get("kinds", "")) or KINDS)
    for _, frame, texts in job.slices():
        job.keep(frame, range(frame.height), [redact(row).text for row in _examples(texts)])
    return {"redacted": dict(redact.counts)}


def _dedupe(job: Job) -> Report:
    with Spill() as spill:
        keys, drawn, labels = _read(job, spill)
        reasons = twins(keys, labels)
        threshold = float(job.wishes.get("near", THRESHOLD))
        if threshold:
            kept = np.flatnonzero(reasons == 0)
            first = clusters(drawn[kept], lambda places: spill.texts(kept[places]), threshold)
            reasons[kept], _ = near_twins(first, labels[kept])
    place = 0
    for start, frame, texts in job.slices():
        codes = reasons[place : place + frame.height]
        place += frame.height
        for at in np.flatnonzero(codes).tolist():
            job.sink.drop(start + at, texts[at], DROPS[codes[at]])
        stays = np.flatnonzero(codes == 0).tolist()
        job.keep(frame, stays, [texts[at] or "" for at in stays])
    return {}


def _read(job: Job, spill: Spill) -> tuple[Keys, NDArray[np.void], Codes]:
    keys: list[Keys] = [np.empty(0, np.uint64)]
    drawn: list[NDArray[np.void]] = [np.empty(0, SKETCH)]
    labels: list[Codes] = [np.empty(0, np.int64)]
    known: dict[str, int] = {}
    for _, frame, cells in job.slices():
        texts = [text or "" for text in cells]
        spill.add(texts)
        keys.append(twin_keys(texts))
        drawn.append(sketches(texts))
        label = job.wishes.get("label")
        labels.append(codes_of(frame.get_column(label).to_list() if label else [None] * frame.height, known))
    return np.concatenate(keys), np.concatenate(drawn), np.concatenate(labels)


def _augment(job: Job) -> Report:
    seen: set[int] = set()
    made: Counter[str] = Counter()
    for start, frame, texts in job.slices():
        job.sink.keep(
            frame.with_columns(_column(AUGMENTED, [None] * frame.height), _column(PARENT, [None] * frame.height))
        )
        seen.update(twin_keys(text or "" for text in texts).tolist())
        copies = list(_copies(job, texts, seen))
        places = [int(str(copy.meta[PARENT])) for copy in copies]
        made.update(str(copy.meta[AUGMENTED]) for copy in copies)
        new = frame[places].with_columns(
            _column(job.table.column, [copy.text for copy in copies]),
            _column(AUGMENTED, [str(copy.meta[AUGMENTED]) for copy in copies]),
            _column(PARENT, [str(start + place) for place in places]),
        )
        job.sink.keep(new)
    return {"augmented": dict(made)}


def _copies(job: Job, texts: Sequence[str | None], seen: set[int]) -> Iterator[Example]:
    """Altered copies of a slice's texts, none a twin of what was seen in any slice before."""
    wishes = job.wishes
    rows = [row for row in _examples(texts) if row.text]
    copies, seed = int(wishes.get("copies", "1")), int(wishes.get("seed", "1"))
    for copy in augment(rows, listed(wishes.get("methods", "noise")), copies=copies, seed=seed):
        key = int(twin_keys([copy.text])[0])
        if key not in seen:
            seen.add(key)
            yield copy


def _most_copies(wishes: Mapping[str, str]) -> int:
    return 1 + int(wishes.get("copies", "1")) * len(listed(wishes.get("methods", "noise")))


def _examples(texts: Sequence[str | None]) -> Iterator[Example]:
    """Texts as rows that are known by their places."""
    return (Example(id=str(place), text=text or "") for place, text in enumerate(texts))


def _column(name: str, values: Sequence[str | None]) -> pl.Series:
    return pl.Series(name, values, pl.String)


SERVICES: Mapping[str, Service] = MappingProxyType(
    {
        "clean": Service(work=_clean),
        "redact": Service(work=_redact),
        "dedupe": Service(work=_dedupe),
        "augment": Service(work=_augment, most=_most_copies),
    }
)
