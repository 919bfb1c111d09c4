"""The settings of the simple models: every one of a grid is fitted and ranked on validation, the best one is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import groupby, product
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy.recommend.baselines import ials, pairs, plain
from argosy.recommend.interactions import Catalogue
from argosy.recommend.protocol.cutting import Parts
from argosy.recommend.protocol.ranking import evaluate
from argosy.recommend.scorer import Fit, Load, Scorer, Settings
from argosy.recommend.spreading import Spread

METRIC = "ndcg@10"
_HERE = Spread()
FITS: Mapping[str, Fit] = MappingProxyType(
    {
        "popularity": plain.popularity,
        "neighbours": pairs.neighbours,
        "covisits": pairs.covisits,
        "ease": pairs.ease,
        "ials": ials.ials,
    }
)
"""From simple to complex: of equals the first is chosen."""
LOADS: Mapping[str, Load] = MappingProxyType(
    {
        "popularity": plain.Plain.load,
        "neighbours": pairs.Pairs.load,
        "covisits": pairs.Pairs.load,
        "ease": pairs.Pairs.load,
        "ials": ials.Factors.load,
    }
)
_FADING = (0.0, 7.0, 30.0)
GRIDS: Mapping[str, Mapping[str, Sequence[float]]] = MappingProxyType(
    {
        "popularity": {"half_life": (1.0, 3.0, 7.0, 14.0, 30.0, 90.0, 0.0)},
        "neighbours": {"shrink": (5.0, 20.0, 100.0), "nearest": (50.0, 200.0), "half_life": _FADING},
        "covisits": {"steps": (1.0, 5.0, 20.0), "hours": (24.0, 720.0), "half_life": _FADING},
        "ease": {"ridge": (50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0), "half_life": _FADING},
        "ials": {"factors": (16.0, 64.0), "alpha": (1.0, 5.0, 20.0), "penalty": (1.0, 10.0), "half_life": (0.0,)},
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuned:
    """The settings of the best figure on validation, of how many ``tried``; ``why`` a model was left out, if it was.

    ``grid`` has each setting that was tried with its ``value``, in the order of trying.
    """

    name: str
    settings: Settings
    value: float | None
    tried: int
    why: str = ""
    grid: Sequence[Mapping[str, float]] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def tune(
    name: str,
    parts: Parts,
    catalogue: Catalogue,
    half_life: float | None,
    *,
    repeat: bool,
    spread: Spread = _HERE,
) -> Tuned:
    """One model over its grid; ``half_life`` in days, where it is not chosen. Models that have no room are left out.

    ``spread`` is where the grid is tried; what is found is the same.
    """
    grid = dict(GRIDS[name])
    if half_life is not None and "half_life" in grid and name != "popularity":
        grid["half_life"] = (half_life,)
    if name == "ease" and parts.train.size > pairs.MOST:
        return Tuned(name=name, settings={}, value=None, tried=0, why="too_many_items")
    tried = [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]
    groups = [list(group) for _, group in groupby(tried, _fitted)]
    told = spread.map(partial(_figures, name, parts, catalogue, repeat), groups)
    figures = [figure for group in told for figure in group]
    best = max(range(len(tried)), key=lambda place: figures[place])  # of equals the first
    return Tuned(
        name=name,
        settings=tried[best],
        value=figures[best] if parts.cases else None,
        tried=len(tried),
        grid=tuple({**settings, "value": figure} for settings, figure in zip(tried, figures, strict=True)),
    )


def _figures(name: str, parts: Parts, catalogue: Catalogue, repeat: bool, group: Sequence[Settings]) -> list[float]:  # noqa: FBT001 - a part of the work is what comes last
    """What each of some settings reaches on validation."""
    found: list[float] = []
    scorer: Scorer | None = None
    before: Settings = {}
    for settings in group:
        scorer = _otherwise(scorer, before, settings) or FITS[name](parts.train, catalogue, settings)
        before = settings
        found.append(mean(evaluate(scorer.scores, parts.cases, parts.train.size, repeat=repeat).figures[METRIC]))
    return found


def _fitted(settings: Settings) -> list[tuple[str, float]]:
    """The settings that a fit hangs on, which stand in front of how histories fade."""
    return [(key, value) for key, value in settings.items() if key != "half_life"]


def _otherwise(scorer: Scorer | None, before: Settings, settings: Settings) -> Scorer | None:
    """The same pairs of items, where histories alone fade otherwise; None where more is to be fitted."""
    if isinstance(scorer, pairs.Pairs) and {**before, "half_life": settings["half_life"]} == settings:
        return replace(scorer, half_life=settings["half_life"])
    return None


def mean(figures: NDArray[np.float64]) -> float:
    """The mean of those cases that have a figure; 0 where none has."""
    known = figures[~np.isnan(figures)]
    return float(known.mean()) if len(known) else 0.0
