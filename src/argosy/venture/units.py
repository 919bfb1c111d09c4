"""Units of figures: what may be added to what, and what a figure is in base units.

Months and hours stand apart: how many hours a month has depends on the calendar, so that neither turns into the other.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction

from argosy.core.errors import ProjectError

_SIZES: dict[str, tuple[int | Fraction, str]] = {
    "share": (1, ""),
    "percent": (Fraction(1, 100), ""),
    "times": (1, ""),
    "month": (1, "month"),
    "quarter": (3, "month"),
    "year": (12, "month"),
    "second": (Fraction(1, 3600), "hour"),
    "minute": (Fraction(1, 60), "hour"),
    "hour": (1, "hour"),
    "day": (24, "hour"),
    "week": (168, "hour"),
    "person": (1, "person"),
    "customer": (1, "customer"),
    "lead": (1, "lead"),
    "project": (1, "project"),
    "unit": (1, "unit"),
    "row": (1, "row"),
    "request": (1, "request"),
    "token": (1, "token"),
    "parameter": (1, "parameter"),
    "FLOP": (1, "FLOP"),
    "byte": (1, "byte"),
    "kB": (1000, "byte"),
    "MB": (1000**2, "byte"),
    "GB": (1000**3, "byte"),
    "KiB": (1024, "byte"),
    "MiB": (1024**2, "byte"),
    "GiB": (1024**3, "byte"),
    "kWh": (1, "kWh"),
    "W": (Fraction(1, 1000), "kWh/hour"),
    "g": (Fraction(1, 1000), "kg"),
    "kg": (1, "kg"),
    "device": (1, "device"),
}
_COUNTS = {"1k": 10**3, "1M": 10**6, "1B": 10**9, "10k": 10**4, "100k": 10**5}
_PLURAL = re.compile(r"(?<=[a-z]{3})s$")
_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Dimension:
    """Powers of base units, such as {CNY: 1, month: -1}; those that are 0 are left out."""

    powers: tuple[tuple[str, int], ...] = ()

    def __mul__(self, other: "Dimension") -> "Dimension":
        powers = dict(self.powers)
        for name, power in other.powers:
            powers[name] = powers.get(name, 0) + power
        return Dimension(tuple(sorted((name, power) for name, power in powers.items() if power)))

    def __truediv__(self, other: "Dimension") -> "Dimension":
        return self * Dimension(tuple((name, -power) for name, power in other.powers))

    def __str__(self) -> str:
        above = "·".join(name for name, power in self.powers for _ in range(power))
        below = "/".join(name for name, power in self.powers for _ in range(-power))
        return (above or ("1" if below else "share")) + (f"/{below}" if below else "")


SHARE = Dimension()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit as it was written; one of it is ``factor`` of its dimension's base units."""

    text: str
    factor: Fraction
    dimension: Dimension

    def base(self, value: Decimal) -> Decimal:
        """``value`` of this unit in base units."""
        return value * self.factor.numerator / self.factor.denominator


def unit(text: str) -> Unit:
    """The unit that a text such as ``CNY/customer/month``, ``USD/1M tokens`` or ``percent/month`` names.

    A slash divides by what follows it; counts stand before a name. Raises ProjectError for an unknown one.

    >>> str(unit("CNY/1k requests").dimension), unit("CNY/1k requests").factor
    ('CNY/request', Fraction(1, 1000))
    """
    factor, dimension = Fraction(1), SHARE
    for place, part in enumerate(text.strip().split("/")):
        number, inner = _one(part.strip(), text)
        factor, dimension = (factor * number, dimension * inner) if not place else (factor / number, dimension / inner)
    return Unit(text=text, factor=factor, dimension=dimension)


def currency(code: str) -> Dimension:
    """The dimension of a currency, by its three letters."""
    return Dimension(((code, 1),))


def dimension(text: str) -> Dimension:
    """The dimension of a unit that the code names."""
    return unit(text).dimension


def _one(part: str, whole: str) -> tuple[Fraction, Dimension]:
    count, space, name = part.partition(" ")
    if not space:
        count, name = "", part
    if part == "1":
        return Fraction(1), SHARE
    if _CURRENCY.fullmatch(name):
        return _counted(count, whole), currency(name)
    known = name if name in _SIZES else _PLURAL.sub("", "person" if name == "people" else name)
    if known not in _SIZES:
        raise _unknown(name, whole)
    size, base = _SIZES[known]
    above, slash, below = base.partition("/")
    inner = Dimension(((above, 1),)) if above else SHARE
    return Fraction(size) * _counted(count, whole), inner / Dimension(((below, 1),)) if slash else inner


def _counted(count: str, whole: str) -> Fraction:
    if not count:
        return Fraction(1)
    if count not in _COUNTS:
        raise _unknown(count, whole)
    return Fraction(_COUNTS[count])


def _unknown(name: str, whole: str) -> ProjectError:
    known = [*_SIZES, *_COUNTS, "CNY", "USD", "EUR"]
    close = get_close_matches(name, known, n=1, cutoff=0.5)
    if close:
        return ProjectError(
            "Unknown unit {name!r} in {whole!r}.",
            mend="Did you mean {close!r}?",
            name=name,
            whole=whole,
            close=close[0],
        )
    return ProjectError(
        "Unknown unit {name!r} in {whole!r}.", mend="Known: {known}.", name=name, whole=whole, known=", ".join(known)
    )
