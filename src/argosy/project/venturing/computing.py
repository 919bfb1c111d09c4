"""What training, memory and serving come to: ``[compute]`` of the plan, the price table, and the measured load."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from pathlib import Path

from argosy.config.venture.compute import PRICES, Machine, Memory, Prices, Serving, Training, Vendor, priced, prices
from argosy.config.venture.file import Venture, load
from argosy.core.errors import ProjectError
from argosy.project.venturing.loads import Load, kept
from argosy.project.venturing.runs import Measure, beside, keep, reading
from argosy.venture.compute import memory, training
from argosy.venture.compute.choice import BreakEven, Machines, break_even, owned
from argosy.venture.compute.cost import MONTH_HOURS, Served, served
from argosy.venture.compute.curve import Capacity, capacity
from argosy.venture.compute.energy import Used, counted, estimated
from argosy.venture.compute.shapes import SHAPES, Shape, shape
from argosy.venture.figures import Figure
from argosy.venture.units import currency

_TABLES = ("venture", "currencies", "compute")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A training: its operations, hours, cost in the plan's currency, memory in bytes, loss by the fit, and energy.

    ``best`` is the size of least loss for as many operations, ``rule`` that of 20 tokens a parameter.
    """

    operations: int
    hours: Decimal
    cost: Decimal
    memory: int
    loss: float
    best: training.Size
    rule: training.Size
    used: Used | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A language model in memory: bytes of weights and of a token's keys and values, and whole contexts that fit."""

    weights: int
    token: int
    sequences: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Another way to serve: its cost a month and of 1,000 requests, and from how many requests on machines are cheaper.

    ``against`` is the break-even of the serving machine against an API; None for machines.
    """

    name: str
    title: str
    machines: int | None
    cost: Decimal
    thousand: Decimal | None
    against: BreakEven | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Costed:
    """A month of serving on the measured machine, with its price's origin, energy and the other ways."""

    load: Load
    capacity: Capacity
    shape: Shape
    served: Served
    price: Figure
    cheap: Served
    dear: Served
    used: Used | None
    per_thousand: Used | None
    others: tuple[Other, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """All that ``[compute]`` asks for; None for what it does not.

    ``unmeasured`` tells that serving is asked for and its load was never measured.
    """

    venture: Venture
    trained: Trained | None
    held: Held | None
    costed: Costed | None
    unmeasured: bool


def compute(folder: Path, day: date) -> Computed:
    """Reckon the table, and keep what serving costs as the measured run ``compute``.

    Raises ProjectError where the table or a machine is missing, and for what does not fit together.
    """
    venture = load(folder, reading(folder), _TABLES)
    asked = venture.compute
    if asked is None or not (asked.training or asked.memory or asked.serving):
        raise ProjectError(
            "Nothing is asked of training or serving.",
            where=str(folder),
            mend="Say what: [compute.training], [compute.memory] or [compute.serving].",
        )
    table = _Table(venture=venture, prices=table_of(folder))
    load_ = kept(folder)
    costed = None if asked.serving is None or load_ is None else _costed(asked.serving, table, load_)
    if costed is not None:
        keep(folder, "compute", day, _measures(costed, venture.venture.currency))
    return Computed(
        venture=venture,
        trained=None if asked.training is None else _trained(asked.training, table),
        held=None if asked.memory is None else _held(asked.memory, table),
        costed=costed,
        unmeasured=asked.serving is not None and load_ is None,
    )


def table_of(folder: Path) -> Prices:
    """The price table beside the plan, or Argosy's own."""
    place = beside(folder).parent / PRICES
    return prices(place) if place.is_file() else priced(tomllib.loads(own_prices()))


def own_prices() -> str:
    """The text of Argosy's own price table."""
    return files("argosy.project.venturing").joinpath(PRICES).read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """The prices, in the currency of a plan."""

    venture: Venture
    prices: Prices

    def machine(self, name: str) -> Machine:
        """The machine of a name; raises ProjectError for one that is not there."""
        if name not in self.prices.machine:
            raise ProjectError(
                "There is no machine {name!r} in {file}.",
                mend="Known: {known}.",
                name=name,
                file=PRICES,
                known=", ".join(self.prices.machine),
            )
        return self.prices.machine[name]

    def money(self, figure: Figure, value: Decimal | None = None) -> Decimal:
        """A figure's value (or another one of its unit) in base units and in the plan's currency."""
        base = figure.unit.base(figure.value if value is None else value)
        own = self.venture.venture.currency
        for name, power in figure.unit.dimension.powers:
            if len(name) == len(own) and name.isupper() and currency(name) != currency(own):
                rate = self.venture.currencies.get(name)
                if rate is None:
                    raise ProjectError(
                        "{figure!r} is in {code}, and its rate is not known.",
                        where=PRICES,
                        mend="Give it in venture.toml: [currencies] {code}.",
                        figure=figure.name,
                        code=name,
                    )
                base *= rate.figure(name).base ** power
        return base

    def hourly(self, name: str, end: str = "value") -> Decimal:
        """An hour of a machine in the plan's currency; of a bought one with its power. ``end``: value, low or high."""
        machine = self.machine(name)
        price = machine.price.figure(f"{name}.price")
        value = getattr(price, end) if getattr(price, end) is not None else price.value
        if ("hour", -1) in price.unit.dimension.powers:
            return self.money(price, value)
        if machine.life is None:
            raise ProjectError(
                "The machine {name!r} is bought: its life is missing.", where=PRICES, mend="Give `life`.", name=name
            )
        watts = Fraction(0) if machine.watts is None else Fraction(machine.watts.figure(f"{name}.watts").base) * 1000
        month = owned(
            Fraction(self.money(price, value)),
            machine.life,
            watts * Fraction(self.prices.power.overhead.figure("power.overhead").base),
            Fraction(self.money(self.prices.power.price.figure("power.price"))),
            Fraction(MONTH_HOURS),
        )
        return Decimal(month.numerator) / Decimal(month.denominator) / MONTH_HOURS

    def used(self, name: str, hours: Decimal) -> Used | None:
        """What a machine draws over hours, estimated from its watts; None where they are not given."""
        watts = self.machine(name).watts
        if watts is None:
            return None
        power = self.prices.power
        return estimated(
            watts.figure(f"{name}.watts").base * 1000,
            hours,
            power.overhead.figure("power.overhead").base,
            power.intensity.figure("power.intensity").base,
        )

    def counted(self, joules: float) -> Used:
        """What 1,000 requests take by the processors' counters."""
        power = self.prices.power
        return counted(
            joules,
            1000,
            power.overhead.figure("power.overhead").base,
            power.intensity.figure("power.intensity").base,
        )


def _trained(asked: Training, table: _Table) -> Trained:
    machine = table.machine(asked.machine)
    if machine.peak is None:
        raise ProjectError(
            "The machine {name!r} has no peak of operations.", where=PRICES, mend="Give `peak`.", name=asked.machine
        )
    parameters = int(asked.parameters.figure("training.parameters").base)
    tokens = int(asked.tokens.figure("training.tokens").base)
    operations = training.flops(parameters, tokens)
    reached = asked.utilisation.figure("training.utilisation").base
    hours = training.hours(operations, machine.peak.figure(f"{asked.machine}.peak").base, reached, asked.devices)
    trained = parameters if asked.trained is None else int(asked.trained.figure("training.trained").base)
    return Trained(
        operations=operations,
        hours=hours,
        cost=hours * asked.devices * table.hourly(asked.machine),
        memory=training.state_bytes(parameters, trained, mixed=asked.mixed),
        loss=training.loss(parameters, tokens),
        best=training.optimal(operations),
        rule=training.twenty(operations),
        used=table.used(asked.machine, hours * asked.devices),
    )


def _held(asked: Memory, table: _Table) -> Held:
    machine = table.machine(asked.machine)
    if machine.memory is None:
        raise ProjectError(
            "The memory of the machine {name!r} is not told.", where=PRICES, mend="Give `memory`.", name=asked.machine
        )
    weights = memory.weight_bytes(int(asked.parameters.figure("memory.parameters").base), asked.bits)
    token = memory.cache_bytes(asked.layers, asked.heads, asked.size)
    room = int(machine.memory.figure(f"{asked.machine}.memory").base)
    return Held(weights=weights, token=token, sequences=memory.sequences(room, weights, token, asked.context))


def _costed(asked: Serving, table: _Table, load_: Load) -> Costed:
    found = capacity(load_.points, asked.bound_ms, asked.share)
    day = _shape(asked)
    requests = asked.requests.figure("serving.requests").base
    tokens = _tokens(asked)

    def month(rate: float, hourly: Decimal) -> Served:
        return served(requests, day, rate, hourly, tokens, scales=asked.scales)

    whole = month(found.rate * asked.planned, table.hourly(asked.machine))
    used = table.used(asked.machine, whole.hours)
    return Costed(
        load=load_,
        capacity=found,
        shape=day,
        served=whole,
        price=table.machine(asked.machine).price.figure(f"{asked.machine}.price"),
        cheap=month(max(found.high, found.rate) * asked.planned, table.hourly(asked.machine, "low")),
        dear=month(found.low * asked.planned, table.hourly(asked.machine, "high")),
        used=used,
        per_thousand=_part(used, requests) if load_.joules is None else table.counted(load_.joules),
        others=tuple(_other(name, asked, table, whole, found, day) for name in asked.instead),
    )


def _shape(asked: Serving) -> Shape:
    if isinstance(asked.shape, str):
        return SHAPES[asked.shape]
    return shape([Fraction(one) for one in asked.shape], Fraction(asked.burst))


def _tokens(asked: Serving) -> Decimal | None:
    """All tokens of a request."""
    given = {"tokens": asked.tokens, "written": asked.written}
    known = [one.figure(f"serving.{name}").base for name, one in given.items() if one is not None]
    return sum(known, Decimal(0)) if known else None


def _part(used: Used | None, requests: Decimal) -> Used | None:
    """What 1,000 of a month's requests take."""
    if used is None or not requests:
        return None
    return Used(
        kilowatt_hours=used.kilowatt_hours / requests * 1000, carbon=used.carbon / requests * 1000, how=used.how
    )


def _other(name: str, asked: Serving, table: _Table, own: Served, found: Capacity, day: Shape) -> Other:
    if name in table.prices.api:
        return _api(name, asked, table, own, found, day)
    machine = table.machine(name)
    if machine.speed is None:
        raise ProjectError(
            "How fast the machine {name!r} serves is not told.",
            where=PRICES,
            mend="Give `speed`, against the machine that was measured; or measure the load there.",
            name=name,
        )
    rate = found.rate * asked.planned * float(machine.speed.figure(f"{name}.speed").base)
    whole = served(own.requests, day, rate, table.hourly(name), scales=asked.scales)
    return Other(
        name=name, title=machine.title, machines=whole.machines, cost=whole.cost, thousand=whole.thousand, against=None
    )


def _api(name: str, asked: Serving, table: _Table, own: Served, found: Capacity, day: Shape) -> Other:
    vendor: Vendor = table.prices.api[name]
    if asked.tokens is None:
        raise ProjectError(
            "An API is paid by the token: how many a request has is missing.",
            where="venture.toml, [compute.serving]",
            mend="Give `tokens`, and `written` where it writes.",
        )
    request = asked.tokens.figure("serving.tokens").base * table.money(vendor.input.figure(f"{name}.input"))
    if asked.written is not None:
        request += asked.written.figure("serving.written").base * table.money(vendor.output.figure(f"{name}.output"))
    month = Fraction(MONTH_HOURS) * 3600 * Fraction(found.rate * asked.planned) / day.peak
    machines = Machines(monthly=Fraction(table.hourly(asked.machine)) * Fraction(MONTH_HOURS), most=month)
    return Other(
        name=name,
        title=vendor.title,
        machines=None,
        cost=request * own.requests,
        thousand=request * 1000,
        against=break_even(machines, Fraction(request)) if request > 0 and machines.monthly > 0 else None,
    )


def _measures(costed: Costed, code: str) -> Mapping[str, Measure]:
    """What the plan may read; money is no more certain than the price of the machine."""
    whole, cheap, dear = costed.served, costed.cheap, costed.dear
    origin = costed.price.origin
    assumed = f"{costed.load.model}, {costed.load.day}: {origin.where}" if origin.kind == "assumed" else None
    found = {
        "capacity": Measure(
            value=_plain(costed.capacity.rate),
            unit="requests/second",
            low=_plain(costed.capacity.low),
            high=_plain(max(costed.capacity.high, costed.capacity.rate)),
        )
    }
    money = {
        "cost_per_1k": (f"{code}/1k requests", whole.thousand, cheap.thousand, dear.thousand),
        "cost_per_1m_tokens": (f"{code}/1M tokens", whole.million, cheap.million, dear.million),
        "month": (f"{code}/month", whole.cost, cheap.cost, dear.cost),
    }
    for name, (unit, value, low, high) in money.items():
        if value is not None and low is not None and high is not None:
            found[name] = Measure(value=_plain(value), unit=unit, low=_plain(low), high=_plain(high), why=assumed)
    return found


def _plain(value: Decimal | float) -> Decimal:
    """Six digits."""
    return Decimal(f"{value:.6g}")
