"""Train, validation and test: stratified or in the order of time, the same for the same seed however rows are sorted.

No text stands in two parts, and no group: rows that belong together are one unit, which goes to one part.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from argosy.core.errors import ArgosyError, DataError, ProjectError
from argosy.core.records import Example
from argosy.data.dedupe import Codes, Keys, codes_of, twin_keys

Parts = NDArray[np.int8]
LATE = -1
"""The part of a row that is in none: an earlier row of its unit is in an earlier part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """How much of the rows each split gets; they add up to 1."""

    train: float = 0.8
    validation: float = 0.1
    test: float = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Splits:
    """The rows of each split, in the order they came in."""

    train: tuple[Example, ...]
    validation: tuple[Example, ...]
    test: tuple[Example, ...]


def split(examples: Iterable[Example], *, seed: int, shares: Shares | None = None) -> Splits:
    """``assign`` for examples in memory: by label and language, where ``meta`` has one, twins and groups together."""
    rows = list(examples)
    keys = twin_keys(row.text for row in rows)
    strata = codes_of([f"{row.label or ''}\n{row.meta.get('language', '')}" for row in rows], {})
    groups = codes_of([_noted(row, "group") for row in rows], {})
    clusters = codes_of([_noted(row, "cluster") for row in rows], {})
    units = together(np.unique(keys, return_inverse=True)[1].astype(np.int64), groups, clusters)
    found = assign(twin_keys((row.text for row in rows), seed), units, strata, shares or Shares())
    parts = [tuple(row for row, at in zip(rows, found.tolist(), strict=True) if at == part) for part in range(3)]
    return Splits(train=parts[0], validation=parts[1], test=parts[2])


def together(*keyings: Codes) -> Codes:
    """The unit of each row [rows]: rows that share a number (-1 is none) under any of the keyings are one unit."""
    count = len(keyings[0])
    used = [codes for codes in keyings if len(codes) and codes.max() >= 0]
    if len(used) == 1 and used[0].min() >= 0:
        return used[0]
    from scipy.sparse import coo_array  # heavy, and needed here alone
    from scipy.sparse.csgraph import connected_components

    rows: list[Codes] = []
    nodes: list[Codes] = []
    total = count
    for codes in used:
        known = np.flatnonzero(codes >= 0)
        rows.append(known)
        nodes.append(codes[known] + total)
        total += int(codes.max()) + 1
    if not rows:
        return np.arange(count, dtype=np.int64)
    ones, others = np.concatenate(rows), np.concatenate(nodes)
    graph = coo_array((np.ones(len(ones), np.int8), (ones, others)), shape=(total, total))
    return np.asarray(connected_components(graph, directed=False)[1][:count], dtype=np.int64)


def assign(ranks: Keys, units: Codes, strata: Codes, shares: Shares) -> Parts:
    """The part of each row [rows]: 0 train, 1 validation, 2 test; each stratum is divided by the shares.

    ``ranks`` give the order, as if drawn by lot; a unit stands where its least rank does, in the stratum that most of
    its rows have. A stratum with a unit for every part is in all of them. Raises ProjectError for impossible shares,
    DataError when a part would be empty.
    """
    wanted = _checked(shares)
    names, unit, sizes = np.unique(units, return_inverse=True, return_counts=True)
    lot = np.full(len(names), np.iinfo(np.uint64).max, np.uint64)
    np.minimum.at(lot, unit, ranks)
    stratum = _commonest(unit, strata, len(names))
    order = np.lexsort((lot, stratum))
    part = np.zeros(len(names), np.int8)
    for group in np.split(order, np.flatnonzero(np.diff(stratum[order])) + 1):
        part[group] = _divided(sizes[group], wanted)
    found = part[unit]
    _refuse_empty(found, wanted)
    return found


def assign_by_time(times: NDArray[np.datetime64], units: Codes, shares: Shares) -> Parts:
    """The part of each row [rows] in the order of time: train before validation before test.

    Rows of one time at a boundary all go to the earlier part. A later row of a unit that began in an earlier part is in
    none (``LATE``): in its own part it would be known from training, in the earlier one it would come from the future.
    """
    wanted = _checked(shares)
    sorted_times = np.sort(times)
    found = np.full(len(times), max(part for part, share in enumerate(wanted) if share), np.int8)
    start = 0
    for part, end in enumerate(np.cumsum(_counts(len(times), wanted))[: int(found.max(initial=0))].tolist()):
        last = sorted_times[min(max(end, start + 1), len(times)) - 1]
        stop = int(np.searchsorted(sorted_times, last, side="right"))
        found[(times <= last) & (times > sorted_times[start - 1] if start else True)] = part
        start = stop
    first = np.full(int(units.max(initial=-1)) + 1, len(wanted), np.int8)
    np.minimum.at(first, units, found)
    late = found > first[units]
    if any(not (found[~late] == part).any() for part in set(found[late].tolist())):
        raise _no_new_units(int(late.sum()))
    found[late] = LATE
    _refuse_empty(found, wanted)
    return found


def _noted(row: Example, name: str) -> str | None:
    return str(row.meta[name]) if name in row.meta else None


def _commonest(unit: Codes, strata: Codes, count: int) -> Codes:
    """The stratum of most rows of each unit [units], the lowest among equals."""
    least = int(strata.min(initial=0))
    width = int(strata.max(initial=0)) - least + 1
    pairs, rows = np.unique(unit * width + strata - least, return_counts=True)
    order = np.lexsort((-pairs, rows))
    found = np.zeros(count, np.int64)
    found[pairs[order] // width] = pairs[order] % width + least  # the last one written is the commonest
    return found


def _divided(sizes: NDArray[np.int64], wanted: Sequence[float]) -> Parts:
    """The part of each unit of a stratum, in order [units]: by rows, or by units where a part would else be empty."""
    used = sum(share > 0 for share in wanted)
    ends = np.cumsum(_counts(int(sizes.sum()), wanted))
    middles = np.cumsum(sizes) - sizes / 2
    part = np.searchsorted(ends, middles, side="right").astype(np.int8)
    if len(set(part.tolist())) < used <= len(sizes):
        part = np.repeat(np.arange(len(wanted), dtype=np.int8), _counts(len(sizes), wanted))
    return part


def _refuse_empty(found: Parts, wanted: Sequence[float]) -> None:
    if any(share and not (found == part).any() for part, share in enumerate(wanted)):
        raise _too_few(len(found))


def _no_new_units(count: int) -> ArgosyError:
    return DataError(
        "Every row of a later part belongs to a group that has earlier rows ({count} rows): nothing would be left to "
        "test on.",
        where="[data] time",
        mend="Name either time or group: groups go on over all the time that the rows cover.",
        count=count,
    )


def _too_few(count: int) -> ArgosyError:
    return DataError(
        "{count} rows are too few to split into train, validation and test.",
        mend="Add rows: each part needs some, and every class at least three different texts.",
        count=count,
    )


def _checked(shares: Shares) -> tuple[float, float, float]:
    wanted = (shares.train, shares.validation, shares.test)
    if min(wanted) < 0 or not shares.train or not math.isclose(sum(wanted), 1):
        raise ProjectError(
            "The shares of train, validation and test are {shares}; they must be positive and add up to 1.",
            mend="Use 0.8, 0.1 and 0.1.",
            shares=", ".join(map(str, wanted)),
        )
    return wanted


def _counts(total: int, shares: Sequence[float]) -> list[int]:
    """Whole numbers that add up to ``total``, nearest to the shares, and one for each split if there are enough.

    >>> _counts(10, (0.8, 0.1, 0.1)), _counts(3, (0.8, 0.1, 0.1)), _counts(9, (0.9, 0.1, 0))
    ([8, 1, 1], [1, 1, 1], [8, 1, 0])
    """
    used = [number for number, share in enumerate(shares) if share]
    counts = [math.floor(total * share + 1e-9) for share in shares]
    by_rest = sorted(used, key=lambda number: counts[number] - total * shares[number])
    for number in by_rest[: total - sum(counts)]:
        counts[number] += 1
    for number in used if total >= len(used) else ():
        if not counts[number]:
            counts[counts.index(max(counts))] -= 1
            counts[number] = 1
    return counts
