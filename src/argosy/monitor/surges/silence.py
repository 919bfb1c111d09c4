"""Hours in which a source was silent because something is broken: they are missing, and not calm."""

import numpy as np
from numpy.typing import NDArray

from argosy.monitor.surges.series import Floats

_WEEK = 168
_RARE = 1e-3  # chance of a run of empty hours below which it is no luck
_CAUTION = 2.0  # by which texts come in bursts: a pace counts as that much less
_LEAST = 2 * 24  # hours of a week with texts that its pace is known from


def silent(published: Floats, polls: Floats, *, longest: float = 0.0) -> NDArray[np.bool_]:
    """Which hours [n] of a source are missing, by how many texts were published in them and how often it answered.

    An hour without texts is missing where the source did not answer, or where it belongs to a run of empty hours that
    its own pace at those hours of the week makes rarer than 1 in 1000; or, if ``longest`` hours are given, where the
    run is longer than that, whatever the pace. The first hours of a source, before its first text, are missing too.

    The pace is learned from all hours given. An hour in which a text was published was heard, though no poll answered
    in it: the texts came later.
    """
    published = np.nan_to_num(np.asarray(published, dtype=np.float64))
    empty = published <= 0
    missing = empty & (np.asarray(polls) <= 0)
    heard = np.flatnonzero(~empty)
    if not len(heard):
        return np.ones(len(published), dtype=bool)
    missing[: heard[0]] = True
    chance = _log_chances(published, missing)
    for begin, end in _runs(empty):
        too_long = end - begin > longest if longest else chance[begin:end].sum() < np.log(_RARE)
        if too_long:
            missing[begin:end] = True
    return missing


def _log_chances(published: Floats, missing: NDArray[np.bool_]) -> Floats:
    """The logarithm of the chance that each hour is empty, by the hours of the same hour of the week and about it."""
    hours = np.arange(len(published)) % _WEEK
    some = np.bincount(hours, (published > 0) & ~missing, minlength=_WEEK)
    all_ = np.bincount(hours, ~missing, minlength=_WEEK).astype(float)
    overall = (some.sum() + 0.5) / (all_.sum() + 1.0)
    share = (some + 2 * overall) / (all_ + 2)
    known = all_.sum() >= _LEAST
    return np.asarray(np.where(known, np.log1p(-np.minimum(share, 0.99)) / _CAUTION, 0.0)[hours])


def _runs(where: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Beginnings and ends of the stretches that hold."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], where, [False]]).astype(int)))
    return [(int(low), int(high)) for low, high in edges.reshape(-1, 2)]
