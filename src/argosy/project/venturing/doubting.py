"""What a plan does not know: drawn, taken apart by its figures, and tried in scenarios."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from argosy.config.table import Table
from argosy.config.venture.figure import Input
from argosy.config.venture.file import Venture
from argosy.project.venturing.studying import Studied
from argosy.venture.graph.model import Model
from argosy.venture.graph.reckon import exact
from argosy.venture.plan.verdict import FLOWS, lowest_cash
from argosy.venture.returns.value import monthly, npv
from argosy.venture.uncertainty.draws import draw
from argosy.venture.uncertainty.outcome import npv_of
from argosy.venture.uncertainty.scenarios import in_scenario
from argosy.venture.uncertainty.shares import Shares, shares
from argosy.venture.uncertainty.simulate import Simulation, simulate
from argosy.venture.uncertainty.tornado import Bar, tornado


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A named course of figures: the lowest cash and its period, and the present value where there is a rate."""

    name: str
    lowest: Decimal
    when: int
    out: int | None
    npv: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubted:
    """A plan's draws; what is behind the present value is None and empty where nothing is discounted."""

    simulation: Simulation
    draws: int
    seed: int
    shares: Shares | None
    bars: tuple[Bar, ...]
    scenarios: tuple[Scenario, ...]


def doubt(studied: Studied) -> Doubted:
    """Draw a plan; raises ProjectError for correlations and scenarios that cannot be, MissingError without SALib."""
    settings, model = studied.venture.simulation, studied.model
    figures = model.figures
    rate = None if studied.parts.worth is None else studied.parts.worth.discount
    worth = None if rate is None else npv_of(FLOWS, rate)
    drawn = draw(figures, settings.draws, seed=settings.seed, correlations=settings.correlations)
    return Doubted(
        simulation=simulate(model, drawn, worth),
        draws=settings.draws,
        seed=settings.seed,
        shares=None
        if worth is None
        else shares(model, figures, worth, hints=dict(_hints(studied.venture)), seed=settings.seed),
        bars=() if worth is None else tuple(tornado(model, figures, worth)),
        scenarios=tuple(
            _scenario(name, in_scenario(model, name, chosen), None if rate is None else rate.name)
            for name, chosen in studied.venture.scenarios.items()
        ),
    )


def _scenario(name: str, model: Model, rate: str | None) -> Scenario:
    values = exact(model)
    cash = lowest_cash(values)
    flows = [value or Decimal(0) for value in values[FLOWS]]
    worth = None if rate is None else npv(monthly(model.figures[rate].base * 12), flows)
    return Scenario(name=name, lowest=cash.lowest, when=cash.when, out=cash.out, npv=worth)


def _hints(venture: Venture) -> Iterator[tuple[str, str]]:
    """How figures could be measured, by their names."""
    for key in type(venture).model_fields:
        found = getattr(venture, key)
        if isinstance(found, dict):
            yield from ((name, one.hint) for name, one in found.items() if isinstance(one, Input) and one.hint)
        for table in found if isinstance(found, list) else [found]:
            if isinstance(table, Table):
                yield from _of_table(table, getattr(table, "name", key))


def _of_table(table: Table, name: str) -> Iterator[tuple[str, str]]:
    for key in type(table).model_fields:
        given = getattr(table, key)
        if isinstance(given, Input) and given.hint:
            yield given.called or f"{name}.{key}", given.hint


def told(doubted: Doubted, labels: Mapping[int, str]) -> dict[str, Any]:
    """All of it as JSON has it; ``labels`` are the names of periods."""
    found, whole = doubted.simulation, doubted.shares
    worth = found.worth
    return {
        "draws": doubted.draws,
        "seed": doubted.seed,
        "npv": None if worth is None else {"mean": worth.mean, "error": worth.error, "deviation": worth.deviation},
        "npv_quantiles": [] if worth is None else [asdict(one) for one in worth.quantiles],
        "loss": None if found.loss is None else asdict(found.loss),
        "out_by": {labels[number]: asdict(one) for number, one in enumerate(found.out_by)},
        "variance": None
        if whole is None
        else {one.kind: {"figures": one.figures, "share": asdict(one.total)} for one in whole.by},
        "measure_next": []
        if whole is None
        else [{"name": one.name, "share": asdict(one.share), "hint": one.hint} for one in whole.unknown],
        "tornado": [{"name": one.name, "at_low": one.at_low, "at_high": one.at_high} for one in doubted.bars],
        "scenarios": [
            {"name": one.name, "npv": None if one.npv is None else float(one.npv), "lowest_cash": float(one.lowest)}
            for one in doubted.scenarios
        ],
    }
