"""What is known of the parts: the figures of the data card."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from argosy.data.dedupe import Codes
from argosy.data.language import association
from argosy.stages.data.index import Index, Names
from argosy.stages.data.parting import DROPS, LEAK_CODE, PARTS, Parted, Rule, crossing
from argosy.stages.data.read import POOL, TEST

_QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


def gather(
    indexes: Mapping[str, Index], parted: Mapping[str, Parted], names: Names, rule: Rule, steps: Mapping[str, Any]
) -> dict[str, Any]:
    """Counts by part, label, language, length, group and time; ``steps`` are the facts of the stages before.

    ``leaks`` are rows and groups of the pool that stood in the given test rows, ``crossing`` those that are left in two
    parts after all (none), ``in_order`` says whether the rows of the pool came in the order of time.
    """
    labels = {part: _counts(indexes, parted, "labels", part, list(names.labels)) for part in range(len(PARTS))}
    languages = {part: _counts(indexes, parted, "languages", part, list(names.languages)) for part in range(len(PARTS))}
    dropped = np.concatenate([found[found < 0] for found in parted.values()])
    return {
        "labels": sorted({*labels[0], *labels[1]}),
        "rows": {
            title: int(sum((found == part).sum() for found in parted.values())) for part, title in enumerate(PARTS)
        },
        "languages": {title: dict(sorted(languages[part].items())) for part, title in enumerate(PARTS)},
        "association": asdict(_association(indexes, parted, names)),
        "label_counts": {title: labels[part] for part, title in enumerate(PARTS)},
        "lengths": {title: _lengths(indexes, parted, part) for part, title in enumerate(PARTS)},
        "groups": {title: _groups(indexes, parted, part) for part, title in enumerate(PARTS)},
        "times": {title: _times(indexes, parted, part) for part, title in enumerate(PARTS)},
        "dropped": {DROPS[code]: int((dropped == code).sum()) for code in np.unique(dropped).tolist()},
        "leaks": _leaks(indexes, parted, rule),
        "in_order": _in_order(indexes[POOL]),
        "crossing": crossing(indexes[POOL], parted[POOL]),
        "steps": dict(steps),
    }


def _leaks(indexes: Mapping[str, Index], parted: Mapping[str, Parted], rule: Rule) -> dict[str, Any]:
    groups = np.intersect1d(indexes[POOL].groups, indexes[TEST].groups)
    return {
        "rows": int((parted[POOL] == LEAK_CODE).sum()),
        "groups": int((groups >= 0).sum()),
        "policy": "drop" if rule.drop else "refuse",
        "near": rule.near,
    }


def _in_order(pool: Index) -> bool | None:
    """Whether no row is earlier than the one above it; None without times."""
    known = pool.times[~np.isnat(pool.times)]
    return bool((known[1:] >= known[:-1]).all()) if len(known) else None


def _of(indexes: Mapping[str, Index], parted: Mapping[str, Parted], name: str, part: int) -> Any:
    """One column of the rows of a part [rows]."""
    return np.concatenate([getattr(indexes[role], name)[found == part] for role, found in parted.items()])


def _counts(
    indexes: Mapping[str, Index], parted: Mapping[str, Parted], name: str, part: int, known: list[str]
) -> dict[str, int]:
    codes: Codes = _of(indexes, parted, name, part)
    numbers, counts = np.unique(codes[codes >= 0], return_counts=True)
    return {known[number]: int(count) for number, count in zip(numbers.tolist(), counts, strict=True)}


def _association(indexes: Mapping[str, Index], parted: Mapping[str, Parted], names: Names) -> Any:
    spoken, given = list(names.languages), list(names.labels)
    languages = np.concatenate([_of(indexes, parted, "languages", part) for part in (0, 1)])
    labels = np.concatenate([_of(indexes, parted, "labels", part) for part in (0, 1)])
    both = (languages >= 0) & (labels >= 0)
    return association([spoken[at] for at in languages[both].tolist()], [given[at] for at in labels[both].tolist()])


def _lengths(indexes: Mapping[str, Index], parted: Mapping[str, Parted], part: int) -> dict[str, int]:
    """Characters of the texts at some quantiles."""
    lengths = _of(indexes, parted, "lengths", part)
    if not len(lengths):
        return {}
    values = np.quantile(lengths, _QUANTILES, method="lower")
    return {f"{share:g}": int(value) for share, value in zip(_QUANTILES, values, strict=True)}


def _groups(indexes: Mapping[str, Index], parted: Mapping[str, Parted], part: int) -> int:
    groups = _of(indexes, parted, "groups", part)
    return len(np.unique(groups[groups >= 0]))


def _times(indexes: Mapping[str, Index], parted: Mapping[str, Parted], part: int) -> list[str]:
    """The first and the last time, or nothing."""
    times = _of(indexes, parted, "times", part)
    known = times[~np.isnat(times)]
    return [str(known.min()), str(known.max())] if len(known) else []
