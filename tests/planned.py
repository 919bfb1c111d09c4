"""Plans for tests: the example venture, and small ones of few parts."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from argosy.config.venture.file import Venture, load, read
from argosy.project.venturing import planning
from argosy.project.venturing.funding import money
from argosy.project.venturing.planning import model, whole
from argosy.venture.graph.model import Model

EXAMPLE = Path(planning.__file__).parent / "venture.toml"


def given(value: str, text: str) -> dict[str, object]:
    """An input that a source tells, as TOML gives it."""
    return {"value": Decimal(value), "unit": text, "sourced": "a contract", "date": date(2026, 11, 1)}


def head(months: int = 12, start: str = "2027-01", calendar: str = "months") -> dict[str, object]:
    """The table [venture]."""
    return {"name": "Test", "currency": "CNY", "start": start, "months": months, "calendar": calendar}


def venture(of: dict[str, object] | None = None, **tables: object) -> Venture:
    """A venture of some tables; ``of`` is its head."""
    return read({"venture": of or head(), **tables})


def planned(found: Venture) -> Model:
    """Its plan."""
    return model(found, whole(found, money(found)))


def example() -> Model:
    """The plan of the example venture."""
    return planned(load(EXAMPLE))
