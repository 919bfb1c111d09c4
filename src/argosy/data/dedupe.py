"""Twins: rows whose cleaned texts are equal whatever their case, and near-twins, whose texts say the same.

Case does not tell twins apart because half of all encoders and most linear models lower it: "Great!" in training and
"great!" in the test set would be the same question asked twice. Rows are known by digests, so that memory stays small.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from argosy.core.records import Dropped, Example

Keys = NDArray[np.uint64]
Codes = NDArray[np.int64]
DROPS = ("", "exact_twin", "conflicting_label", "near_twin")
"""What the codes of ``twins`` and ``near_twins`` mean; the first: the row stays."""
_STAYS, _TWIN, _CONFLICT, _NEAR = range(len(DROPS))
_BYTES = 8  # two of five million different texts share a digest in one of 1.5 million files


def twin_key(text: str) -> str:
    """What two texts share exactly when they are twins."""
    return text.casefold()


def twin_keys(texts: Iterable[str], seed: int | None = None) -> Keys:
    """A digest of each text's ``twin_key`` [texts]; with a seed one whose order is as good as drawn by lot."""
    salt = b"" if seed is None else f"{seed}\n".encode()
    digests = (
        hashlib.blake2b(salt + twin_key(text).encode("utf-8", "surrogatepass"), digest_size=16).digest()[:_BYTES]
        for text in texts
    )
    return np.frombuffer(b"".join(digests), dtype=">u8").astype(np.uint64)


def drop_twins(examples: Iterable[Example]) -> Iterator[Example | Dropped]:
    """Keep the first of each set of twins that agree on the label (``exact_twin``), none of a set that does not.

    Where twins disagree, nobody knows which label is right, so all go (``conflicting_label``). Order is kept.
    """
    rows = list(examples)
    codes: dict[str | None, int] = {None: -1}
    labels = np.array([codes.setdefault(row.label, len(codes) - 1) for row in rows], dtype=np.int64)
    for row, code in zip(rows, twins(twin_keys(row.text for row in rows), labels).tolist(), strict=True):
        yield Dropped(example=row, reason=DROPS[code]) if code else row


def twins(keys: Keys, labels: Codes) -> NDArray[np.int8]:
    """For each row 0 where it stays, else the place of its reason in ``DROPS`` [rows]; a label of -1 is none."""
    found = np.zeros(len(keys), np.int8)
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.diff(keys[order], prepend=~keys[order[:1]]) != 0)
    if not len(starts):
        return found
    given = labels[order]
    last = np.iinfo(np.int64).max
    highest = np.maximum.reduceat(given, starts)
    lowest = np.minimum.reduceat(np.where(given < 0, last, given), starts)
    sizes = np.diff(starts, append=len(order))
    found[order] = _TWIN
    found[order[starts]] = _STAYS
    found[order[np.repeat((highest > lowest) & (lowest < last), sizes)]] = _CONFLICT
    return found


def near_twins(clusters: Codes, labels: Codes) -> tuple[NDArray[np.int8], Codes]:
    """Of each cluster (the place of its first row, for every row) the first row of each label stays.

    The second array names the cluster of those that stay in one with other labels, -1 elsewhere: such rows contradict
    each other, or differ in what decides, and belong in one part.
    """
    found = np.zeros(len(clusters), np.int8)
    order = np.lexsort((np.arange(len(clusters)), labels, clusters))
    same = (np.diff(clusters[order]) == 0) & (np.diff(labels[order]) == 0)
    found[order[1:][same]] = _NEAR
    kept = np.flatnonzero(found == _STAYS)
    roots, counts = np.unique(clusters[kept], return_counts=True)
    mixed = kept[np.isin(clusters[kept], roots[counts > 1])]
    together = np.full(len(clusters), -1, np.int64)
    together[mixed] = clusters[mixed]
    return found, together


def codes_of(values: Sequence[str | None], known: dict[str, int]) -> Codes:
    """A number for each value [values], -1 for none; new values get the next number in ``known``."""
    return np.array([-1 if value is None else known.setdefault(value, len(known)) for value in values], dtype=np.int64)
