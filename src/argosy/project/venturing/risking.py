"""What may go wrong with a plan: its risks drawn together with its figures, and what each takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from argosy.config.venture.risk import register
from argosy.core.errors import ProjectError
from argosy.evaluate.intervals import Interval
from argosy.project.venturing.studying import Studied
from argosy.venture.graph.reckon import Change, sampled
from argosy.venture.plan.verdict import FLOWS
from argosy.venture.risk.effect import Effects, Gain, Harm, Reached, effects
from argosy.venture.risk.register import Overdue, Rated, Register, overdue, ownerless, rated
from argosy.venture.uncertainty.draws import draw
from argosy.venture.uncertainty.outcome import npv_of


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRisk:
    """A plan's register and what it does to the plan; ``ownerless`` are names whose owner is no role of the plan."""

    register: Register
    rated: tuple[Rated, ...]
    overdue: tuple[Overdue, ...]
    ownerless: tuple[str, ...]
    effects: Effects
    seed: int


def at_risk(studied: Studied, today: date) -> AtRisk:
    """The risks of a plan.

    Raises ProjectError, or Problems, where there are none, where they do not fit the plan, or where no discount rate is
    given; MissingError without pgmpy.
    """
    venture, model = studied.venture, studied.model
    if studied.parts.worth is None:
        raise ProjectError(
            "What risks take from the present value is not known: the discount rate is missing.",
            where="venture.toml",
            mend="Give it: [worth] discount.",
        )
    found = register(venture.risk, venture.mitigation)
    count, seed = venture.simulation.draws, venture.simulation.seed
    drawn = draw(model.figures, count, seed=seed, correlations=venture.simulation.correlations)
    worth = npv_of(FLOWS, studied.parts.worth.discount)

    def reckon(changes: Mapping[str, Change]) -> Reached:
        values = sampled(model, drawn, (FLOWS, "cash"), changes)
        cash = values["cash"]
        below = cash < 0
        return Reached(
            npv=worth.of(values, drawn),
            lowest=cash.min(axis=0),
            out=np.where(below.any(axis=0), below.argmax(axis=0), np.inf),
        )

    whole = effects(found, model, reckon, draws=count, seed=seed)
    return AtRisk(
        register=found,
        rated=tuple(rated(found, {one.risk.name: one.probability for one in whole.harms})),
        overdue=tuple(overdue(found, today)),
        ownerless=tuple(ownerless(found, [one.name for one in studied.parts.roles])),
        effects=whole,
        seed=seed,
    )


def told(found: AtRisk, labels: Mapping[int, str]) -> dict[str, Any]:
    """All of it as JSON has it; ``labels`` are the names of periods."""
    whole, losses = found.effects, {one.risk.name: float(one.loss) for one in found.rated}
    return {
        "draws": whole.draws,
        "seed": found.seed,
        "npv": whole.npv.mean,
        "npv_without_risks": _interval(whole.calm),
        "loss": _interval(whole.loss),
        "runs_out": _interval(whole.out),
        "runs_out_without_risks": _interval(whole.calm_out),
        "out_by": [
            {"at": one.at, "period": None if one.value is None else labels[int(one.value)]}
            for one in whole.runs_out.quantiles
        ],
        "risks": [_harm(one, losses[one.risk.name]) for one in whole.harms],
        "mitigations": [_gain(one) for one in whole.gains],
        "overdue": [
            {"name": one.name, "what": one.what, "owner": one.owner, "day": one.day.isoformat()}
            for one in found.overdue
        ],
        "ownerless": list(found.ownerless),
    }


def _harm(one: Harm, loss: float) -> dict[str, Any]:
    risk = one.risk
    return {
        "name": risk.name,
        "title": risk.title,
        "kind": risk.kind,
        "owner": risk.owner,
        "trigger": risk.trigger,
        "probability": one.probability,
        "cost": None if risk.cost is None else float(risk.cost.base),
        "expected_cost": loss,
        "takes_npv": _interval(one.npv),
        "takes_lowest_cash": _interval(one.lowest),
    }


def _gain(one: Gain) -> dict[str, Any]:
    return {
        "names": [each.name for each in one.mitigations],
        "risks": sorted({each.risk for each in one.mitigations}),
        "probabilities": dict(one.probabilities),
        "cost": one.cost,
        "gain": _interval(one.gain),
        "net": _interval(one.net),
        "lowest_cash": _interval(one.lowest),
        "runs_out": _interval(one.out),
        "pays_from": one.pays_from,
    }


def _interval(one: Interval) -> list[float]:
    return [one.value, one.low, one.high]
