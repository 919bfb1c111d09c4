"""The tables of ``venture.toml`` as the parts of a plan, and the plan as a model."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any, TypeVar

from argosy.config.table import Table
from argosy.config.venture.figure import Input
from argosy.config.venture.file import Venture
from argosy.venture.graph.model import Model
from argosy.venture.graph.periods import periods
from argosy.venture.plan import parts
from argosy.venture.plan.build import build

Part = TypeVar("Part")


def model(venture: Venture, made: parts.Parts) -> Model:
    """The plan of ``whole`` over the venture's periods."""
    head = venture.venture
    return build(made, periods(head.start, head.months, head.calendar), head.calendar)


def whole(venture: Venture, money: parts.Money) -> parts.Parts:
    """All parts of the plan, with the money of those who finance it."""
    return parts.Parts(
        currency=venture.venture.currency,
        rates={code: given.figure(code) for code, given in venture.currencies.items()},
        segments=_all(venture.segment, parts.Segment),
        subscriptions=_all(venture.subscription, parts.Subscription),
        metered=(*_all(venture.api, parts.Metered), *_all(venture.data, parts.Metered)),
        products=_all(venture.product, parts.Product),
        work=_all(venture.work, parts.Work),
        roles=_all(venture.role, parts.Role),
        expenses=_all(venture.expense, parts.Expense),
        once=_all(venture.once, parts.Once),
        fees=_all(venture.fee, parts.Fee),
        assets=_all(venture.asset, parts.Asset),
        milestones=_all(venture.milestone, parts.Milestone),
        working=part(venture.working, parts.Working, "working"),
        money=money,
        worth=None if venture.worth is None else part(venture.worth, parts.Worth, "worth"),
        tax=None if venture.tax is None else venture.tax.profit.figure("tax.profit"),
    )


def part(table: Table, kind: Callable[..., Part], name: str) -> Part:
    """A table as the part of the same fields: inputs are figures called ``NAME.FIELD``, lists are tuples."""
    values = {one.name: _value(getattr(table, one.name), f"{name}.{one.name}") for one in fields(kind)}  # type: ignore[arg-type]
    if "title" in values:
        values["title"] = values["title"] or name
    return kind(**values)


def _all(tables: Sequence[Any], kind: Callable[..., Part]) -> tuple[Part, ...]:
    return tuple(part(table, kind, table.name) for table in tables)


def _value(found: object, name: str) -> object:
    if isinstance(found, Input):
        return found.figure(name)
    return tuple(found) if isinstance(found, list) else found
