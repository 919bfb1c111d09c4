"""The golden table: figures that authorities print, and what Argosy reckons for the same companies and flows.

    python -m benchmarks.venture.golden

``exact`` is Argosy's figure, an exact rational where one is asked. Where an authority rounds on its way, ``printed`` is
reached by rounding where it rounds (``as``), beside the exact one; a row ``agrees`` where the printed digits are met.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from benchmarks.measuring import arguments, tell

from argosy.venture.compute import training
from argosy.venture.compute.memory import cache_bytes
from argosy.venture.financing.equity import Equity, Founder, history
from argosy.venture.financing.loans import payment
from argosy.venture.financing.ocf.register import Convertible
from argosy.venture.financing.ownership import before, exits
from argosy.venture.financing.rounds import Closed, Method, Round
from argosy.venture.returns.rates import irr, mirr
from argosy.venture.returns.value import npv

_YC = "Y Combinator, Post-Money Safe User Guide, appendix II"
_COOLEY = "Cooley, Calculating share price with outstanding convertible notes or SAFEs"
_NUMPY = "numpy-financial, documentation"
_FOUNDED, _ROUND = date(2026, 1, 1), date(2027, 1, 1)


def main() -> None:
    """Reckon every row."""
    rows = [*_guide(), *_methods(), *_exit(), *_flows(), *_computed()]
    tell("golden", {"rows": rows, "agree": sum(row["agrees"] for row in rows), "count": len(rows)})


def _row(source: str, what: str, printed: str, found: Fraction | Decimal, reached: object = None) -> dict[str, Any]:
    """A row; ``reached`` is what the authority's own rounding makes of it, where it rounds on its way."""
    places = len(printed.partition(".")[2])
    shown = f"{float(found):,.{places}f}" if reached is None else f"{reached:,}"
    return {
        "source": source,
        "what": what,
        "printed": printed,
        "exact": str(found) if isinstance(found, Fraction) else f"{found:.12g}",
        "decimal": float(found),
        "as": shown,
        "agrees": shown == printed,
    }


def _closed(
    founders: int, free: int, terms: Round, *convertibles: Convertible
) -> tuple[Closed, Fraction, dict[str, Fraction]]:
    """The round, all shares after it, and the shares that each SAFE or note became."""
    company = Equity(
        company="ABC",
        country="US",
        currency="USD",
        formed=_FOUNDED,
        founders=(Founder(name="founders", shares=Fraction(founders)),),
        pool=Fraction(free),
        convertibles=convertibles,
        rounds=(terms,),
    )
    closed = history(company)[-1].closed
    if closed is None:
        raise AssertionError(terms.name)
    return closed, before(closed.register), {one.id: one.shares for one in closed.conversions}


def _safe(
    name: str, amount: int, cap: int | None, *, post: bool = True, discount: Fraction | None = None
) -> Convertible:
    return Convertible(
        id=name,
        holder=name,
        day=_FOUNDED,
        instrument="SAFE",
        amount=Fraction(amount),
        cap=None if cap is None else Fraction(cap),
        discount=discount,
        post_money=post,
    )


def _terms(pre_money: int, money: int, growth: int = 0, method: Method = "percent") -> Round:
    return Round(
        name="A",
        day=_ROUND,
        pre_money=Fraction(pre_money),
        investors={"fund": Fraction(money)},
        growth=Fraction(growth),
        method=method,
    )


def _guide() -> Iterator[dict[str, Any]]:
    """Three examples of the guide, which cuts shares to whole ones and goes on from a price of four decimals."""
    a, b = _safe("A", 200_000, 4_000_000), _safe("B", 800_000, 8_000_000)
    closed, whole, shares = _closed(9_250_000, 750_000, _terms(15_000_000, 5_000_000, 1_695_000), a, b)
    cap = sum(shares.values(), Fraction(10_000_000))
    price = round(closed.price, 4)
    sold = floor(5_000_000 / price)
    yield _row(_YC, "1: company capitalization", "11,764,705", cap, floor(cap))
    yield _row(_YC, "1: shares of A", "588,235", shares["A"], floor(shares["A"]))
    yield _row(_YC, "1: shares of B", "1,176,470", shares["B"], floor(shares["B"]))
    yield _row(_YC, "1: price", "1.1144", closed.price)
    yield _row(_YC, "1: shares sold", "4,486,719", closed.sold, sold)
    yield _row(_YC, "1: all shares", "17,946,424", whole, floor(cap) + 1_695_000 + sold)

    closed, whole, shares = _closed(9_250_000, 750_000, _terms(8_800_000, 2_200_000, 1_573_000), a, b)
    price = round(closed.price, 4)
    bought = floor(800_000 / price)
    capped = floor(floor((10_000_000 + bought) / Fraction(95, 100)) * Fraction(5, 100))
    yield _row(_YC, "2: price", "0.6577", closed.price)
    after = 10_000_000 + bought + capped + 1_573_000 + floor(2_200_000 / price)
    yield _row(_YC, "2: all shares", "16,724,684", whole, after)

    old = _safe("A", 200_000, 3_800_000, post=False)
    closed, whole, shares = _closed(9_250_000, 750_000, _terms(15_000_000, 5_000_000, 1_700_000), old, b)
    first = floor(200_000 / round(Fraction(3_800_000, 11_700_000), 4))
    all_ = floor((10_000_000 + first) / Fraction(9, 10))
    price = round(Fraction(15_000_000, all_ + 1_700_000), 4)
    yield _row(_YC, "3: price", "1.1115", closed.price)
    yield _row(_YC, "3: all shares", "17,993,718", whole, all_ + 1_700_000 + round(5_000_000 / price))


def _methods() -> Iterator[dict[str, Any]]:
    """$2M at $8M, a note of $1M at 30 % less, 1,000,000 shares."""
    note = _safe("note", 1_000_000, None, discount=Fraction(3, 10))
    methods: tuple[tuple[Method, str], ...] = (("pre_money", "8.00"), ("percent", "6.57"), ("dollars", "7.57"))
    for method, printed in methods:
        closed, _, _ = _closed(1_000_000, 0, _terms(8_000_000, 2_000_000, method=method), note)
        yield _row(_COOLEY, f"price, {method}", printed, closed.price)


def _exit() -> Iterator[dict[str, Any]]:
    """$1M for 20 %, 1x and non-participating."""
    closed, _, _ = _closed(4_000_000, 0, _terms(4_000_000, 1_000_000))
    turns = [one.value for one in exits(closed.register, []) if any(each.turn == "converts" for each in one.turns)]
    yield _row("by definition", "$1M for 20 %: converts above", "5,000,000", turns[0], floor(turns[0]))


def _flows() -> Iterator[dict[str, Any]]:
    """The documented examples of irr (of several rates the one it tells), npv, mirr and pmt."""
    examples: tuple[tuple[list[str], int, str], ...] = (
        (["-100", "39", "59", "55", "20"], 0, "0.28095"),
        (["-100", "0", "0", "74"], 0, "-0.0955"),
        (["-100", "100", "0", "-7"], 1, "-0.0833"),
        (["-100", "100", "0", "7"], 0, "0.06206"),
        (["-5", "10.5", "1", "-8", "1"], 1, "0.0886"),
    )
    for flows, which, printed in examples:
        rates = irr([Decimal(one) for one in flows]).rates
        yield _row(_NUMPY, f"irr {' '.join(flows)}", printed, rates[which])
    loan = [Decimal(one) for one in ("-100", "39", "59", "55", "20")]
    yield _row(_NUMPY, "npv at .281, first flow now", "-0.00847859", npv(Decimal("0.281"), loan, first=0))
    project = [Decimal(one) for one in ("-40000", "5000", "8000", "12000", "30000")]
    yield _row(_NUMPY, "npv at .08, first flow now", "3,065.22267", npv(Decimal("0.08"), project, first=0))
    gained = mirr([Decimal(one) for one in ("-4500", "-800", "800", "800", "600")], Decimal("0.08"), Decimal("0.055"))
    yield _row(_NUMPY, "mirr at .08 and .055", "-0.1830479255", gained or Decimal(0))
    rent = payment(Decimal("0.075") / 12, 180, Decimal(200_000))
    yield _row(_NUMPY, "pmt 7.5 % a year, 15 years, 200,000", "-1,854.0247200055", rent)


def _computed() -> Iterator[dict[str, Any]]:
    """Operations, the fitted loss, and keys and values of a token."""
    operations = training.flops(174_600_000_000, 300_000_000_000)
    gpt = _row("Brown and others, 2020, table D.1", "GPT-3, training FLOP", "3.14e+23", Fraction(operations), 0)
    yield {**gpt, "as": f"{operations:.2e}", "agrees": f"{operations:.2e}" == gpt["printed"]}
    fit = "Hoffmann and others, 2022, approach 3"
    for name, size, tokens, printed in (("Chinchilla", 70e9, 1.4e12, "1.9366"), ("Gopher", 280e9, 300e9, "1.9933")):
        yield _row(fit, f"{name}, fitted loss", printed, Decimal(training.loss(size, tokens)))
    shape = "shape of the published model"
    yield _row(shape, "Llama-2-7B, bytes a token", "524,288", Fraction(cache_bytes(32, 32, 128)))
    yield _row(shape, "Llama-3-8B, bytes a token", "131,072", Fraction(cache_bytes(32, 8, 128)))
    yield _row(shape, "Llama-3-8B, GiB at 128k", "16", Fraction(cache_bytes(32, 8, 128) * 131_072, 2**30))


if __name__ == "__main__":
    arguments(__doc__)
    main()
