"""How the live ledger answers the plan: one table of ``venture.toml``."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from argosy.config.table import Table
from argosy.config.venture.figure import Input, of
from argosy.config.venture.plan import Name


def _listed(value: object) -> object:
    """One name as a list of it."""
    return [value] if isinstance(value, str) else value


Plans = Annotated[list[str], BeforeValidator(_listed), Field(min_length=1)]


class Actual(Table):
    """The project that sells, and which of its plans stands for which line of the plan."""

    project: str = Field(".", description="The folder of the project that sells, from that of `venture.toml`.")
    plans: dict[Name, Plans] = Field(
        {}, description='By subscription, API or data service: the sold plans that it stands for, such as "pro".'
    )
    trial: list[str] = Field(
        [], description="The sold plans in which a trial begins; by default those without a monthly price."
    )
    activated: int = Field(10, ge=1, description="Requests after which a tenant counts as activated.")
    within: int = Field(14, ge=1, le=366, description="Days after its creation in which it must be answered them.")
    pays_within: int = Field(30, ge=1, le=366, description="Days after its creation in which a trial must pay.")
    window: int = Field(12, ge=1, le=60, description="Months over which churn, use and margins are measured.")
    cost: Annotated[Input, of("money/request")] | None = Field(
        None, description="What a request costs under sold plans that no line of the plan stands for."
    )
    names: bool = Field(False, description="Whether the board names customers; by default it tells their ids.")
