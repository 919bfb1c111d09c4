"""What happens when: joint samples of the risks with their months, and how they move the plan."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from argosy.core.errors import ProjectError, raise_all
from argosy.venture.graph.model import Model
from argosy.venture.graph.periods import Period, at
from argosy.venture.graph.reckon import Change, Samples, sampled
from argosy.venture.risk.network import Happened, Network, sample
from argosy.venture.risk.register import Mitigation, Register, Risk, Shock

PAID = "run"  # the line of general and administration, in which costs of risks and of mitigations stand
_WHERE = "[[risk]]"
_SECTIONS = ("customers", "revenue", "costs", "people")
_SAME = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Which risks happen in which draw, bool [draws] each, and in which period they would; int [draws] each."""

    happened: Mapping[str, Happened]
    when: Mapping[str, NDArray[np.int64]]


def course(
    of: Network,
    register: Register,
    found: Sequence[Period],
    draws: int,
    *,
    seed: int,
    mitigations: Sequence[Mitigation] = (),
) -> Course:
    """Joint samples of the risks where these mitigations are carried out.

    A risk's period is drawn evenly from its months, and is never before those of its causes that happened. A
    mitigation leaves ``leaves`` of the cases whose drawn period is that of its month or later.
    """
    own = {one.name: _drawn(one, found, draws, seed) for one in register.risks}
    left = {one.risk: np.ones(draws) for one in mitigations}
    for one in mitigations:
        holds = own[one.risk] >= _period(found, one.on, one.name)
        left[one.risk] *= np.where(holds, float(one.leaves.base), 1.0)
    happened = sample(of, draws, seed=seed, left=left)
    when: dict[str, NDArray[np.int64]] = {}
    for node in of.nodes:
        latest = own[node.name]
        for parent in node.parents:
            latest = np.where(happened[parent], np.maximum(latest, when[parent]), latest)
        when[node.name] = latest
    return Course(happened=happened, when=when)


def left(register: Register, found: Sequence[Period], mitigations: Sequence[Mitigation]) -> dict[str, float]:
    """The share of each risk's cases that mitigations leave, for ``Network.mitigated``; some come too late for some."""
    shares = {}
    for risk in register.risks:
        mine = [one for one in mitigations if one.risk == risk.name]
        first, last = _window(risk, found)
        begins = [(_period(found, one.on, one.name), float(one.leaves.base)) for one in mine]
        by_month = [np.prod([leaves for start, leaves in begins if month >= start]) for month in range(first, last + 1)]
        shares[risk.name] = float(np.mean(by_month))
    return shares


def changes(
    model: Model, register: Register, found: Course, mitigations: Sequence[Mitigation] = ()
) -> dict[str, Change]:
    """What a course, and the cost of mitigations, change in the plan; shocks on one name follow the register's order.

    One-off costs are paid as general and administration: they lower the taxable profit.
    """
    draws = len(next(iter(found.happened.values())))
    shape = (len(model.periods), draws)
    moved: dict[str, tuple[Samples, Samples]] = {PAID: (np.ones(shape), np.zeros(shape))}
    numbers = np.arange(len(model.periods))[:, None]
    for risk in register.risks:
        since = numbers - found.when[risk.name]
        happened = found.happened[risk.name]
        if risk.cost is not None:
            moved[PAID][1][happened & (since == 0)] += float(risk.cost.base)
        lasting = happened & (since >= 0) & (since < (risk.lasts or len(model.periods)))
        for shock in risk.shocks:
            times, plus = moved.get(shock.name, (np.ones(shape), np.zeros(shape)))
            by, more = float(shock.times), float(_plus(model, shock))
            moved[shock.name] = (np.where(lasting, times * by, times), np.where(lasting, plus * by + more, plus))
    for one in mitigations:
        if one.cost is not None:
            moved[PAID][1][_period(model.periods, one.on, one.name)] += float(one.cost.base)
    return {name: Change(times=times, plus=plus) for name, (times, plus) in moved.items()}


def hold(model: Model, register: Register) -> None:
    """Hold a register to its plan: its names, months and money are there, and each shock moves the free cash flow.

    Raises ProjectError, or Problems.
    """
    raise_all([*_unfit(model, register)])
    tried = [(risk, shock) for risk in register.risks for shock in risk.shocks]
    if not tried:
        return
    alone = Register(
        risks=tuple(
            Risk(
                name=str(place),
                title="",
                kind=risk.kind,
                owner="",
                trigger="",
                probability=risk.probability,
                first=risk.first,
                last=risk.last,
                shocks=(shock,),
                lasts=risk.lasts,
            )
            for place, (risk, shock) in enumerate(tried)
        )
    )
    count = len(tried) + 1
    happened = {str(place): np.arange(count) == place for place in range(len(tried))}
    when = {one.name: np.full(count, _window(one, model.periods)[0]) for one in alone.risks}
    moved = changes(model, alone, Course(happened=happened, when=when))
    flows = sampled(model, {}, ("free_cash_flow",), moved)["free_cash_flow"]
    apart = np.abs(flows - flows[:, -1:]).sum(axis=0) > _SAME * np.abs(flows).sum(axis=0)
    raise_all(
        [
            ProjectError(
                "The shock of {risk!r} on {name!r} changes nothing from its first month on.",
                where=_WHERE,
                mend="A price or a beginning number is read once: name the line instead, such as shops.coming or"
                " desk.rate. `argosy plan --json` names them.",
                risk=risk.name,
                name=shock.name,
            )
            for (risk, shock), moves in zip(tried, apart, strict=False)
            if not moves
        ]
    )


def _unfit(model: Model, register: Register) -> Iterator[ProjectError]:
    lines = {row.name for row in model.rows if row.section in _SECTIONS and row.kind != "stock"}
    for risk in register.risks:
        try:
            _window(risk, model.periods)
        except ProjectError as error:
            yield error
        for shock in risk.shocks:
            if (shock.name in lines) == (shock.name in model.figures):
                yield ProjectError(
                    "The shock of {risk!r} is on {name!r}: expected a figure of the plan, or a line that is no stock.",
                    where=_WHERE,
                    mend="`argosy plan --figures` lists the figures; `argosy plan --json` names the lines.",
                    risk=risk.name,
                    name=shock.name,
                )
    for one in register.mitigations:
        try:
            _period(model.periods, one.on, one.name)
        except ProjectError as error:
            yield error
    money = model.row(PAID).dimension
    costs = [(one.name, one.cost) for one in register.risks] + [(one.name, one.cost) for one in register.mitigations]
    for name, cost in costs:
        if cost is not None and cost.unit.dimension != money:
            yield ProjectError(
                "The cost of {name!r} is in {found}, expected {expected}.",
                where=_WHERE,
                mend="Write what risks cost in the plan's currency.",
                name=name,
                found=cost.unit.text,
                expected=str(money),
            )


def _plus(model: Model, shock: Shock) -> Decimal:
    """What is added, in base units: it is written in the figure's own unit."""
    figure = model.figures.get(shock.name)
    return shock.plus if figure is None else figure.unit.base(shock.plus)


def _drawn(risk: Risk, found: Sequence[Period], draws: int, seed: int) -> NDArray[np.int64]:
    first, last = _window(risk, found)
    return np.random.default_rng([seed, crc32(risk.name.encode()), 1]).integers(first, last + 1, draws)


def _window(risk: Risk, found: Sequence[Period]) -> tuple[int, int]:
    first, last = _period(found, risk.first, risk.name), _period(found, risk.last, risk.name)
    if last < first:
        raise ProjectError("The months of the risk {name!r} end before they begin.", where=_WHERE, name=risk.name)
    return first, last


def _period(found: Sequence[Period], day: date, name: str) -> int:
    number = at(found, day)
    if number is None:
        raise ProjectError(
            "The day {day} of {what!r} is outside of the plan, which goes from {first} to {last}.",
            mend="Give a month of the plan, or make the plan longer: [venture] months.",
            day=str(day),
            what=name,
            first=found[0].label,
            last=found[-1].label,
        )
    return number
