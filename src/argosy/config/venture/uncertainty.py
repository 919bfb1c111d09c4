"""How a plan is drawn, and its scenarios: two tables of ``venture.toml``."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field

from argosy.config.table import Table
from argosy.config.venture.figure import Number

Rank = Annotated[float, Field(ge=-1, le=1)]


class Simulation(Table):
    """How figures are drawn."""

    draws: int = Field(10000, ge=100, le=1_000_000, description="How many times the plan is drawn.")
    seed: int = Field(1, ge=0, description="The same seed draws the same figures.")
    correlations: list[tuple[str, str, Rank]] = Field(
        [], description='Two figures and their rank correlation, such as ["pro.churn", "pro.new", -0.3].'
    )


def flat(value: object) -> object:
    """Settings by the whole name of their figure: TOML reads ``pro.churn = "high"`` as a table in a table."""
    if not isinstance(value, Mapping):
        return value
    found: dict[str, object] = {}
    for name, inner in value.items():
        one = flat(inner)
        found |= {f"{name}.{rest}": last for rest, last in one.items()} if isinstance(one, dict) else {name: inner}
    return found


Setting = Number | Annotated[str, Field(pattern=r"^(low|high|x[0-9]+(\.[0-9]+)?)$")]
Scenario = Annotated[dict[str, Setting], BeforeValidator(flat)]
"""By figure: its value in its own unit, ``low`` or ``high`` of its range, or a multiple such as ``x1.2``."""
