"""What is sold, by whom, at what cost: the tables of ``venture.toml`` that the monthly plan is made of."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from argosy.config.table import Table
from argosy.config.venture.figure import Input, of

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", description="Its name: small letters, digits, `_`.")]
_DAY = 10


def _day(value: object) -> object:
    """The first day of a month that is written as ``2027-03``."""
    return f"{value}-01" if isinstance(value, str) and len(value) < _DAY else value


Month = Annotated[date, BeforeValidator(_day)]
Function = Literal["serve", "sell", "build", "run"]

Price = Annotated[Input, of("money/customer/month")]
Customers = Annotated[Input, of("customer")]
NewCustomers = Annotated[Input, of("customer/month")]
Monthly = Annotated[Input, of("share/month")]
Yearly = Annotated[Input, of("share/year")]
Share = Annotated[Input, of("share")]
Money = Annotated[Input, of("money")]


class Segment(Table):
    """Customers of one kind: how many come, and how many go."""

    name: Name
    title: str | None = Field(None, description="What readers see instead of the name.")
    since: Month | None = Field(None, description="The month of the first customers; the plan's first by default.")
    customers: Customers | None = Field(None, description="Customers on the first day.")
    new: NewCustomers | None = Field(None, description="New customers in the first month.")
    leads: Annotated[Input, of("lead/month")] | None = Field(None, description="Trials begun, instead of `new`.")
    converts: Annotated[Input, of("customer/lead")] | None = Field(None, description="Trials that become customers.")
    growth: Monthly | None = Field(None, description="Growth of the new customers, or of the trials.")
    churn: Monthly = Field(description="Customers who leave.")
    limit: Customers | None = Field(None, description="Customers that there can be at most: what the market holds.")


class Subscription(Table):
    """A price a month for each customer of a segment who takes it."""

    name: Name
    title: str | None = None
    segment: Name = Field(description="Whose customers take it.")
    takes: Share | None = Field(None, description="The share of the segment's customers who take it; all by default.")
    price: Price = Field(description="Its price.")
    expansion: Monthly | None = Field(None, description="Growth of what a customer pays.")
    contraction: Monthly | None = Field(None, description="Decline of what a customer pays.")
    uses: Annotated[Input, of("request/customer/month")] | None = Field(None, description="Requests of a customer.")
    cost: Annotated[Input, of("money/request")] | None = Field(None, description="What one request costs to serve.")
    service: Price | None = Field(None, description="What a customer costs in service, beside requests and wages.")


class Api(Table):
    """A price for each request."""

    name: Name
    title: str | None = None
    segment: Name = Field(description="Whose customers use it.")
    takes: Share | None = Field(None, description="The share of the segment's customers who use it; all by default.")
    price: Annotated[Input, of("money/request")] = Field(description="Its price, such as 0.8 CNY/1k requests.")
    uses: Annotated[Input, of("request/customer/month")] = Field(description="Requests of a customer at first.")
    free: Annotated[Input, of("request/customer/month")] | None = Field(None, description="Requests without a price.")
    grows: Monthly | None = Field(None, description="Growth of a customer's requests.")
    cost: Annotated[Input, of("money/request")] = Field(description="What one request costs to serve.")


class DataService(Table):
    """A price for each row that is processed or delivered."""

    name: Name
    title: str | None = None
    segment: Name = Field(description="Whose customers use it.")
    takes: Share | None = Field(None, description="The share of the segment's customers who use it; all by default.")
    price: Annotated[Input, of("money/row")] = Field(description="Its price, such as 20 CNY/1k rows.")
    uses: Annotated[Input, of("row/customer/month")] = Field(description="Rows of a customer at first.")
    free: Annotated[Input, of("row/customer/month")] | None = Field(None, description="Rows without a price.")
    grows: Monthly | None = Field(None, description="Growth of a customer's rows.")
    cost: Annotated[Input, of("money/row")] = Field(description="What one row costs.")


class Product(Table):
    """Something sold once, such as a licence or a box."""

    name: Name
    title: str | None = None
    since: Month | None = Field(None, description="The month of the first sale; the plan's first by default.")
    price: Annotated[Input, of("money/unit")] = Field(description="Its price.")
    sold: Annotated[Input, of("unit/month")] = Field(description="Units sold in the first month.")
    grows: Monthly | None = Field(None, description="Growth of the units sold.")
    cost: Annotated[Input, of("money/unit")] = Field(description="What one unit costs.")
    returned: Share | None = Field(None, description="The share of units that come back and are paid back.")


class Work(Table):
    """Custom work, by the project."""

    name: Name
    title: str | None = None
    since: Month | None = Field(None, description="The month of the first project; the plan's first by default.")
    price: Annotated[Input, of("money/project")] = Field(description="What a project earns.")
    won: Annotated[Input, of("project/month")] = Field(description="Projects won in the first month.")
    grows: Monthly | None = Field(None, description="Growth of the projects won.")
    cost: Annotated[Input, of("money/project")] = Field(description="What a project costs beside wages.")
    months: int = Field(1, ge=1, le=24, description="Months that a project takes; it earns evenly over them.")


class Role(Table):
    """People of one kind."""

    name: Name
    title: str | None = None
    function: Function = Field(description="`serve` (a direct cost), `sell`, `build` or `run`.")
    hires: list[Month] = Field([], description="The month in which each person begins.")
    leaves: list[Month] = Field([], description="The month from which on one person fewer is paid.")
    serves: Annotated[Input, of("customer/person")] | None = Field(
        None, description="Customers that one person can serve; more people are paid where it takes more."
    )
    wage: Annotated[Input, of("money/person/month")] = Field(description="The wage before employer's charges.")
    charges: Share | None = Field(None, description="Employer's charges, as a share of the wage.")
    raises: Yearly | None = Field(None, description="The raise at each new year.")
    skills: list[str] = Field([], description="What these people can do.")


class Expense(Table):
    """What is paid each month, such as rent, tools and advertising."""

    name: Name
    title: str | None = None
    function: Function = Field(description="`serve` (a direct cost), `sell`, `build` or `run`.")
    amount: Annotated[Input, of("money/month", "money/hour")] = Field(description="The amount, by month or by hour.")
    raises: Yearly | None = Field(None, description="The rise at each new year.")
    since: Month | None = Field(None, description="The first month; the plan's first by default.")
    until: Month | None = Field(None, description="The first month without it.")


class Once(Table):
    """What is paid once, such as a trademark."""

    name: Name
    title: str | None = None
    function: Function = Field(description="`serve` (a direct cost), `sell`, `build` or `run`.")
    amount: Money = Field(description="The amount.")
    on: Month = Field(description="When it is paid.")


class Fee(Table):
    """A share of all revenue, such as a payment provider's."""

    name: Name
    title: str | None = None
    share: Share = Field(description="The share of revenue.")


class Asset(Table):
    """What is bought and used for years; written off evenly."""

    name: Name
    title: str | None = None
    price: Money = Field(description="Its price.")
    on: Month = Field(description="When it is bought.")
    life: int = Field(36, ge=1, description="Months over which it is written off.")


class Milestone(Table):
    """What shall be reached, when, and by whom."""

    name: Name
    title: str | None = None
    on: Month = Field(description="When it shall be reached.")
    owner: Name = Field(description="The role that owns it.")
    cost: Money | None = Field(None, description="What it costs beside wages; paid in that month, as `build`.")
    needs: list[str] = Field([], description="Skills that it needs by then.")
    after: list[Name] = Field([], description="Milestones that come before it.")


class Working(Table):
    """When money moves, against when it is earned."""

    receivable: Annotated[Input, of("day")] | None = Field(None, description="Days until customers pay.")
    payable: Annotated[Input, of("day")] | None = Field(None, description="Days until suppliers are paid.")
    prepaid: Annotated[Input, of("month")] | None = Field(
        None, description="Months of subscriptions that customers have paid ahead, on average."
    )


class Worth(Table):
    """By what the plan is judged."""

    discount: Yearly = Field(description="What the money could earn elsewhere at the same risk.")
    reinvest: Yearly | None = Field(None, description="What gains earn until the end, for MIRR; `discount` by default.")
    margin: Share | None = Field(None, description="The margin that a price must leave: it gives the floor of prices.")


class Tax(Table):
    """Tax on profit; losses are carried forward."""

    profit: Share = Field(description="The rate.")
