"""Voices out of tables: reviews, tickets or posts, whose columns are named or guessed."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from argosy.core.errors import ArgosyError, DataError, MissingError, raise_all
from argosy.data.files.header import nearest
from argosy.data.files.read import read_table, short_names
from argosy.data.numeric import parse_number
from argosy.data.times import parse_times
from argosy.venture.market.segments import WHO
from argosy.venture.market.voices import Voice

_USUAL: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "review", "content", "comment", "body", "message", "post", "文本", "评论", "内容", "评价", "正文"),
    "brand": ("brand", "product", "company", "vendor", "品牌", "产品", "商家", "公司"),
    "rating": ("rating", "stars", "score", "star", "评分", "星级", "打分", "分数"),
    "time": ("time", "date", "created", "published", "timestamp", "时间", "日期", "发布时间"),
    "customer": ("customer", "user", "author", "customer id", "user id", "用户", "客户", "作者", "用户名"),
    "id": ("id", "review id", "编号", "序号"),
}
Edges = NDArray[np.float64]
_STARS = re.compile(r"([★⭐])")
_OF = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?:/\s*\d+(?:\.\d+)?|stars?|out of \d+|星|分|颗星)?\s*", re.IGNORECASE)
_WORDS = {
    **dict.fromkeys(("positive", "pos", "good", "好评", "正面", "满意"), 5.0),
    **dict.fromkeys(("neutral", "中评", "中性", "一般"), 3.0),
    **dict.fromkeys(("negative", "neg", "bad", "差评", "负面", "不满意"), 1.0),
}
_VALUES, _PARTS = 12, 3  # values of an attribute that are kept as they are; parts in which numbers are cut
_LONGEST = 60  # characters of a value of an attribute


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which column holds what; None: the one of a usual name, if there is one. A column that is named must be there.

    ``attributes`` are those of customers; None: all other columns of a few values that come again, or of numbers.
    """

    text: str | None = None
    brand: str | None = None
    rating: str | None = None
    time: str | None = None
    customer: str | None = None
    attributes: Sequence[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What was read: rows, the columns by what they hold, and what was left out or not understood, by reason.

    Reasons are ``empty``, ``twin`` (the same text, brand, customer and time once more), ``rating`` and ``brand`` (a row
    that is kept without one).
    """

    rows: int
    columns: Mapping[str, str]
    attributes: tuple[str, ...]
    left: Counter[str] = field(default_factory=Counter)


def read(
    paths: Sequence[Path], columns: Columns | None = None, brands: Mapping[str, Sequence[str]] | None = None
) -> tuple[list[Voice], Account]:
    """The voices in some tables, and the account of what was read.

    ``brands`` gives other spellings of brands; without a column of brands, a text is of the one brand that it names.
    Raises MissingError without files, DataError, or several at once, for columns that are not there or not understood.
    """
    if not paths:
        raise MissingError(
            "No file of texts is named.",
            where="venture.toml, [market]",
            mend='Name tables of reviews, tickets or posts: files = ["reviews.csv"]',
        )
    wanted = columns or Columns()
    brand_of = _Brands(brands or {})
    voices: list[Voice] = []
    left: Counter[str] = Counter()
    problems: list[ArgosyError] = []
    rows, holds, attributes = 0, dict[str, str](), dict[str, None]()
    for path, name in zip(paths, short_names(paths), strict=True):
        table = _Table.of(path, name, wanted)
        new, told = table.voices(brand_of, left)
        voices += new
        problems += told
        rows += table.rows
        holds |= table.holds
        attributes |= dict.fromkeys(table.attributes)
    raise_all(problems)
    kept = _attributes(_single(voices, left))
    return kept, Account(rows=rows, columns=holds, attributes=tuple(attributes), left=left)


class _Brands:
    """The brand that a cell, or a text, means."""

    def __init__(self, brands: Mapping[str, Sequence[str]]) -> None:
        self.names = {spelling.casefold(): brand for brand, others in brands.items() for spelling in (brand, *others)}
        longest = sorted(map(re.escape, self.names), key=lambda name: (-len(name), name))
        self.found = re.compile("|".join(longest), re.IGNORECASE) if longest else None

    def of_cell(self, cell: str | None) -> str | None:
        plain = " ".join((cell or "").split())
        return self.names.get(plain.casefold(), plain) or None

    def of_text(self, text: str) -> str | None:
        named = {self.names[hit[0].casefold()] for hit in self.found.finditer(text)} if self.found else set()
        return named.pop() if len(named) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """The cells of one file by column, and what each column holds."""

    name: str
    cells: Mapping[str, Sequence[str | None]]
    rows: int
    holds: dict[str, str]
    attributes: tuple[str, ...]

    @classmethod
    def of(cls, path: Path, name: str, wanted: Columns) -> "_Table":
        given = {kind: str(column) for kind in _USUAL if (column := getattr(wanted, kind, None)) is not None}
        frame = read_table(path, [*given.values(), *(wanted.attributes or ())])
        names = frame.columns
        problems = [_missing(one, names, name) for one in (*given.values(), *(wanted.attributes or ()))
                    if one not in names]  # fmt: skip
        raise_all(problems)
        free = [one for one in names if one not in given.values()]
        guessed = {kind: found for kind in _USUAL if kind not in given and (found := _guess(kind, free))}
        holds = {**guessed, **given}
        if "text" not in holds:
            raise _no_text(names, name)
        others = tuple(one for one in names if one not in holds.values())
        cells = {one: frame[one].to_list() for one in names}
        fit = wanted.attributes if wanted.attributes is not None else [one for one in others if _tells(cells[one])]
        return cls(name=name, cells=cells, rows=frame.height, holds=holds, attributes=tuple(fit))

    def voices(self, brands: _Brands, left: Counter[str]) -> tuple[list[Voice], list[ArgosyError]]:
        """The voices of the rows that have a text; problems of whole columns."""
        texts = self.cells[self.holds["text"]]
        ratings, told = self._ratings()
        times, bad = self._times()
        ids, who, named = (self._column(kind) for kind in ("id", "customer", "brand"))
        found = []
        for at, text in enumerate(texts):
            plain = (text or "").strip()
            if not plain:
                left["empty"] += 1
                continue
            brand = brands.of_cell(named[at]) if "brand" in self.holds else brands.of_text(plain)
            left["brand"] += brand is None
            left["rating"] += bool("rating" in self.holds and ratings[at] is None)
            customer = {one: value for one in self.attributes if (value := (self.cells[one][at] or "").strip())}
            if key := (who[at] or "").strip():
                customer[WHO] = key
            time = times[at]
            found.append(
                Voice(
                    id=(ids[at] or "").strip() or f"{self.name}:{at + 1}",
                    text=plain,
                    brand=brand,
                    rating=ratings[at],
                    time=None if time is None else datetime.fromisoformat(time),
                    customer={one: value[:_LONGEST] for one, value in customer.items()},
                )
            )
        return found, told + bad

    def _column(self, kind: str) -> Sequence[str | None]:
        return self.cells[self.holds[kind]] if kind in self.holds else [None] * self.rows

    def _ratings(self) -> tuple[list[float | None], list[ArgosyError]]:
        cells = self._column("rating")
        found = [rating(cell or "") for cell in cells]
        filled = [at for at, cell in enumerate(cells) if (cell or "").strip()]
        bad = [at for at in filled if found[at] is None]
        if filled and len(bad) == len(filled):
            column = self.holds["rating"]
            return found, [
                DataError(
                    "The column {column!r} holds no ratings; its first cell reads {found!r}.",
                    where=self.name,
                    mend="Write numbers such as 4, stars, 4/5, or 好评 and 差评, or name another column.",
                    column=column,
                    found=str(cells[bad[0]])[:40],
                )
            ]
        return found, []

    def _times(self) -> tuple[list[str | None], list[ArgosyError]]:
        cells = self._column("time")
        places = [f"{self.name}, row {at + 2}" for at in range(len(cells))]
        return parse_times(cells, self.holds.get("time", ""), places)


def rating(cell: str) -> float | None:
    """The rating in a cell: a number, stars, "4/5", or a word for praise or blame (5, 3, 1).

    >>> rating("4/5"), rating("★★★☆☆"), rating("好评"), rating("5 stars"), rating("soso")
    (4.0, 3.0, 5.0, 5.0, None)
    """
    plain = cell.strip()
    if (number := parse_number(plain)) is not None:
        return number
    if stars := _STARS.findall(plain):
        return float(len(stars))
    if found := _OF.fullmatch(plain):
        return float(found[1])
    return _WORDS.get(plain.casefold())


def _guess(kind: str, names: Sequence[str]) -> str | None:
    folded = {re.sub(r"[\s_-]+", " ", name).strip().casefold(): name for name in reversed(names)}
    return next((folded[usual] for usual in _USUAL[kind] if usual in folded), None)


def _tells(cells: Sequence[str | None]) -> bool:
    """Whether a column may tell customers apart: a few values that come again, or numbers."""
    filled = [cell.strip() for cell in cells if cell and cell.strip()]
    values = set(filled)
    if len(values) < 2 or max(map(len, values)) > _LONGEST:  # noqa: PLR2004 - one value tells nothing apart
        return False
    few = len(values) <= min(_VALUES, max(2, len(filled) // 2))
    return few or (len(values) < len(filled) and all(parse_number(one) is not None for one in values))


def _single(voices: Sequence[Voice], left: Counter[str]) -> list[Voice]:
    """The voices without twins, whose ids are their own."""
    seen: set[tuple[object, ...]] = set()
    ids: Counter[str] = Counter()
    kept = []
    for one in voices:
        key = (one.text, one.brand, one.customer.get(WHO), one.time, one.rating)
        if key in seen:
            left["twin"] += 1
            continue
        seen.add(key)
        ids[one.id] += 1
        again = one.id if ids[one.id] == 1 else f"{one.id}#{ids[one.id]}"
        kept.append(one if again == one.id else replace(one, id=again))
    return kept


def _attributes(voices: Sequence[Voice]) -> list[Voice]:
    """The voices with attributes of many numbers cut into three parts of as many customers each."""
    every: dict[str, list[str]] = {}
    for one in voices:
        for name, value in one.customer.items():
            every.setdefault(name, []).append(value)
    cuts: dict[str, Edges] = {}
    for name, values in every.items():
        numbers = [parse_number(value) for value in values]
        known = [number for number in numbers if number is not None]
        if name != WHO and len(known) == len(numbers) and len(set(known)) > _VALUES:
            cuts[name] = np.unique(np.quantile(known, np.arange(1, _PARTS) / _PARTS, method="lower"))
    return [replace(one, customer=_cut(one.customer, cuts)) if cuts else one for one in voices]


def _cut(customer: Mapping[str, str], cuts: Mapping[str, Edges]) -> dict[str, str]:
    found = dict(customer)
    for name in cuts.keys() & customer.keys():
        ends = ["", *(f"{end:g}" for end in cuts[name]), ""]
        at = int(np.searchsorted(cuts[name], parse_number(customer[name]) or 0.0, side="left"))
        low, high = ends[at], ends[at + 1]
        found[name] = f"{low}–{high}" if low and high else f"≤ {high}" if high else f"> {low}"
    return found


def _missing(column: str, names: Sequence[str], where: str) -> ArgosyError:
    return DataError(
        "There is no column {name!r}; the first row names {names}.",
        where=where,
        mend="Name one of these under [market.columns]: {near!r}.",
        name=column,
        names=", ".join(repr(one[:40]) for one in names[:12]),
        near=nearest(column, names) or names[0],
    )


def _no_text(names: Sequence[str], where: str) -> ArgosyError:
    return DataError(
        "No column looks like the text: {names}.",
        where=where,
        mend='Name it in venture.toml:  [market.columns] text = "…"',
        names=", ".join(repr(one[:40]) for one in names[:12]),
    )
