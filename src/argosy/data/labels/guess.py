"""A first guess at what a stranger's file holds: which column is the text, which the label, which languages."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from argosy.core.errors import DataError
from argosy.data.clean import clean_text
from argosy.data.language import likeliest
from argosy.data.numeric import parse_number
from argosy.data.times import parse_time

_TEXT_NAMES = ("text", "content", "review", "comment", "sentence", "文本", "内容", "评论", "正文", "句子")
_LABEL_NAMES = ("label", "category", "sentiment", "class", "intent", "标签", "类别", "情感", "分类", "意图")
_TIME_NAMES = ("time", "date", "published", "created", "timestamp", "发布时间", "时间", "日期")
_SAMPLE = 500  # rows spread evenly over the file
_MOST_LABELS = 200
_TIMES = 50  # cells that tell whether a column holds times


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What the columns seem to be; ``label`` is None when no column looks like one."""

    text: str
    label: str | None
    task: str
    languages: tuple[str, ...]


def guess(frame: pl.DataFrame) -> Guess:
    """The usual names first, then the looks of the columns; raises DataError when no column holds text."""
    texts = [name for name in frame.columns if _holds_text(frame[name])]
    if not texts:
        raise DataError(
            "No column looks like text: {names}.",
            mend="Name the column with --text.",
            names=", ".join(map(repr, frame.columns)),
        )
    text = _named(texts, _TEXT_NAMES) or max(texts, key=lambda name: _mean_length(frame[name]) * _unlike(frame[name]))
    labels = [name for name in frame.columns if name != text and _holds_labels(frame[name])]
    by_looks = min(labels, key=lambda name: (_is_numeric(frame[name]), frame[name].n_unique()), default=None)
    words = frame[text].drop_nulls().gather_every(max(1, frame.height // _SAMPLE)).to_list()
    languages = likeliest([clean_text(cell[:1000]) for cell in words])
    label = _named(labels, _LABEL_NAMES) or by_looks
    return Guess(text=text, label=label, task="classify", languages=tuple(languages or ["en"]))


def guess_label(frame: pl.DataFrame) -> str | None:
    """The column with a usual name for labels; none by its looks where all columns are numbers."""
    return _named(frame.columns, _LABEL_NAMES)


def guess_numeric(frame: pl.DataFrame, label: str | None) -> tuple[list[str], str]:
    """The columns of numbers beside ``label``, and the task: regress where the label is a number that varies."""
    numeric = [name for name in frame.columns if _holds_numbers(frame[name])]
    varies = label in numeric and not _holds_labels(frame[label])
    return [name for name in numeric if name != label], "regress" if varies else "classify"


def guess_time(frame: pl.DataFrame) -> str | None:
    """The column of times: of those that hold nothing else the one with a usual name, or the first."""
    times = [name for name in frame.columns if _holds_times(frame[name])]
    return _named(times, _TIME_NAMES) or next(iter(times), None)


def _named(names: Sequence[str], usual: Sequence[str]) -> str | None:
    """The first column with a usual name, whatever its case; else the first whose name holds one."""
    folded = {name.casefold(): name for name in reversed(names)}
    exact = [folded[name] for name in usual if name in folded]
    partly = [name for key, name in reversed(folded.items()) if any(word in key for word in usual)]
    return next(iter([*exact, *partly]), None)


def _holds_text(column: pl.Series) -> bool:
    filled = column.drop_nulls()
    letters = filled.str.contains(r"\p{L}").mean()
    return filled.len() > 0 and float(str(letters)) > 0.5  # noqa: PLR2004 - most cells


def _holds_times(column: pl.Series) -> bool:
    """Whether all cells of some are times, written with more than a number, which may count anything."""
    some = column.drop_nulls().head(_TIMES).to_list()
    return bool(some) and all(not cell.strip().isdecimal() and parse_time(cell) is not None for cell in some)


def _holds_labels(column: pl.Series) -> bool:
    """Few distinct values, each repeated on average, short and not fractions."""
    filled = column.drop_nulls()
    distinct = filled.n_unique()
    if not 1 < distinct <= _MOST_LABELS or distinct * 2 > filled.len() or _mean_length(column) > 60:  # noqa: PLR2004
        return False
    return not filled.str.contains(r"^-?\d+\.\d+$").any()


def _holds_numbers(column: pl.Series) -> bool:
    filled = column.drop_nulls().to_list()
    return bool(filled) and all(parse_number(cell) is not None for cell in filled)


def _is_numeric(column: pl.Series) -> bool:
    return bool(column.drop_nulls().str.contains(r"^\s*[-+]?\d+\s*$").all())


def _mean_length(column: pl.Series) -> float:
    return float(str(column.str.len_chars().mean() or 0))


def _unlike(column: pl.Series) -> float:
    """The share of distinct values."""
    return column.n_unique() / max(column.len(), 1)
