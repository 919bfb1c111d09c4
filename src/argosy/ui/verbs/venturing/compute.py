"""``argosy compute``: what training and serving take, the price table, and the load curve that serving is priced by."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from argosy.config.venture.compute import PRICES
from argosy.core.errors import ProjectError
from argosy.project.using.profiling import texts_of
from argosy.project.venturing.computing import Computed, Costed, Held, Other, Trained, compute, own_prices
from argosy.project.venturing.loads import measure as measured
from argosy.project.venturing.loads import store
from argosy.project.venturing.runs import beside
from argosy.ui.speech import note, say, t
from argosy.ui.verbs.books import show_table
from argosy.ui.verbs.build import say_json
from argosy.venture.compute.curve import Point

_GIB, _ASKED = 2**30, 2_000  # texts that are asked, one a request, by chance


def show(folder: Path, *, as_json: bool) -> None:
    """What ``[compute]`` comes to, on one screen."""
    found = compute(folder, datetime.now(UTC).date())
    if as_json:
        say_json(told(found))
        return
    code = found.venture.venture.currency
    if found.trained is not None:
        _lines(_training(found.trained, code))
    if found.held is not None:
        _lines(_memory(found.held))
    if found.costed is not None:
        _lines(_serving(found.costed, code))
        _ways(found.costed, code)
    if found.unmeasured:
        say(t("serving    not reckoned: the load of the served model is not measured"))
        say(t("next       argosy compute measure MODEL --in {folder}").format(folder=folder))


def write_prices(folder: Path, *, as_json: bool) -> None:
    """Write Argosy's price table; raises ProjectError where one is there already."""
    place = beside(folder).parent / PRICES
    if place.exists():
        raise ProjectError("There is a price table already.", where=str(place), mend="Edit it, and date what you read.")
    place.write_text(own_prices(), encoding="utf-8")
    if as_json:
        say_json({"written": str(place)})
    else:
        say(t("wrote      {path}").format(path=place))


def measure(folder: Path, model: Path, source: Path | None, column: str, seconds: float, *, as_json: bool) -> None:
    """Measure the load curve, and keep it beside the plan."""
    texts = texts_of(model, source, column, _ASKED)
    load = measured(model, texts, datetime.now(UTC).date(), seconds, _told)
    place = store(folder, load)
    if as_json:
        say_json({"written": str(place), "points": [_point(one) for one in load.points]})
        return
    head = t("{model}, engine {engine}, {machine}; the load generator shares the processors")
    say(head.format(model=load.model, engine=load.engine, machine=load.machine))
    heads = (t("came a second"), t("answered"), t("p50"), t("p95"), t("p99"))
    show_table(heads, [_row(one) for one in load.points])
    say(t("wrote      {path}").format(path=place))


def told(found: Computed) -> dict[str, Any]:
    """All of it as JSON has it: money as texts."""
    trained, held, costed = found.trained, found.held, found.costed
    return {
        "currency": found.venture.venture.currency,
        "training": None
        if trained is None
        else {
            "flops": trained.operations,
            "hours": str(trained.hours),
            "cost": str(trained.cost),
            "memory_bytes": trained.memory,
            "expected_loss": trained.loss,
            "optimal": {
                "parameters": trained.best.parameters,
                "tokens": trained.best.tokens,
                "expected_loss": trained.best.loss,
            },
            "twenty_tokens_a_parameter": {
                "parameters": trained.rule.parameters,
                "tokens": trained.rule.tokens,
                "expected_loss": trained.rule.loss,
            },
            "energy": _energy(trained.used),
        },
        "memory": None
        if held is None
        else {"weights": held.weights, "bytes_per_token": held.token, "whole_contexts": held.sequences},
        "serving": None if costed is None else _costed(costed),
    }


def _costed(one: Costed) -> dict[str, Any]:
    whole = one.served
    return {
        "measured": {"day": one.load.day.isoformat(), "model": one.load.model, "machine": one.load.machine},
        "capacity": {
            "rate": one.capacity.rate,
            "low": one.capacity.low,
            "high": one.capacity.high,
            "open": one.capacity.open,
        },
        "machines": whole.machines,
        "hours": str(whole.hours),
        "busy": whole.busy,
        "cost": str(whole.cost),
        "per_1k_requests": None if whole.thousand is None else str(whole.thousand),
        "per_1m_tokens": None if whole.million is None else str(whole.million),
        "per_1k_requests_without_idle": str(whole.full),
        "price": {"origin": one.price.origin.kind, "where": one.price.origin.where},
        "energy": _energy(one.used),
        "energy_per_1k_requests": _energy(one.per_thousand),
        "others": [
            {
                "name": other.name,
                "machines": other.machines,
                "cost": str(other.cost),
                "per_1k_requests": None if other.thousand is None else str(other.thousand),
                "break_even": None
                if other.against is None
                else {"first": _whole(other.against.first), "good": _whole(other.against.good)},
            }
            for other in one.others
        ],
    }


def _energy(used: Any) -> dict[str, str] | None:
    if used is None:
        return None
    return {"kwh": str(used.kilowatt_hours), "co2_kg": str(used.carbon), "how": used.how}


def _whole(value: Any) -> float | None:
    return None if value is None else float(value)


def _lines(lines: Iterator[str]) -> None:
    for line in lines:
        say(line)
    say("")


def _training(one: Trained, code: str) -> Iterator[str]:
    yield t("training   {flops} FLOP (6 · parameters · tokens), {hours} hours, {cost} {code}").format(
        flops=f"{one.operations:.3g}", hours=_number(one.hours), cost=_number(one.cost), code=code
    )
    yield t("           {memory} GiB for weights, gradients and optimiser, without activations").format(
        memory=_number(Decimal(one.memory) / _GIB)
    )
    yield t(
        "           from nothing, Chinchilla's fit: loss {loss}; {best} at {parameters} parameters, {tokens} tokens"
    ).format(
        loss=f"{one.loss:.4f}",
        best=f"{one.best.loss:.4f}",
        parameters=f"{one.best.parameters:.3g}",
        tokens=f"{one.best.tokens:.3g}",
    )
    yield t(
        "           by the rule of 20 tokens a parameter: loss {loss} at {parameters} parameters, {tokens} tokens"
    ).format(parameters=f"{one.rule.parameters:.3g}", tokens=f"{one.rule.tokens:.3g}", loss=f"{one.rule.loss:.4f}")
    yield from _used(one.used, t("for the training"))


def _memory(one: Held) -> Iterator[str]:
    yield t(
        "memory     weights {weights} GiB, keys and values {token} bytes a token; {count} whole contexts fit"
    ).format(weights=_number(Decimal(one.weights) / _GIB), token=f"{one.token:,}", count=f"{one.sequences:,}")


def _serving(one: Costed, code: str) -> Iterator[str]:
    whole, rate = one.served, one.capacity
    how = t("at least; every measured rate keeps the bound") if rate.open else f"{rate.low:,.0f} – {rate.high:,.0f}"
    yield t("capacity   {rate} requests a second within the bound ({how}), measured {day} on {machine}").format(
        rate=f"{rate.rate:,.0f}", how=how, day=one.load.day, machine=one.load.machine
    )
    yield t(
        "serving    {requests} requests a month: {machines} machines, {busy} % of their time used, {cost} {code}"
    ).format(
        requests=f"{whole.requests:,.0f}",
        machines=whole.machines,
        busy=f"{100 * whole.busy:.1f}",
        cost=_number(whole.cost),
        code=code,
    )
    if whole.thousand is not None:
        yield t("cost       {thousand} {code} for 1,000 requests with idle hours; {full} if none were idle").format(
            thousand=_number(whole.thousand), full=_number(whole.full), code=code
        )
    if whole.million is not None:
        yield t("           {million} {code} for 1M tokens, with idle hours").format(
            million=_number(whole.million), code=code
        )
    words = {"measured": t("measured"), "sourced": t("sourced"), "assumed": t("assumed")}
    yield t("price      {origin}: {where}").format(origin=words[one.price.origin.kind], where=one.price.origin.where)
    yield from _used(one.per_thousand, t("for 1,000 requests"))


def _used(used: Any, what: str = "") -> Iterator[str]:
    if used is not None:
        words = {"measured": t("measured"), "estimated": t("estimated")}
        yield t("energy     {energy} kWh, {carbon} kg of CO₂ {what} ({how})").format(
            energy=_number(used.kilowatt_hours), carbon=_number(used.carbon), what=what, how=words[used.how]
        )


def _ways(one: Costed, code: str) -> None:
    if not one.others:
        return
    heads = (
        t("instead"),
        t("machines"),
        t("a month, {code}").format(code=code),
        t("1,000 requests"),
        t("machines are cheaper"),
    )
    show_table(heads, [_way(other) for other in one.others])


def _way(other: Other) -> tuple[str, ...]:
    cheaper = "–"
    if other.against is not None:
        first, good = other.against.first, other.against.good
        cheaper = t("never")
        if first is not None and good is not None:
            cheaper = t("from {first} requests a month; for good from {good}").format(
                first=f"{float(first):,.0f}", good=f"{float(good):,.0f}"
            )
    machines = "–" if other.machines is None else str(other.machines)
    thousand = "–" if other.thousand is None else _number(other.thousand)
    return other.title, machines, _number(other.cost), thousand, cheaper


def _told(one: Point) -> None:
    note(t("{rate} a second: 99 % within {ms} ms").format(rate=f"{one.offered:,.0f}", ms=_ms(one.percentile(99))))


def _row(one: Point) -> tuple[str, ...]:
    return (f"{one.offered:,.1f}", f"{one.answered:,.1f}", *(_ms(one.percentile(of)) for of in (50, 95, 99)))


def _point(one: Point) -> dict[str, Any]:
    ranks = {f"p{of}_ms": None if one.percentile(of) == float("inf") else one.percentile(of) for of in (50, 95, 99)}
    return {"offered": one.offered, "answered": one.answered, **ranks, "processor_seconds": one.busy}


def _ms(value: float) -> str:
    return t("never") if value == float("inf") else f"{value:,.1f}"


def _number(value: Decimal) -> str:
    """Three digits, more where it is large."""
    size = abs(value)
    if not size or size >= 1000:  # noqa: PLR2004 - whole numbers from a thousand on
        return f"{value:,.0f}"
    places = max(0, 2 - size.adjusted())
    return f"{value:,.{places}f}"
