"""The sheet of texts: a table that goes out to be labelled in Excel, and comes back as corrections.

Only the columns ``id``, ``sentiment``, ``topic`` and ``entity`` are read; a row that cannot be read costs no other row.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from argosy.core.errors import ArgosyError, DataError, raise_all
from argosy.core.opinion import SENTIMENTS, Kept
from argosy.data.files.cells import harmless, plain
from argosy.data.files.header import missing_columns
from argosy.data.files.read import first_row, read_table
from argosy.data.files.write import write_table

ID, ENTITY, SENTIMENT, TOPIC = "id", "entity", "sentiment", "topic"
_TOLD = ("text", "source", "time", "language", "sentiment read", "topic read", "chance")
_LONGEST = 8000  # characters of a cell
_SECOND = 1_000_000  # microseconds
_WORDS: dict[str, str] = {
    **dict.fromkeys(("neg", "-", "-1", "负面", "消极", "負面", "差评"), "negative"),
    **dict.fromkeys(("neu", "0", "中性", "中立"), "neutral"),
    **dict.fromkeys(("pos", "+", "1", "+1", "正面", "积极", "積極", "好评"), "positive"),
    **{word: word for word in SENTIMENTS},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a row says of the text ``id``: the sentiment (about ``entity`` where one stands there), the topic."""

    id: str
    sentiment: str
    topic: str
    entity: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What a sheet says, in its order, and what is wrong with rows, which were passed over."""

    said: tuple[Said, ...]
    problems: tuple[ArgosyError, ...]


def drawn(texts: Iterable[Kept], count: int, *, doubtful: bool, entity: str = "", seed: int = 0) -> list[Kept]:
    """Texts that are worth a look, ``count`` at most: by chance, or with ``doubtful`` the least certain first.

    With an ``entity`` only those that speak of it. The same ``seed`` draws the same.
    """
    known = {one.id: one for one in texts if not entity or any(about.entity == entity for about in one.opinion.about)}
    if doubtful:
        return sorted(known.values(), key=lambda one: (_chance(one, entity), one.id))[:count]
    return sorted(known.values(), key=lambda one: hashlib.blake2b(f"{seed}\0{one.id}".encode()).digest())[:count]


def write_sheet(texts: Sequence[Kept], path: Path, entity: str = "") -> int:
    """Write texts as .csv, .xlsx or .jsonl, to be labelled; with an ``entity`` by what is felt about it.

    Returns how many there are. Raises DataError for another ending, MachineError when the system refuses.
    """
    columns = (ID, *_TOLD, ENTITY, SENTIMENT, TOPIC)
    rows = [_row(one, entity) for one in texts]
    write_table(pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row"), path)
    return len(rows)


def read_sheet(path: Path) -> Filled:
    """What a filled sheet says, in UTF-8 or GB18030, with commas or semicolons; topics and entities as they stand.

    Rows with neither sentiment nor topic are left out. Raises DataError where the file is no such sheet.
    """
    frame = read_table(path, (ID, SENTIMENT))
    raise_all(missing_columns(frame, (ID, SENTIMENT), path.name))
    columns = [
        [plain(cell) for cell in frame[name]] if name in frame.columns else [""] * frame.height
        for name in (ID, SENTIMENT, TOPIC, ENTITY)
    ]
    said: list[Said] = []
    problems: list[ArgosyError] = []
    for number, (name, sentiment, topic, entity) in enumerate(zip(*columns, strict=True), first_row(path)):
        if not (sentiment or topic):
            continue
        where = f"{path.name}, row {number}"
        try:
            word = _word(sentiment, where) if sentiment else ""
        except DataError as error:
            problems.append(error)
        else:
            said.append(Said(id=name, sentiment=word, topic=topic, entity=entity, where=where))
    return Filled(said=tuple(said), problems=tuple(problems))


def _word(sentiment: str, where: str) -> str:
    try:
        return _WORDS[sentiment.casefold().strip(" .。")]
    except KeyError:
        raise DataError(
            "The sentiment {word!r} is not known; it is negative (负面), neutral (中性), positive (正面), or empty.",
            where=where,
            mend="Write one of these.",
            word=sentiment,
        ) from None


def _row(kept: Kept, entity: str) -> tuple[str, ...]:
    opinion = kept.opinion
    told = (
        opinion.text,
        opinion.post.source,
        datetime.fromtimestamp(opinion.post.at / _SECOND, UTC).strftime("%Y-%m-%d %H:%M"),
        opinion.language,
        _about(kept, entity) or opinion.sentiment,
        opinion.topic,
        f"{_chance(kept, entity):.3f}",
    )
    return (kept.id, *(harmless(cell[:_LONGEST]) for cell in told), entity, "", "")


def _about(kept: Kept, entity: str) -> str:
    """The sentiment about an entity; empty where none is named."""
    return next((about.sentiment for about in kept.opinion.about if about.entity == entity), "")


def _chance(kept: Kept, entity: str) -> float:
    """How sure what was read is, at its weakest: of the sentiment (about the entity), and of the topic."""
    opinion = kept.opinion
    if entity:
        return max((max(about.chances.values()) for about in opinion.about if about.entity == entity), default=0.0)
    return min(max(opinion.chances.values(), default=0.0), opinion.sure)
