"""Shares and numbers of negative texts, corrected for the classifier's known errors, with 95 % intervals.

The assumption has a name, label shift: sentiments come in other shares from hour to hour and topic to topic, but what
the classifier says of a truly negative text is everywhere as on the test rows, P(said | true). Where a topic speaks in
words that the test rows lack, that fails, and only test rows of its own would tell. Texts count as independent, which
is why stories are counted and not their reposts.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from argosy.core.opinion import SENTIMENTS
from argosy.opinion.counting.errors import Errors
from argosy.opinion.counting.profile import Profile

Floats = NDArray[np.float64]
Doubt = Literal["", "empty", "open", "unmeasured"]
Said = Mapping[str, Floats]
"""By language, how many texts were said to have each sentiment [cells, 3], in the order of ``SENTIMENTS``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share of negative among ``n`` texts, or their number, with its interval; ``raw`` as the classifier says it.

    ``doubt`` says why one knows nothing: ``empty`` (no texts; the figures are nan), ``open`` (what was said fits every
    share, as with one text, or with a classifier no better than chance), ``unmeasured`` (no error was ever measured).
    """

    value: float
    low: float
    high: float
    raw: float
    n: int
    doubt: Doubt = ""

    def to_json(self) -> dict[str, Any]:
        """Plain values; null for what is not known."""
        return _plain(asdict(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A share less an earlier one, with its interval; nan where either had no texts."""

    value: float
    low: float
    high: float

    @property
    def certain(self) -> bool:
        """Whether it is none of chance alone."""
        return self.low > 0 or self.high < 0

    def to_json(self) -> dict[str, Any]:
        """Plain values; null for what is not known."""
        return _plain(asdict(self)) | {"certain": self.certain}


def corrected_many(said: Floats, matrix: Floats, *, drawn: bool = True) -> tuple[Floats, Floats, Floats]:
    """Shares of negative with the ends of their intervals, each [cells], of texts said to be ``said`` [cells, 3].

    ``matrix`` are test rows by true and said sentiment [3, 3]. ``drawn``: the share is that of all such texts, of which
    these were drawn; else that of these very texts. Cells without texts are nan.
    """
    texts = said.sum(axis=1)
    full = texts > 0
    found = np.full((3, len(said)), np.nan)
    if full.any():
        count = texts[full][:, None]
        zero = np.zeros_like(count)
        profile = Profile(
            said=said[full, :2] / count,
            matrix=matrix,
            total=zero + 1,
            low=zero,
            high=zero + 1,
            texts=count,
            drawn=drawn,
        )
        found[:, full] = profile.region()
    return found[0], found[1], found[2]


def combined(said: Said, errors: Errors) -> list[Share]:
    """The share of negative of each cell over all its languages, each corrected by its own errors.

    The languages' intervals are joined as those of independent figures are (Zou and Donner 2008).
    """
    homes = _homes(said, errors)
    texts = {home: table.sum(axis=1) for home, table in homes.items()}
    whole = sum(texts.values(), np.zeros(_cells(said)))
    weights = {home: count / np.maximum(whole, 1) for home, count in texts.items()}
    return _told(homes, weights, errors, whole, most=np.ones(len(whole)), drawn=True)


def numbers(said: Said, errors: Errors) -> list[Share]:
    """How many texts of each cell are negative, of these very texts; ``raw`` how many are said to be."""
    homes = _homes(said, errors)
    texts = {home: table.sum(axis=1) for home, table in homes.items()}
    whole = sum(texts.values(), np.zeros(_cells(said)))
    return _told(homes, texts, errors, whole, most=whole, drawn=False)


def changes(now: Said, before: Said, errors: Errors) -> list[Change]:
    """The share of negative of each cell less that of the same cell before.

    What the errors of the classifier leave open is the same on both sides, and so it weighs on the difference only.
    """
    sides = [_homes(said, errors) for said in (now, before)]
    wholes = [sum((table.sum(axis=1) for table in side.values()), np.zeros(_cells(now))) for side in sides]
    parts = []
    for home in sorted({*sides[0], *sides[1]}):
        none = np.zeros((len(wholes[0]), len(SENTIMENTS)))
        parts.append(_apart([side.get(home, none) for side in sides], wholes, errors.matrix(home)))
    value, low, high = _joined(parts, len(wholes[0]))
    known = (wholes[0] > 0) & (wholes[1] > 0)
    rows = np.where(known, [value, np.maximum(low, -1), np.minimum(high, 1)], np.nan).T
    return [Change(value=float(row[0]), low=float(row[1]), high=float(row[2])) for row in rows]


def _apart(tables: Sequence[Floats], wholes: Sequence[Floats], matrix: Floats) -> tuple[Floats, Floats, Floats]:
    """What one home adds to a difference: its part of the texts on each side, times its share of negative there."""
    counts = [table.sum(axis=1, keepdims=True) for table in tables]
    weights = [count / np.maximum(whole[:, None], 1) for count, whole in zip(counts, wholes, strict=True)]
    shares = [table[:, :2] / np.maximum(count, 1) for table, count in zip(tables, counts, strict=True)]
    found = np.zeros((3, len(wholes[0])))
    some = (counts[0] + counts[1])[:, 0] > 0
    if some.any():
        both = tables[0] + tables[1]
        noise = sum(weight**2 * _noise(table, both) for weight, table in zip(weights, tables, strict=True))
        profile = Profile(
            said=(weights[0] * shares[0] - weights[1] * shares[1])[some],
            matrix=matrix,
            total=(weights[0] - weights[1])[some],
            low=-weights[1][some],
            high=weights[0][some],
            texts=(counts[0] + counts[1])[some],
            noise=np.asarray(noise)[some],
        )
        found[:, some] = profile.region()
    return found[0], found[1], found[2]


def _noise(table: Floats, both: Floats) -> Floats:
    """Variance, covariance, variance [cells, 3] of the first two shares said of ``table``, a part of ``both``.

    They are those of its own shares or of both sides' together, whichever vary more: few texts that happen to be
    said alike would look certain by their own.
    """
    count = np.maximum(table.sum(axis=1, keepdims=True), 1)
    own, shared = (_scatter((one + 1) / (one + 1).sum(axis=1, keepdims=True)) for one in (table, both))
    return np.where(own[:, :1] >= shared[:, :1], own, shared) / count  # type: ignore[no-any-return] # of floats


def _scatter(share: Floats) -> Floats:
    one, two = share[:, 0], share[:, 1]
    return np.stack([one * (1 - one), -one * two, two * (1 - two)], axis=1)


def _told(
    homes: Said, weights: Mapping[str, Floats], errors: Errors, whole: Floats, *, most: Floats, drawn: bool
) -> list[Share]:
    """The weighted sums over the homes, as they are told."""
    parts, raw = [], np.zeros(len(whole))
    for home, table in homes.items():
        weight = weights[home]
        share = corrected_many(table, errors.matrix(home), drawn=drawn)
        parts.append(tuple(np.nan_to_num(one) * weight for one in share))
        raw += weight * table[:, 0] / np.maximum(table.sum(axis=1), 1)
    value, low, high = _joined(parts, len(whole))
    low, high = np.clip(low, 0, most), np.clip(high, 0, most)
    unmeasured = not any(errors.counts.values())
    return [
        _one(tuple(map(float, row)), int(count), unmeasured=unmeasured)
        for row, count in zip(np.stack([value, low, high, raw, most], axis=1), whole, strict=True)
    ]


def _one(row: tuple[float, ...], texts: int, *, unmeasured: bool) -> Share:
    value, low, high, raw, most = row
    if not texts:
        return Share(value=math.nan, low=math.nan, high=math.nan, raw=math.nan, n=0, doubt="empty")
    if unmeasured:
        return Share(value=raw, low=0.0, high=most, raw=raw, n=texts, doubt="unmeasured")
    if low <= 0 and high >= most:
        return Share(value=raw, low=0.0, high=most, raw=raw, n=texts, doubt="open")
    return Share(value=value, low=low, high=high, raw=raw, n=texts)


def _joined(parts: Sequence[tuple[Floats, ...]], cells: int) -> tuple[Floats, Floats, Floats]:
    """The sum of independent figures with the interval of the sum."""
    if len(parts) == 1:
        return parts[0][0], parts[0][1], parts[0][2]
    value = sum((part[0] for part in parts), np.zeros(cells))
    below = np.sqrt(sum(((part[0] - part[1]) ** 2 for part in parts), np.zeros(cells)))
    above = np.sqrt(sum(((part[2] - part[0]) ** 2 for part in parts), np.zeros(cells)))
    return value, value - below, value + above


def _homes(said: Said, errors: Errors) -> dict[str, Floats]:
    """The counts by whose errors speak for them: languages without rows enough go together."""
    found: dict[str, Floats] = {}
    for language, table in sorted(said.items()):
        if not table.any():
            continue
        home = errors.home(language)
        found[home] = found[home] + table if home in found else table
    return found


def _cells(said: Said) -> int:
    return max((len(table) for table in said.values()), default=0)


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in told.items()
    }
