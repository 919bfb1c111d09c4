"""``venture.toml`` read: named figures put where they are used, everything that is wrong said at once."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from argosy.config.file import checked, parsed
from argosy.config.table import Table
from argosy.config.venture.actual import Actual
from argosy.config.venture.compute import Compute
from argosy.config.venture.equity import Equity
from argosy.config.venture.figure import Input, converted
from argosy.config.venture.funding import Crowdfunding, Grant, Loan
from argosy.config.venture.market import Market
from argosy.config.venture.pitch import Pitch
from argosy.config.venture.plan import (
    Api,
    Asset,
    DataService,
    Expense,
    Fee,
    Milestone,
    Money,
    Month,
    Once,
    Product,
    Role,
    Segment,
    Subscription,
    Tax,
    Work,
    Working,
    Worth,
)
from argosy.config.venture.risk import Mitigation, Risk
from argosy.config.venture.uncertainty import Scenario, Simulation
from argosy.core.errors import MissingError, ProjectError, raise_all

FILE = "venture.toml"
_MARK = "@"
Reading = Callable[[str, str], Mapping[str, object]]
"""What a run ``RUN:KEY`` measured, as the fields of an input; also called with the place that asks, for errors."""


class Header(Table):
    """What the plan is of."""

    name: str = Field(description="The venture's name.")
    currency: str = Field("CNY", pattern=r"^[A-Z]{3}$", description="The plan's currency, in three letters.")
    start: Month = Field(description="The first month, such as 2027-01; of `4-4-5`, any day of its first week.")
    months: int = Field(48, ge=1, le=120, description="How many months; investors ask for 36 to 60.")
    calendar: Literal["months", "4-4-5"] = Field(
        "months", description="Calendar months, or periods of 4, 4 and 5 weeks, with a 53rd week where a year has it."
    )


class Venture(Table):
    """A whole ``venture.toml``."""

    venture: Header
    pitch: Pitch = Pitch()
    figures: dict[str, Input] = Field({}, description='Figures that several places use, as `"@NAME"`.')
    currencies: dict[str, Input] = Field({}, description="What one of another currency is in the plan's.")
    opening: Annotated[Money | None, Field(description="The cash at the start.")] = None
    segment: list[Segment] = Field([], description="Customers of one kind.")
    subscription: list[Subscription] = Field([], description="Prices a month.")
    api: list[Api] = Field([], description="Prices a request.")
    data: list[DataService] = Field([], description="Prices a row.")
    product: list[Product] = Field([], description="What is sold once.")
    work: list[Work] = Field([], description="Custom work.")
    role: list[Role] = Field([], description="People.")
    expense: list[Expense] = Field([], description="What is paid each month.")
    once: list[Once] = Field([], description="What is paid once.")
    fee: list[Fee] = Field([], description="Shares of revenue.")
    asset: list[Asset] = Field([], description="What is bought and written off.")
    milestone: list[Milestone] = Field([], description="What shall be reached.")
    loan: list[Loan] = Field([], description="Money lent, and paid back with interest.")
    grant: list[Grant] = Field([], description="Money given for work.")
    crowdfunding: list[Crowdfunding] = Field([], description="Campaigns whose backers get rewards.")
    equity: Equity | None = None
    compute: Compute | None = None
    risk: list[Risk] = Field([], description="What may go wrong.")
    mitigation: list[Mitigation] = Field([], description="What can be done about it.")
    working: Working = Working()
    worth: Worth | None = None
    market: Market | None = None
    actual: Actual = Actual()
    simulation: Simulation = Simulation()
    scenarios: dict[str, Scenario] = Field({}, description="Named courses: figures at other values.")
    tax: Tax | None = None


def load(folder: Path, measured: Reading | None = None, only: Collection[str] | None = None) -> Venture:
    """The venture of a folder (or of the file itself), its measured figures read by ``measured``.

    With ``only`` all other tables are left out, as if they were not there: who measures what the plan reads needs it.

    Raises MissingError without ``venture.toml``, and ProjectError, or Problems, for everything that is wrong in it.
    """
    path = folder if folder.suffix == ".toml" else folder / FILE
    if not path.is_file():
        raise MissingError(
            "There is no {file} here.",
            where=str(path),
            mend="Begin with an example: argosy plan new DIR",
            file=FILE,
        )
    return read(parsed(path), path.name, measured, only)


def read(
    values: Mapping[str, object],
    where: str = FILE,
    measured: Reading | None = None,
    only: Collection[str] | None = None,
) -> Venture:
    """The venture of already parsed TOML; raises ProjectError or Problems."""
    figures = values.get("figures")
    known = figures if isinstance(figures, dict) else {}
    problems: list[ProjectError] = []
    wanted = {key: value for key, value in values.items() if only is None or key in only}
    whole = {key: _put(value, known, f"{where}, [{key}]", problems) for key, value in wanted.items()}
    if measured is not None:
        whole = {key: _filled(value, measured, f"{where}, [{key}]", problems) for key, value in whole.items()}
    raise_all(problems)
    found = checked(Venture, whole, where)
    raise_all(_twice(found, where))
    return found


def _put(value: object, known: Mapping[str, object], where: str, problems: list[ProjectError]) -> object:
    """``value`` with each ``"@NAME"`` as the named figure, which keeps its name."""
    if isinstance(value, dict):
        return {key: _put(inner, known, where, problems) for key, inner in value.items()}
    if isinstance(value, list):
        return [_put(inner, known, where, problems) for inner in value]
    if not isinstance(value, str) or not value.startswith(_MARK):
        return value
    name = value.removeprefix(_MARK)
    figure = known.get(name)
    if not isinstance(figure, dict):
        problems.append(
            ProjectError(
                "The figure {name!r} is not there.",
                where=where,
                mend="Give it under [figures]. Known: {known}.",
                name=name,
                known=", ".join(known) or "-",
            )
        )
        return value
    return {**figure, "called": name}


def _filled(value: object, measured: Reading, where: str, problems: list[ProjectError]) -> object:
    """``value`` with what runs measured in each input that names one and gives no value itself."""
    if isinstance(value, list):
        return [_filled(inner, measured, where, problems) for inner in value]
    if not isinstance(value, dict):
        return value
    run = value.get("measured")
    if not isinstance(run, str) or "value" in value:
        return {key: _filled(inner, measured, where, problems) for key, inner in value.items()}
    try:
        return converted(measured(run, where), value)
    except ProjectError as error:
        problems.append(error)
        return value


def _twice(found: Venture, where: str) -> list[ProjectError]:
    """Names that two tables share: figures and lines are called by them."""
    names = [
        *(one.name for group in (found.segment, found.subscription, found.api, found.data) for one in group),
        *(one.name for group in (found.product, found.work, found.role, found.expense) for one in group),
        *(one.name for group in (found.once, found.fee, found.asset, found.milestone) for one in group),
        *(one.name for group in (found.loan, found.grant, found.crowdfunding) for one in group),
        *(one.name for one in ([] if found.equity is None else found.equity.events)),
        *(one.name for group in (found.risk, found.mitigation) for one in group),
        *found.figures,
        *found.currencies,
    ]
    return [
        ProjectError(
            "The name {name!r} stands {count} times.",
            where=where,
            mend="Give each segment, stream, role and expense a name of its own.",
            name=name,
            count=names.count(name),
        )
        for name in sorted(set(names))
        if names.count(name) > 1
    ]
