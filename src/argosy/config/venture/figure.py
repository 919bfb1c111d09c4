"""An input of ``venture.toml``: a value, its unit, and where it comes from."""

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from argosy.config.table import Table
from argosy.core.errors import ProjectError
from argosy.venture.figures import Figure, Origin
from argosy.venture.units import Dimension, dimension, unit


def exact(value: object) -> object:
    """TOML's floats as they were written: the shortest decimal that is the same float."""
    return Decimal(repr(value)) if isinstance(value, float) else value


Number = Annotated[Decimal, BeforeValidator(exact)]
_CURRENCY = re.compile(r"[A-Z]{3}")
_ENDS = ("interval", "assumed")
_ANY = "ANY"  # stands for every currency where dimensions are compared


class Input(Table):
    """One figure; exactly one of ``measured``, ``sourced`` and ``assumed`` says where it comes from."""

    value: Number | None = Field(None, description="The value; of an assumption, the likeliest.")
    unit: str = Field(description="Its unit, such as CNY/customer/month, percent/month or CNY/1k requests.")
    measured: str | None = Field(None, description="A measured run and the key in it, such as compute:serving.cost.")
    sourced: str | None = Field(None, description="Where it was read: an address, a document, a contract.")
    date: Annotated[dt.date | None, Field(description="The day on which the source was read.")] = None
    assumed: tuple[Number, Number] | None = Field(None, description="What it may well be, from low to high.")
    interval: tuple[Number, Number] | None = Field(None, description="The 95 % interval of what was measured or read.")
    why: str | None = Field(None, description="Why this range is assumed.")
    hint: str | None = Field(None, description="How it could be measured.")
    called: str | None = Field(None, exclude=True, description="Its name under [figures], where it stands there.")

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        named = [name for name in ("measured", "sourced", "assumed") if getattr(self, name) is not None]
        if len(named) != 1:
            raise PydanticCustomError("one_origin", "give one of `measured`, `sourced` and `assumed`")
        if self.sourced is not None and self.date is None:
            raise PydanticCustomError("source_date", "a source needs its `date`")
        if self.assumed is not None and not self.why:
            raise PydanticCustomError("assumed_why", "an assumption needs its `why`")
        if self.assumed is not None and self.interval is not None:
            raise PydanticCustomError("assumed_interval", "give no `interval` beside `assumed`")
        if self.measured is None and self.assumed is None and self.value is None:
            raise PydanticCustomError("no_value", "give a `value`")
        self._in_order()
        return self

    def _in_order(self) -> None:
        ends = self.assumed or self.interval
        if ends is None:
            return
        low, high = ends
        if not low <= (self.value if self.value is not None else low) <= high:
            raise PydanticCustomError("range_order", "give the ends from low to high, with the value between them")

    def figure(self, name: str) -> Figure:
        """The input as a figure of this name; an assumption without a value is the middle of its range.

        ``measured`` inputs are filled from their runs before (see ``project.venturing.runs``).
        """
        low, high = self.assumed or self.interval or (None, None)
        value = self.value
        if value is None:
            if low is None or high is None:
                raise ProjectError("The run {run!r} was not read.", where=name, run=self.measured)
            value = (low + high) / 2
        return Figure(
            name=self.called or name, value=value, unit=unit(self.unit), origin=self._origin(), low=low, high=high
        )

    def _origin(self) -> Origin:
        if self.measured is not None:
            return Origin(kind="measured", where=self.measured, day=self.date)
        if self.sourced is not None:
            return Origin(kind="sourced", where=self.sourced, day=self.date)
        return Origin(kind="assumed", where=self.why or "")


def converted(found: Mapping[str, object], asking: Mapping[str, object]) -> dict[str, object]:
    """What was measured as the fields of the input that asks for it, in the input's unit where it names one.

    Raises ProjectError where that is no unit of the same kind.
    """
    whole = {**found, **asking}
    if "assumed" in found:  # a measurement at an assumed price is an assumption
        del whole["measured"]
    if not isinstance(asking.get("unit"), str) or asking["unit"] == found["unit"]:
        return whole
    was, now = unit(str(found["unit"])), unit(str(asking["unit"]))
    if was.dimension != now.dimension:
        raise ProjectError(
            "{called!r} is measured in {found}, expected {expected}.",
            mend="Leave out `unit`, or give one of the same kind.",
            called=asking["measured"],
            found=was.text,
            expected=now.text,
        )

    def turned(value: object) -> Decimal:
        base = was.base(Decimal(str(value)))
        return base * now.factor.denominator / now.factor.numerator

    moved = {name: [turned(one) for one in ends] for name in _ENDS if isinstance(ends := found.get(name), list)}
    return {**whole, "value": turned(found["value"]), **moved}


def of(*wanted: str) -> AfterValidator:
    """Holds an input to the dimension of one of these units, in which ``money`` stands for any currency.

    >>> Price = Annotated[Input, of("money/customer/month")]
    """

    def held(given: Input) -> Input:
        try:
            found = unit(given.unit).dimension
        except ProjectError as error:
            raise PydanticCustomError("unit", "{said}", {"said": str(error).replace("\n ", "")}) from error
        if neutral(found) not in {dimension(one.replace("money", _ANY)) for one in wanted}:
            raise PydanticCustomError(
                "dimension", "expected a unit such as {wanted}, found {unit}", {"wanted": wanted[0], "unit": given.unit}
            )
        return given

    return AfterValidator(held)


def neutral(found: Dimension) -> Dimension:
    """A dimension in which any currency is the same one."""
    whole = Dimension()
    for name, power in found.powers:
        money = _CURRENCY.fullmatch(name)
        for _ in range(abs(power)):
            one = Dimension(((_ANY if money else name, 1),))
            whole = whole * one if power > 0 else whole / one
    return whole
