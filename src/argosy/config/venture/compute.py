"""What is trained and served, on what: the table ``compute``; and the price table ``prices.toml``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from argosy.config.file import checked, parsed
from argosy.config.table import Table
from argosy.config.venture.figure import Input, Number, of
from argosy.config.venture.plan import Name, Share

PRICES = "prices.toml"

Parameters = Annotated[Input, of("parameter")]
Tokens = Annotated[Input, of("token")]


class Training(Table):
    """A training to reckon."""

    parameters: Parameters = Field(description="Parameters of the model.")
    tokens: Tokens = Field(description="Tokens that it is trained on, all epochs counted.")
    trained: Parameters | None = Field(None, description="Parameters that learn; all by default.")
    mixed: bool = Field(True, description="Whether in mixed precision.")
    machine: str = Field(description="The machine's name in prices.toml.")
    devices: int = Field(1, ge=1, description="How many of them.")
    utilisation: Share = Field(description="The share of the peak that is reached, as measured (MFU).")


class Memory(Table):
    """A language model to serve, for its memory."""

    parameters: Parameters = Field(description="Parameters of the model.")
    bits: int = Field(16, ge=1, le=64, description="Bits of a weight.")
    layers: int = Field(gt=0, description="Layers.")
    heads: int = Field(gt=0, description="Heads of keys and values.")
    size: int = Field(gt=0, description="Numbers of a head.")
    context: int = Field(gt=0, description="Tokens of a whole context.")
    machine: str = Field(description="The machine's name in prices.toml.")


class Serving(Table):
    """A month of requests to serve."""

    machine: str = Field(description="The machine, in prices.toml, on which the load was measured.")
    requests: Annotated[Input, of("request/month")] = Field(description="Requests a month.")
    tokens: Annotated[Input, of("token/request")] | None = Field(None, description="Tokens read of a request.")
    written: Annotated[Input, of("token/request")] | None = Field(None, description="Tokens written for a request.")
    bound_ms: float = Field(100, gt=0, description="Milliseconds within which requests are answered.")
    share: float = Field(0.99, gt=0, lt=1, description="The share of them that has to be.")
    planned: float = Field(
        0.8, gt=0, le=1, description="The part of the capacity that is planned for; the rest is spare."
    )
    shape: Literal["steady", "wave", "office", "bursts"] | list[Number] = Field(
        "wave", description="How a day's requests come: a named shape, or a weight for each of 24 hours."
    )
    burst: Number = Field(Number(1), ge=1, description="A moment's peak over its hour's mean, for weights of your own.")
    scales: bool = Field(False, description="Whether machines are switched off in hours that need fewer.")
    instead: list[str] = Field([], description="Other machines and APIs of prices.toml to compare.")


class Compute(Table):
    """Training, memory and serving."""

    training: Training | None = None
    memory: Memory | None = None
    serving: Serving | None = None


class Machine(Table):
    """A machine: rented by the hour, or bought."""

    title: str = Field(description="What readers see.")
    price: Annotated[Input, of("money/hour", "money")] = Field(description="By the hour, or of the whole machine.")
    life: int | None = Field(None, ge=1, description="Months that a bought one is written off over.")
    watts: Annotated[Input, of("kWh/hour")] | None = Field(None, description="What it draws at work.")
    memory: Annotated[Input, of("byte")] | None = Field(None, description="The memory that a model can use.")
    peak: Annotated[Input, of("FLOP/hour")] | None = Field(None, description="Its peak of operations.")
    speed: Share | None = Field(None, description="Requests that it answers, against the machine that was measured.")


class Vendor(Table):
    """Someone else's API, by the token."""

    title: str = Field(description="What readers see.")
    input: Annotated[Input, of("money/token")] = Field(description="For what it reads.")
    output: Annotated[Input, of("money/token")] = Field(description="For what it writes.")


class Power(Table):
    """Electricity."""

    price: Annotated[Input, of("money/kWh")] = Field(description="Of a kilowatt-hour.")
    intensity: Annotated[Input, of("kg/kWh")] = Field(description="CO₂ of a kilowatt-hour.")
    overhead: Share = Field(description="What the building takes for each of it (PUE).")


class Prices(Table):
    """A whole ``prices.toml``."""

    machine: dict[Name, Machine] = Field(description="Machines.")
    api: dict[Name, Vendor] = Field({}, description="Others' APIs.")
    power: Power


def prices(place: Path) -> Prices:
    """The price table of a file; raises ProjectError, or Problems, for what is wrong in it."""
    return priced(parsed(place), place.name)


def priced(values: Mapping[str, object], where: str = PRICES) -> Prices:
    """The price table of already parsed TOML."""
    return checked(Prices, values, where)
