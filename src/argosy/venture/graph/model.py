"""A plan's lines in the order in which they can be reckoned, with their dimensions held to each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from typing import Literal

from argosy.core.errors import ProjectError
from argosy.venture.figures import Figure
from argosy.venture.graph.expression import Apply, Choose, Constant, Expression, Input, Line, parts
from argosy.venture.graph.periods import Period
from argosy.venture.units import SHARE, Dimension

Kind = Literal["flow", "stock", "ratio"]
"""How periods are told as a year: added up, the last one, or not at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the plan: an expression, or ``values`` that are known for each period, such as a loan's payments.

    ``title`` is a literal English text with ``about`` as its {name}, where it has one; ``section`` says where it
    stands.
    """

    name: str
    title: str
    section: str
    dimension: Dimension
    kind: Kind
    expression: Expression | None = None
    values: tuple[Decimal, ...] = ()
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Periods, figures by name and rows, each after those of the same period that it is made of."""

    periods: tuple[Period, ...]
    figures: Mapping[str, Figure]
    rows: tuple[Row, ...]
    _named: dict[str, Row] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_named", {row.name: row for row in self.rows})

    def row(self, name: str) -> Row:
        """The row of a name."""
        return self._named[name]

    def section(self, name: str) -> list[Row]:
        """The rows of a section in the order in which they were written."""
        return [row for row in self.rows if row.section == name]

    def with_figures(self, changed: Mapping[str, Decimal]) -> "Model":
        """The same plan with other values, in base units, of some figures, which are certain then.

        Raises ProjectError for an unknown one.
        """
        figures = dict(self.figures)
        for name, value in changed.items():
            if name not in figures:
                raise ProjectError(
                    "The plan has no figure {name!r}.", mend="`argosy plan --figures` lists them.", name=name
                )
            figure = figures[name]
            scale = figure.unit.base(Decimal(1))
            figures[name] = replace(figure, value=value / scale, low=None, high=None)
        return replace(self, figures=figures)


@dataclass(slots=True)
class Sheet:
    """A model while it is written: rows in the order of reading, figures as they are met."""

    periods: tuple[Period, ...]
    figures: dict[str, Figure] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)

    def given(self, figure: Figure) -> Input:
        """A figure as a part of expressions."""
        self.figures[figure.name] = figure
        return Input(figure.name)

    def line(self, name: str, expression: Expression, row: "Heading") -> Line:
        """Write a line that is reckoned."""
        return self._write(name, row, expression, ())

    def known(self, name: str, values: Sequence[Decimal], row: "Heading") -> Line:
        """Write a line whose values are known for each period."""
        return self._write(name, row, None, tuple(values))

    def _write(self, name: str, heading: "Heading", expression: Expression | None, values: tuple[Decimal, ...]) -> Line:
        if name in self.rows:
            raise ProjectError("Two parts of the plan are called {name!r}.", name=name)
        self.rows[name] = Row(
            name=name,
            title=heading.title,
            section=heading.section,
            dimension=heading.dimension,
            kind=heading.kind,
            about=heading.about,
            expression=expression,
            values=values,
        )
        return Line(name)

    def model(self) -> Model:
        """The rows as a model; raises ProjectError where dimensions disagree or a line is made of itself."""
        for row in self.rows.values():
            if row.expression is not None:
                self._hold(row, row.expression)
        return Model(periods=self.periods, figures=self.figures, rows=tuple(self.rows.values()))

    def _hold(self, row: Row, expression: Expression) -> None:
        found = self._dimension(expression)
        if found is not None and found != row.dimension:
            raise ProjectError(
                "The line {name!r} is in {found}, expected {expected}.",
                mend="Write all money in one currency, or give its rate in [currencies].",
                name=row.name,
                found=str(found),
                expected=str(row.dimension),
            )

    def _dimension(self, whole: Expression) -> Dimension | None:
        """The dimension of an expression; None for 0, which has every dimension."""
        if isinstance(whole, Constant):
            return SHARE if whole.value else None
        if isinstance(whole, Input):
            return self.figures[whole.name].unit.dimension
        if isinstance(whole, Line):
            return self.rows[whole.name].dimension
        if isinstance(whole, Choose):
            return self._same(whole.then, whole.other)
        if isinstance(whole, Apply):
            return self._applied(whole)
        raise TypeError(whole)

    def _applied(self, whole: Apply) -> Dimension | None:
        if whole.operation in ("*", "/"):
            left, right = self._dimension(whole.left), self._dimension(whole.right)
            if left is None or right is None:
                return None
            return left * right if whole.operation == "*" else left / right
        found = self._same(whole.left, whole.right)
        return SHARE if whole.operation == ">=" else found

    def _same(self, left: Expression, right: Expression) -> Dimension | None:
        one, other = self._dimension(left), self._dimension(right)
        if one is not None and other is not None and one != other:
            raise ProjectError(
                "{left} and {right} cannot be added or compared.",
                mend="Write all money in one currency, or give its rate in [currencies].",
                left=str(one),
                right=str(other),
            )
        return one if one is not None else other


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What a line is called, where it stands, and in what."""

    title: str
    section: str
    dimension: Dimension
    kind: Kind = "flow"
    about: str = ""


def ordered(model: Model) -> list[Row]:
    """The rows so that each stands behind those of the same period that it is made of; ProjectError for a circle."""
    needs = {
        row.name: {part.name for part in parts(row.expression) if isinstance(part, Line) and not part.back}
        for row in model.rows
        if row.expression is not None
    }
    try:
        names = list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        raise ProjectError("These lines are made of each other: {names}.", names=" → ".join(error.args[1])) from error
    rest = [row.name for row in model.rows if row.name not in set(names)]
    return [model.row(name) for name in [*rest, *names]]
