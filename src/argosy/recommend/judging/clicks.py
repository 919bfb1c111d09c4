"""A model of clicks for the doubly robust estimate: logistic regression, crossed over users."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from argosy.recommend.judging.logged import Described, Doubles

_PARTS = 5
_RIDGE = 1.0  # on standardised features; the level is free
_STEPS = 25
_ENOUGH = 1e-8


@dataclass(frozen=True, slots=True, kw_only=True)
class Clicks:
    """A logistic regression; features are put to mean 0 and spread 1 first."""

    centre: Doubles
    scale: Doubles
    slopes: Doubles  # the level first

    @classmethod
    def fit(cls, features: Doubles, good: Doubles) -> Self:
        """Newton's steps on the ridged likelihood, each halved until it helps; shapes (rows, features) and (rows,)."""
        centre, scale = features.mean(axis=0), features.std(axis=0)
        scale = np.where(scale > 0, scale, 1.0)
        wide = _with_level((features - centre) / scale)
        ridge = np.full(wide.shape[1], _RIDGE)
        ridge[0] = 0.0
        slopes = np.zeros(wide.shape[1])
        rate = (good.sum() + 0.5) / (len(good) + 1)
        slopes[0] = np.log(rate / (1 - rate))
        loss = _loss(wide, good, slopes, ridge)
        for _ in range(_STEPS):
            chance = _chance(wide @ slopes)
            slope = wide.T @ (chance - good) + ridge * slopes
            bent = (wide * (chance * (1 - chance))[:, None]).T @ wide + np.diag(ridge + 1e-9)
            step = np.linalg.solve(bent, slope)
            while (after := _loss(wide, good, slopes - step, ridge)) > loss and np.abs(step).max() > _ENOUGH:
                step = step / 2
            if after > loss:
                break
            slopes, loss = slopes - step, after
            if np.abs(step).max() <= _ENOUGH:
                break
        return cls(centre=centre, scale=scale, slopes=slopes)

    def chances(self, features: Doubles) -> Doubles:
        """The chance of a click of each row."""
        return _chance(_with_level((features - self.centre) / self.scale) @ self.slopes)


Fit = Callable[[Doubles, Doubles], Clicks]
"""Fits a model of clicks to features (rows, features) and what was clicked (rows,)."""
logistic: Fit = Clicks.fit


def crossed(told: Described, good: Doubles, user: NDArray[np.int64], *, seed: int, fit: Fit) -> tuple[Doubles, Doubles]:
    """Chances of a click (lists, places): of what was shown, and on average of what the new ranker would put there.

    Each list is told by a model that was fitted on other users; ``user`` numbers them (lists,). A single user's lists
    are told by a model of themselves.
    """
    lists, places = good.shape
    users = int(user.max()) + 1
    part = (np.random.default_rng(seed).permutation(users) % _PARTS)[user]
    rows = _placed(told.features.reshape(lists * places, -1), np.tile(np.arange(places), lists), places)
    could = _placed(told.could, told.at % places, places)
    of_row, of_option = np.repeat(part, places), part[told.at // places]
    seen, wanted = np.zeros(lists * places), np.zeros(lists * places)
    for one in np.unique(part):
        mine, options = of_row == one, of_option == one
        others = ~mine if users > 1 else mine
        model = fit(rows[others], good.reshape(-1)[others])
        seen[mine] = model.chances(rows[mine])
        guess = told.chance[options] * model.chances(could[options])
        wanted += np.bincount(told.at[options], guess, minlength=lists * places)
    return seen.reshape(lists, places), wanted.reshape(lists, places)


def _placed(features: Doubles, place: NDArray[np.int64], places: int) -> Doubles:
    """With a column for each place but the first."""
    return np.concatenate([features, place[:, None] == np.arange(1, places)], axis=1)


def _with_level(features: Doubles) -> Doubles:
    return np.concatenate([np.ones((len(features), 1)), features], axis=1)


def _chance(logits: Doubles) -> Doubles:
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -35, 35))))


def _loss(wide: Doubles, good: Doubles, slopes: Doubles, ridge: Doubles) -> float:
    logits = wide @ slopes
    return float(np.sum(np.logaddexp(0, logits) - good * logits) + 0.5 * np.sum(ridge * slopes**2))
