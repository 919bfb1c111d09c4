"""Train, validation and test: stratified, the same for the same seed whatever the order of rows, no text in two."""

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from argosy.core.errors import DataError, ProjectError
from argosy.core.records import Dropped, Example
from argosy.data.dedupe import twin_key

_Group = list[Example]


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
    """Divide each class (and language, where ``meta`` has it) by the shares, twins staying together.

    A row's place in its class is the rank of a digest of seed and text. A class with a row for every split is in all.
    Raises ProjectError for impossible shares, DataError when a split would be empty.
    """
    wanted = _checked(shares or Shares())
    rows = list(examples)
    place: dict[str, int] = {}
    for groups in _strata(rows).values():
        ranked = sorted(groups, key=lambda group: _rank(seed, group))
        start = 0
        for number, count in enumerate(_counts(len(ranked), wanted)):
            place.update((twin_key(group[0].text), number) for group in ranked[start : start + count])
            start += count
    parts = [tuple(row for row in rows if place[twin_key(row.text)] == number) for number in range(len(wanted))]
    if any(share and not part for share, part in zip(wanted, parts, strict=True)):
        raise DataError(
            "{count} rows are too few to split into train, validation and test.",
            mend="Add labelled rows: every class needs at least three different texts.",
            count=len(rows),
        )
    return Splits(train=parts[0], validation=parts[1], test=parts[2])


def drop_shared(examples: Iterable[Example], test: Iterable[Example]) -> Iterator[Example | Dropped]:
    """Drop (``in_test``) every example whose twin is in a test set, which keeps all its rows."""
    keys = {twin_key(example.text) for example in test}
    for example in examples:
        yield Dropped(example=example, reason="in_test") if twin_key(example.text) in keys else example


def _checked(shares: Shares) -> tuple[float, float, float]:
    wanted = (shares.train, shares.validation, shares.test)
    if min(wanted) < 0 or not shares.train or not math.isclose(sum(wanted), 1):
        raise ProjectError(
            "The shares of train, validation and test are {shares}; they must be positive and add up to 1.",
            mend="Use 0.8, 0.1 and 0.1.",
            shares=", ".join(map(str, wanted)),
        )
    return wanted


def _strata(rows: Sequence[Example]) -> Mapping[tuple[str, str], list[_Group]]:
    twins: dict[str, _Group] = {}
    for row in rows:
        twins.setdefault(twin_key(row.text), []).append(row)
    strata: dict[tuple[str, str], list[_Group]] = {}
    for group in twins.values():
        first = min(group, key=lambda row: row.id)
        strata.setdefault((first.label or "", str(first.meta.get("language", ""))), []).append(group)
    return strata


def _rank(seed: int, group: _Group) -> bytes:
    return hashlib.blake2b(f"{seed}\n{twin_key(group[0].text)}".encode(), digest_size=16).digest()


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
