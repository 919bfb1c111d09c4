"""A model's values: exactly, in decimals; or for many draws of its figures at once, in floats."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from argosy.venture.graph.expression import Apply, Choose, Constant, Expression, Input, Line, parts
from argosy.venture.graph.model import Model, Row, ordered

Samples = NDArray[np.float64]
Exact = Mapping[str, tuple[Decimal | None, ...]]
"""By the name of a line: its value in each period, None where it is undefined."""
DIGITS = 40
_CELLS = 2**24  # floats that are held at once: 128 MiB
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a figure or a line is instead, period by period: value · times + plus; float64 [periods, draws] each."""

    times: Samples
    plus: Samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic(Generic[Value]):
    """What a kind of values can do; ``choose`` gets what holds, and both values."""

    constant: Callable[[Decimal], Value]
    apply: Mapping[str, Callable[[Value, Value], Value]]
    choose: Callable[[Value, Callable[[], Value], Callable[[], Value]], Value]


def exact(model: Model) -> Exact:
    """Every line in every period, in decimals of 40 digits."""
    with localcontext(prec=DIGITS):
        given: dict[str, Decimal | None] = {name: figure.base for name, figure in model.figures.items()}
        found = _reckoned(model, ordered(model), given, _DECIMALS)
        return {name: tuple(values) for name, values in found.items()}


def sampled(
    model: Model, draws: Mapping[str, Samples], wanted: Sequence[str], changes: Mapping[str, Change] | None = None
) -> dict[str, Samples]:
    """The lines of ``wanted`` in each period for each draw; float64 [periods, draws], NaN where undefined.

    ``draws`` holds values, in base units, of the figures that vary, all of one length; the others are as they stand.
    ``changes``, of as many draws, are put on figures and lines, by name: others see the changed values, while a line
    that is made of its own earlier values goes on from those that it would have had.
    """
    changes = changes or {}
    lengths = [len(one) for one in draws.values()] + [one.times.shape[1] for one in changes.values()]
    length = lengths[0] if lengths else 1
    rows = _needed(model, wanted)
    step = max(1, _CELLS // max(1, len(rows) * len(model.periods)))
    values = {name: np.empty((len(model.periods), length)) for name in wanted}
    for start in range(0, length, step):
        part = slice(start, start + step)
        given: dict[str, Samples] = {
            name: np.asarray(draws[name][part], np.float64) if name in draws else np.asarray(float(figure.base))
            for name, figure in model.figures.items()
        }
        with np.errstate(divide="ignore", invalid="ignore"):
            moved = {name: _moved(change, part) for name, change in changes.items()}
            found = _reckoned(model, rows, given, _FLOATS, moved)
        for name, whole in values.items():
            for period, one in enumerate(found[name]):
                whole[period, part] = one
    return values


def _needed(model: Model, wanted: Sequence[str]) -> list[Row]:
    """The rows that ``wanted`` are made of, in the order of reckoning."""
    needed: set[str] = set()
    new = set(wanted)
    while new:
        needed |= new
        made = [expression for name in new if (expression := model.row(name).expression) is not None]
        new = {part.name for one in made for part in parts(one) if isinstance(part, Line)} - needed
    return [row for row in ordered(model) if row.name in needed]


def _moved(change: Change, part: slice) -> Callable[[Samples, int], Samples]:
    return lambda value, period: value * change.times[period, part] + change.plus[period, part]


def _reckoned(
    model: Model,
    rows: Sequence[Row],
    given: Mapping[str, Any],
    how: Arithmetic[Any],
    moved: Mapping[str, Callable[[Any, int], Any]] = MappingProxyType({}),
) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {row.name: [] for row in rows}
    own: dict[str, list[Any]] = {row.name: [] for row in rows if row.name in moved}
    before = how.constant(Decimal(0))
    for period in range(len(model.periods)):
        now = {**given, **{name: move(given[name], period) for name, move in moved.items() if name in given}}
        for row in rows:
            if row.expression is None:
                value = how.constant(row.values[period])
            else:
                seen = {**found, row.name: own[row.name]} if row.name in own else found
                value = _value(row.expression, period, seen, now, before, how)
            if row.name in own:
                own[row.name].append(value)
                value = moved[row.name](value, period)
            found[row.name].append(value)
    return found


def _value(
    whole: Expression,
    period: int,
    found: Mapping[str, Sequence[Any]],
    given: Mapping[str, Any],
    before: Any,
    how: Arithmetic[Any],
) -> Any:
    def value(part: Expression) -> Any:
        if isinstance(part, Constant):
            return how.constant(part.value)
        if isinstance(part, Input):
            return given[part.name]
        if isinstance(part, Line):
            return found[part.name][period - part.back] if period >= part.back else before
        if isinstance(part, Choose):
            return how.choose(value(part.test), lambda: value(part.then), lambda: value(part.other))
        if isinstance(part, Apply):
            return how.apply[part.operation](value(part.left), value(part.right))
        raise TypeError(part)

    return value(whole)


def _defined(operation: Callable[[Decimal, Decimal], Decimal]) -> Callable[[Decimal | None, Decimal | None], Any]:
    return lambda left, right: None if left is None or right is None else operation(left, right)


def _divided(left: Decimal | None, right: Decimal | None) -> Decimal | None:
    return None if left is None or not right else left / right


_DECIMALS: Arithmetic[Decimal | None] = Arithmetic(
    constant=lambda value: value,
    apply={
        "+": _defined(lambda left, right: left + right),
        "-": _defined(lambda left, right: left - right),
        "*": _defined(lambda left, right: left * right),
        "/": _divided,
        "min": _defined(min),
        "max": _defined(max),
        ">=": _defined(lambda left, right: Decimal(left >= right)),
    },
    choose=lambda test, then, other: None if test is None else then() if test else other(),
)
_FLOATS: Arithmetic[Samples] = Arithmetic(
    constant=lambda value: np.asarray(float(value)),
    apply={
        "+": np.add,
        "-": np.subtract,
        "*": np.multiply,
        "/": lambda left, right: np.where(right == 0, np.nan, left / np.where(right == 0, 1, right)),
        "min": np.minimum,
        "max": np.maximum,
        ">=": lambda left, right: (left >= right).astype(np.float64),
    },
    choose=lambda test, then, other: np.where(test != 0, then(), other()),
)
