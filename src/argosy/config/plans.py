"""The tables ``[plans.NAME]`` of the project file: what a tenant pays, as a person writes it, made into plans."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, PlainValidator, model_validator
from pydantic_core import PydanticCustomError

from argosy.config.table import Table
from argosy.core.errors import ProjectError
from argosy.serve.billing.money import CURRENCIES, parse
from argosy.serve.billing.plan import EVERY, SALES, Plan, Price, Sale, Scheme, Share, Tax, Tier

_PERCENT = 10_000  # parts of a million


def _amount(value: object) -> str:
    if not isinstance(value, str):
        raise PydanticCustomError("money", "no amount")
    try:
        at_least_nothing = parse(value) >= 0
    except ProjectError as error:
        raise PydanticCustomError("money", "no amount") from error
    if not at_least_nothing:
        raise PydanticCustomError("money", "no amount")
    return value


def _money(value: object) -> str | dict[str, str]:
    if isinstance(value, dict) and value:
        return {_currency(name): _amount(amount) for name, amount in value.items()}
    return _amount(value)


def _currency(value: object) -> str:
    if not isinstance(value, str) or value not in CURRENCIES:
        raise PydanticCustomError("currency", "no currency")
    return value


def _rate(value: object) -> str:
    text = value.removesuffix("%") if isinstance(value, str) and value.endswith("%") else ""
    try:
        parts = parse(text.strip()) * _PERCENT
    except ProjectError as error:
        raise PydanticCustomError("percent", "no share") from error
    if parts % 10**6:
        raise PydanticCustomError("percent", "no share")
    return str(value)


Money = Annotated[str | dict[str, str], PlainValidator(_money, json_schema_input_type=str | dict[str, str])]
Currency = Annotated[str, PlainValidator(_currency, json_schema_input_type=str)]
Rate = Annotated[str, PlainValidator(_rate, json_schema_input_type=str)]


class Seller(Table):
    """Who sells, as invoices name it."""

    title: str = Field("", description="The registered name.")
    taxpayer: str = Field("", description="Taxpayer identification number, or unified social credit code.")
    address: str = Field("", description="Address.")
    phone: str = Field("", description="Telephone.")
    bank: str = Field("", description="Bank.")
    bank_account: str = Field("", description="Account at the bank.")
    email: str = Field("", description="Where buyers may ask.")
    smtp: str = Field(
        "",
        pattern=r"^(smtps?://[^\s/]+)?$",
        description="Where letters are sent from: `smtp://USER@HOST:587`; the password is in `ARGOSY_SMTP_PASSWORD`.",
    )
    prefix: str = Field("INV", pattern=r"^[\w.-]+$", description="Start of invoice numbers: `INV-2026-000001`.")
    item: str = Field("信息技术服务*技术服务费", description="Name of the item on a Chinese fapiao.")
    tax_code: str = Field("3040203990000000000", description="Tax classification code on a Chinese fapiao.")


class TierTable(Table):
    """A step of a price: what units cost up to a total of the month; the last one has no `up_to`."""

    up_to: int | None = Field(None, ge=1, description="The last unit of the step, counted behind the free ones.")
    price: Money = Field(description="Price for `per` units in this step.")


class PriceTable(Table):
    """What usage costs, by unit of sale and model."""

    unit: Sale = Field(description="What is sold; minutes last from a request's admission to its answer, ten at most.")
    per: int = Field(1, ge=1, description="How many units the price is for.")
    price: Money | None = Field(
        None, description='Such as `"2.00"`, or by currency: `{CNY = "2.00", USD = "0.30"}`; or give `tiers`.'
    )
    free: int = Field(0, ge=0, description="Units a month that cost nothing.")
    scheme: Scheme = Field(
        "graduated",
        description="Each unit by its own step, all by the step of the total, or begun packages of `per` units.",
    )
    tiers: list[TierTable] = Field([], description="Steps of the price, the lowest first.")
    models: list[str] = Field([EVERY], min_length=1, description="The models it is for; `*` is every other one.")

    @model_validator(mode="after")
    def _one_way(self) -> "PriceTable":
        if (self.price is None) == (not self.tiers):
            raise PydanticCustomError("price_or_tiers", "give either `price` or `tiers`")
        if self.tiers and self.scheme == "package":
            raise PydanticCustomError("package_one_price", "a package has one price")
        bounds = [tier.up_to for tier in self.tiers]
        inner = [bound for bound in bounds[:-1] if bound is not None]
        if bounds and (bounds[-1] is not None or inner != sorted(set(inner)) or len(inner) != len(bounds) - 1):
            raise PydanticCustomError("tiers_rise", "tiers rise")
        return self


class ShareTable(Table):
    """A line of the invoice that is a share of what usage comes to, such as a fee for support or a discount."""

    name: str = Field(description="What the line is called.")
    rate: Rate = Field(description='Such as `"10%"`; below zero it is a discount.')


class TaxTable(Table):
    """The tax line."""

    name: str = Field("VAT", description="What the tax is called.")
    rate: Rate = Field(description='Such as `"6%"`.')
    inclusive: bool = Field(True, description="Whether prices have the tax in them already.")


class PlanTable(Table):
    """What a tenant pays; NAME is the plan's."""

    extends: str | None = Field(None, description="A plan whose keys and prices hold unless this one has its own.")
    title: str = Field("", description="What the invoice calls it; the name unless set.")
    currency: Currency = Field("CNY", description="The currency of amounts that name none, by ISO 4217.")
    monthly: Money | None = Field(None, description="Price of a month, by the day where the plan holds for a part.")
    commitment: Money | None = Field(None, description="What the usage of a month comes to at least.")
    prepaid: bool = Field(False, description="Usage is taken from the tenant's wallet.")
    due_days: int = Field(15, ge=0, description="Days to pay an invoice in.")
    suspend_days: int | None = Field(
        None, ge=0, description="Days after which a tenant whose invoice is overdue is suspended; unset: never."
    )
    prices: list[PriceTable] = Field([], description="Prices of usage.")
    shares: list[ShareTable] = Field([], description="Shares of the usage, such as a fee or a discount.")
    tax: TaxTable | None = Field(None, description="The tax line.")

    @model_validator(mode="after")
    def _priced_once(self) -> "PlanTable":
        seen: set[tuple[str, str]] = set()
        for price in self.prices:
            own = {(model, unit) for model in price.models for unit in SALES[price.unit][0]}
            if twice := seen & own:
                model, unit = min(twice)
                raise PydanticCustomError("priced_twice", "priced twice", {"model": model, "unit": unit})
            seen |= own
        return self


Plans = Mapping[str, PlanTable]


def plans_of(tables: Plans) -> list[Plan]:
    """Every plan of the project file in each of its currencies; raises ProjectError for what does not fit together."""
    return [plan for name in tables for plan in _plans(name, extended(name, tables))]


def extended(name: str, tables: Plans, above: tuple[str, ...] = ()) -> PlanTable:
    """The table with what it extends; its own prices stand before, and replace those for the same models and units."""
    table = tables[name]
    if table.extends is None:
        return table
    if table.extends not in tables or table.extends in (*above, name):
        raise ProjectError(
            "There is no plan {found!r} that this one could extend.",
            where=f"argosy.toml, [plans.{name}] extends",
            mend="Plans here: {known}.",
            found=table.extends,
            known=", ".join(sorted(set(tables) - {name})) or "–",
        )
    base = extended(table.extends, tables, (*above, name))
    own = {(model, unit) for price in table.prices for model in price.models for unit in SALES[price.unit][0]}
    kept = [price for price in base.prices if not own & {(m, u) for m in price.models for u in SALES[price.unit][0]}]
    set_here = {key: getattr(table, key) for key in table.model_fields_set}
    return base.model_copy(update={**set_here, "prices": [*table.prices, *kept]})


def _plans(name: str, table: PlanTable) -> list[Plan]:
    amounts = [table.monthly, table.commitment, *(price.price for price in table.prices)]
    amounts += [tier.price for price in table.prices for tier in price.tiers]
    named = {currency for amount in amounts if isinstance(amount, dict) for currency in amount}
    return [_plan(name, table, currency) for currency in sorted(named | {table.currency})]


def _plan(name: str, table: PlanTable, currency: str) -> Plan:
    def money(amount: str | dict[str, str] | None, key: str) -> int:
        return _in(currency, amount, table.currency, f"argosy.toml, [plans.{name}] {key}")

    tax = table.tax
    return Plan(
        name=name,
        title=table.title,
        currency=currency,
        monthly=money(table.monthly, "monthly"),
        commitment=money(table.commitment, "commitment"),
        prepaid=table.prepaid,
        due_days=table.due_days,
        suspend_days=table.suspend_days,
        prices=tuple(
            Price(
                unit=price.unit,
                per=price.per,
                free=price.free,
                scheme=price.scheme,
                models=tuple(price.models),
                tiers=tuple(Tier(up_to=up_to, price=money(amount, "prices")) for up_to, amount in _tiers(price)),
            )
            for price in table.prices
        ),
        shares=tuple(Share(name=share.name, rate=_parts(share.rate)) for share in table.shares),
        tax=Tax(name=tax.name, rate=_parts(tax.rate), inclusive=tax.inclusive) if tax else None,
    )


def _tiers(price: PriceTable) -> list[tuple[int | None, Any]]:
    return [(tier.up_to, tier.price) for tier in price.tiers] or [(None, price.price)]


def _in(currency: str, amount: str | dict[str, str] | None, plain: str, where: str) -> int:
    """Micro-units of an amount in ``currency``; one that names no currency is in the plan's."""
    if amount is None:
        return 0
    amounts = amount if isinstance(amount, dict) else {plain: amount}
    if currency not in amounts:
        raise ProjectError(
            "An amount of this plan is missing in {currency}.",
            where=where,
            mend='Give it in every currency of the plan, such as {{CNY = "2.00", {currency} = "0.30"}}.',
            currency=currency,
        )
    return parse(amounts[currency], where)


def _parts(rate: str) -> int:
    """Parts of a million of a rate such as ``6%``."""
    return parse(rate.removesuffix("%").strip()) * _PERCENT // 10**6
