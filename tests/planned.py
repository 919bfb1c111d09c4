"""Plans for tests: the example venture, and small ones of few parts."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from argosy.config.venture.file import Venture, load, read
from argosy.project.venturing import planning
from argosy.project.venturing.planning import model, whole
from argosy.venture.figures import Figure, Origin
from argosy.venture.graph.model import Model
from argosy.venture.plan.parts import Money
from argosy.venture.units import unit

NONE = Money()
EXAMPLE = Path(planning.__file__).parent / "venture.toml"


def given(value: str, text: str) -> dict[str, object]:
    """An input that a source tells, as TOML gives it."""
    return {"value": Decimal(value), "unit": text, "sourced": "a contract", "date": date(2026, 11, 1)}


def figure(name: str, value: str, text: str) -> Figure:
    """A figure that a source tells."""
    origin = Origin(kind="sourced", where="a contract", day=date(2026, 11, 1))
    return Figure(name=name, value=Decimal(value), unit=unit(text), origin=origin)


def head(months: int = 12, start: str = "2027-01", calendar: str = "months") -> dict[str, object]:
    """The table [venture]."""
    return {"name": "Test", "currency": "CNY", "start": start, "months": months, "calendar": calendar}


def venture(of: dict[str, object] | None = None, **tables: object) -> Venture:
    """A venture of some tables; ``of`` is its head."""
    return read({"venture": of or head(), **tables})


def planned(found: Venture, money: Money = NONE) -> Model:
    """Its plan."""
    return model(found, whole(found, money))


def example() -> Model:
    """The plan of the example venture, with the cash at its start alone."""
    found = load(EXAMPLE)
    opening = None if found.opening is None else found.opening.figure("opening")
    return planned(found, Money(opening=opening))
