"""Which row goes to which part, and which rows would tell the answer of another part: the gate against leaks."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from argosy.core.errors import ArgosyError, DataError, GateError, raise_all
from argosy.data.dedupe import Codes, twins
from argosy.data.near import LEAK, leaks_between
from argosy.data.split import LATE, Shares, assign, assign_by_time, together
from argosy.stages.data import rows
from argosy.stages.data.index import Index, Names
from argosy.stages.data.read import LABELLED, POOL, TEST

PARTS = ("train", "validation", "test")
Parted = NDArray[np.int8]
"""Of each row [rows] the place of its part in ``PARTS``, or a number below 0: why it is in none (``DROPS``)."""
LEAK_CODE = -2
_HELD_OUT, _TWIN, _CONFLICT = -3, -4, -5
DROPS: Mapping[int, str] = MappingProxyType(
    {
        LATE: "group_in_earlier_part",
        LEAK_CODE: "leak",
        _HELD_OUT: "in_test",
        _TWIN: "exact_twin",
        _CONFLICT: "conflicting_label",
    }
)
_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How rows are divided.

    ``near`` is the similarity from which two texts count as one (0: only twins do); ``drop`` takes leaks out of the
    training side instead of refusing them; ``timed`` divides in the order of time.
    """

    shares: Shares
    near: float = 0.0
    drop: bool = False
    timed: bool = False


def part_rows(folders: Mapping[str, Path], indexes: Mapping[str, Index], names: Names, rule: Rule) -> dict[str, Parted]:
    """The part of every row of the pool, of the rows labelled later and of the given test rows.

    Raises GateError where training rows stand in the given test rows too, DataError where groups do.
    """
    pool, later, given = (indexes[name] for name in (POOL, LABELLED, TEST))
    found = np.zeros(len(pool), np.int8)
    if len(given):
        found[_leaked(folders, pool, given, rule)] = LEAK_CODE
    usable = np.flatnonzero(found == 0)
    found[usable] = _divided(pool, usable, names, rule)
    added = np.zeros(len(later), np.int8)
    if len(later):
        held = {POOL: np.flatnonzero(found > 0), TEST: np.arange(len(given))}
        for name, places in held.items():
            added[_shared(folders, indexes, name, places, rule)] = _HELD_OUT
        _drop_repeats(pool, found, later, added)
    return {POOL: found, LABELLED: added, TEST: np.full(len(given), PARTS.index("test"), np.int8)}


def crossing(index: Index, found: Parted) -> int:
    """How many rows of one pool have a twin, or another row of their cluster or group, in another part."""
    kept = found >= 0
    rows_ = 0
    for codes in (np.unique(index.keys, return_inverse=True)[1], index.clusters, index.groups):
        chosen = np.flatnonzero(kept & (codes >= 0))
        if len(chosen):
            lowest = np.full(int(codes.max()) + 1, len(PARTS), np.int8)
            highest = np.full(int(codes.max()) + 1, -1, np.int8)
            np.minimum.at(lowest, codes[chosen], found[chosen])
            np.maximum.at(highest, codes[chosen], found[chosen])
            rows_ += int((lowest < highest)[codes[chosen]].sum())
    return rows_


def _divided(pool: Index, usable: Codes, names: Names, rule: Rule) -> Parted:
    keys = np.unique(pool.keys[usable], return_inverse=True)[1]
    units = together(keys.astype(np.int64), pool.groups[usable], pool.clusters[usable])
    if rule.timed:
        return assign_by_time(
            pool.times[usable], np.unique(units, return_inverse=True)[1].astype(np.int64), rule.shares
        )
    by_name = np.append(np.argsort(np.argsort(np.array(list(names.labels)))), -1)  # numbers in the order of the names
    strata = by_name[pool.labels[usable]] * (len(names.languages) + 1) + pool.languages[usable]
    return assign(pool.ranks[usable], units, strata, rule.shares)


def _leaked(folders: Mapping[str, Path], pool: Index, given: Index, rule: Rule) -> Codes:
    """The places of pool rows that stand in the given test rows too; raises them where they are not to be dropped."""
    pairs = _pairs(folders[TEST], given, np.arange(len(given)), folders[POOL], pool, rule)
    grouped = np.flatnonzero(np.isin(pool.groups, given.groups[given.groups >= 0]))
    problems: list[ArgosyError] = []
    if not rule.drop and len(pairs):
        problems.append(_leak_error(folders, pairs))
    if not rule.drop and len(grouped):
        problems.append(_group_error(folders, pool, given, grouped))
    raise_all(problems)
    return np.union1d(pairs["training"], grouped)


def _shared(folders: Mapping[str, Path], indexes: Mapping[str, Index], name: str, places: Codes, rule: Rule) -> Codes:
    """The places of rows labelled later that stand in held-out rows of another folder too."""
    later, other = indexes[LABELLED], indexes[name]
    pairs = _pairs(folders[name], other, places, folders[LABELLED], later, rule)
    groups = other.groups[places]
    return np.union1d(pairs["training"], np.flatnonzero(np.isin(later.groups, groups[groups >= 0])))


def _pairs(held_folder: Path, held: Index, places: Codes, folder: Path, index: Index, rule: Rule) -> NDArray[np.void]:
    """Held-out rows (those at ``places``) and others that say the same, of dtype ``LEAK``; places in their folders."""
    if not len(places) or not len(index):
        return np.empty(0, LEAK)
    if rule.near:
        texts = rows.texts_at(held_folder)
        found = leaks_between(
            held.sketches[places],
            index.sketches,
            lambda some: texts(places[some]),
            rows.texts_at(folder),
            rule.near,
        )
    else:
        same = np.flatnonzero(np.isin(index.keys, held.keys[places]))
        order = np.argsort(held.keys[places], kind="stable")
        found = np.empty(len(same), LEAK)
        found["held_out"] = order[np.searchsorted(held.keys[places][order], index.keys[same])]
        found["training"], found["similarity"] = same, 1.0
    found["held_out"] = places[found["held_out"]]
    return found


def _drop_repeats(pool: Index, found: Parted, later: Index, added: Parted) -> None:
    """Of training rows and rows labelled later the first of equal ones stays, and none of those that contradict."""
    train, fresh = np.flatnonzero(found == 0), np.flatnonzero(added == 0)
    keys = np.concatenate([pool.keys[train], later.keys[fresh]])
    labels = np.concatenate([pool.labels[train], later.labels[fresh]])
    codes = np.array([0, _TWIN, _CONFLICT], np.int8)[twins(keys, labels)]
    found[train], added[fresh] = codes[: len(train)], codes[len(train) :]


def _leak_error(folders: Mapping[str, Path], pairs: NDArray[np.void]) -> ArgosyError:
    shown = pairs[np.argsort(-pairs["similarity"], kind="stable")][:_SHOWN]
    return GateError(
        "{count} training rows say the same as test rows, so the test would measure what was learnt by heart: "
        "{examples}.",
        where="[data] test",
        mend='Take them out of one file, or let Argosy drop them from the training rows:  [data] leaks = "drop"',
        count=len(np.unique(pairs["training"])),
        examples=_shown_pairs(folders, shown["training"], shown["held_out"]),
    )


def _group_error(folders: Mapping[str, Path], pool: Index, given: Index, grouped: Codes) -> ArgosyError:
    numbers, first = np.unique(pool.groups[grouped], return_index=True)
    others = [int(np.flatnonzero(given.groups == number)[0]) for number in numbers[:_SHOWN]]
    return DataError(
        "{count} groups have rows in the training file and in the test file ({rows} training rows): {examples}.",
        where="[data] group",
        mend='Move all rows of a group to one file, or let Argosy drop the training rows:  [data] leaks = "drop"',
        count=len(numbers),
        rows=len(grouped),
        examples=_shown_pairs(folders, grouped[first[:_SHOWN]], np.array(others, dtype=np.int64)),
    )


def _shown_pairs(folders: Mapping[str, Path], training: Codes, held_out: Codes) -> str:
    ones = rows.Stored(folders[POOL]).take(training.tolist())
    others = rows.Stored(folders[TEST]).take(held_out.tolist())
    return "; ".join(f"{one.id} = {other.id}" for one, other in zip(ones, others, strict=True))
