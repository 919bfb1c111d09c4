"""The frontier as every report tells it: measured points with their cost, what was refused and why, and the pick."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from argosy.config.schema import Cost, Target
from argosy.core.errors import GateError
from argosy.evaluate.frontier import Point, Wish, cost, frontier, likely_loss, pick
from argosy.evaluate.intervals import Interval
from argosy.evaluate.paired import Difference

Facts = Mapping[str, Any]


def told(explored: Facts, target: Target | None, prices: Cost, same: Callable[[str, str], bool]) -> dict[str, Any]:
    """The record ``frontier`` of the results, of what the stage *frontier* measured.

    ``same`` says by name whether the validation rows leave two points untold apart. A model below the interval of the
    one before is refused, unless so large a loss is allowed by name.
    """
    wish = _wish(target)
    reasons = {one["name"]: [*one["reasons"], *_below(one, explored["points"], wish)] for one in explored["points"]}
    points = [measured(one, refused=bool(reasons[one["name"]])) for one in explored["points"]]
    on = frontier(points)
    return {
        "asked": explored["asked"],
        "target": None if target is None else {**asdict(wish), "minutes": target.minutes},
        "cost": prices.model_dump(),
        "points": [
            {
                **{key: value for key, value in one.items() if key != "reasons"},
                "cost": cost(one["texts_per_s"], prices.machine_per_hour, prices.load),
                "on_frontier": one["name"] in on,
                "refused": reasons[one["name"]],
            }
            for one in explored["points"]
        ],
        "not_tried": explored["not_tried"],
        "pick": asdict(pick(points, wish, same)) if target is not None and points else None,
    }


def point(record: Facts, name: str) -> dict[str, Any]:
    """The point of that name."""
    return next(one for one in record["points"] if one["name"] == name)


def _wish(target: Target | None) -> Wish:
    if target is None:
        return Wish()
    return Wish(p99_ms=target.p99_ms, size_mb=target.size_mb, max_quality_loss=target.max_quality_loss)


def _below(one: Facts, points: Sequence[Facts], wish: Wish) -> list[dict[str, Any]]:
    """Why a point is refused for its quality alone; the first point is the model before."""
    known, value = points[0]["quality"], one["quality"]["value"]
    allowed = wish.max_quality_loss is not None and likely_loss(Difference(**one["loss"])) <= wish.max_quality_loss
    if value >= known["low"] or allowed:
        return []
    problem = GateError(
        "{figure:.4f} lies below {low:.4f} to {high:.4f}, the interval of the model before.",
        where=one["name"],
        figure=value,
        low=known["low"],
        high=known["high"],
    )
    return [problem.to_json()]


def measured(one: Facts, *, refused: bool = False) -> Point:
    """A point of the record for the arithmetic."""
    figures = {name: one[name] for name in ("name", "texts_per_s", "p50_ms", "p99_ms", "size_mb")}
    return Point(quality=Interval(**one["quality"]), loss=Difference(**one["loss"]), refused=refused, **figures)
