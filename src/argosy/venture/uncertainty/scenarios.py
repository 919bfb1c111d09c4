"""Scenarios: named sets of other values for some figures, each reckoned exactly."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from argosy.core.errors import ProjectError
from argosy.venture.figures import Figure
from argosy.venture.graph.model import Model

Setting = Decimal | str
"""A value in the figure's own unit; or ``low``, ``high``, or a multiple of its value such as ``x1.2``."""
_TIMES = re.compile(r"x([0-9]+(\.[0-9]+)?)")


def in_scenario(model: Model, name: str, settings: Mapping[str, Setting]) -> Model:
    """The plan of one scenario; raises ProjectError for an unknown figure, a missing range or an unknown setting."""
    changed = {}
    for figure, setting in settings.items():
        if figure not in model.figures:
            raise ProjectError(
                "The plan has no figure {name!r}.",
                where=f"[scenarios.{name}]",
                mend="`argosy plan --figures` lists them.",
                name=figure,
            )
        changed[figure] = _set(model.figures[figure], setting, f"[scenarios.{name}]")
    return model.with_figures(changed)


def _set(figure: Figure, setting: Setting, where: str) -> Decimal:
    """The figure's value in base units."""
    if setting in ("low", "high"):
        if figure.spread is None:
            raise ProjectError(
                "The figure {name!r} has no range.", where=where, mend="Give its value instead.", name=figure.name
            )
        return figure.spread[setting == "high"]
    if isinstance(setting, str) and (times := _TIMES.fullmatch(setting)):
        return figure.base * Decimal(times[1])
    try:
        return figure.unit.base(Decimal(setting))
    except InvalidOperation as error:
        raise ProjectError(
            "{setting!r} is no setting of {name!r}.",
            where=where,
            mend="Write a number, low, high, or a multiple such as x1.2.",
            setting=setting,
            name=figure.name,
        ) from error
