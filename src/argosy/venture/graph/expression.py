"""Expressions over a plan's lines: one tree that is reckoned in decimals, drawn in samples, written in cells."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Operation = Literal["+", "-", "*", "/", "min", "max", ">="]


@dataclass(frozen=True, slots=True)
class Expression:
    """What a line is made of; the signs of arithmetic build larger ones."""

    def __add__(self, other: "Expression") -> "Expression":
        return Apply("+", self, other)

    def __sub__(self, other: "Expression") -> "Expression":
        return Apply("-", self, other)

    def __mul__(self, other: "Expression") -> "Expression":
        return Apply("*", self, other)

    def __truediv__(self, other: "Expression") -> "Expression":
        """The quotient; where the divisor is 0 the value is undefined, and so is all that is made of it."""
        return Apply("/", self, other)


@dataclass(frozen=True, slots=True)
class Constant(Expression):
    """A number of no dimension."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Input(Expression):
    """A figure of the plan by its name: the same in all periods."""

    name: str


@dataclass(frozen=True, slots=True)
class Line(Expression):
    """Another line in the same period, or ``back`` periods before; before the first period it is 0."""

    name: str
    back: int = 0


@dataclass(frozen=True, slots=True)
class Apply(Expression):
    """An operation on two values; ``>=`` is 1 where it holds, else 0."""

    operation: Operation
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Choose(Expression):
    """``then`` where ``test`` is not 0, else ``other``; what is not chosen may be undefined."""

    test: Expression
    then: Expression
    other: Expression


ZERO = Constant(Decimal(0))
ONE = Constant(Decimal(1))


def number(value: int | str | Decimal) -> Constant:
    """A constant."""
    return Constant(Decimal(value))


def least(left: Expression, right: Expression) -> Expression:
    """The smaller one."""
    return Apply("min", left, right)


def most(left: Expression, right: Expression) -> Expression:
    """The larger one."""
    return Apply("max", left, right)


def reaches(left: Expression, right: Expression) -> Expression:
    """1 where ``left`` is at least ``right``, else 0."""
    return Apply(">=", left, right)


def total(parts: list[Expression]) -> Expression:
    """The sum of all parts, 0 of none."""
    if not parts:
        return ZERO
    whole = parts[0]
    for part in parts[1:]:
        whole = whole + part
    return whole


def parts(whole: Expression) -> Iterator[Expression]:
    """An expression and all that it is made of."""
    yield whole
    if isinstance(whole, Apply):
        yield from parts(whole.left)
        yield from parts(whole.right)
    if isinstance(whole, Choose):
        for inner in (whole.test, whole.then, whole.other):
            yield from parts(inner)


def formula(whole: Expression, given: Callable[[str], str], line: Callable[[str, int], str]) -> str:
    """A spreadsheet's formula, without its equals sign.

    ``given`` is the cell of an input, ``line`` that of a line so many periods back (``"0"`` before the first one). An
    undefined value is an empty text.
    """

    def cell(part: Expression) -> str:
        if isinstance(part, Constant):
            return format(part.value, "f")
        if isinstance(part, Input):
            return given(part.name)
        if isinstance(part, Line):
            return line(part.name, part.back)
        if isinstance(part, Choose):
            return f"IF({cell(part.test)}<>0,{cell(part.then)},{cell(part.other)})"
        if isinstance(part, Apply):
            return _applied(part.operation, cell(part.left), cell(part.right))
        raise TypeError(part)

    return cell(whole)


def _applied(operation: Operation, left: str, right: str) -> str:
    if operation in ("min", "max"):
        return f"{operation.upper()}({left},{right})"
    if operation == ">=":
        return f"IF({left}>={right},1,0)"
    if operation == "/":
        return f'IF({right}=0,"",({left})/({right}))'
    return f"({left}{operation}{right})"
