"""Errors that a person can act on: what was expected, what was found and where, and what to do next."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

_ROW = re.compile(r", row (\d+)\Z")


class ArgosyError(Exception):
    r"""A message template in English with its values, so that it can be said in the reader's language.

    ``message`` and ``mend`` are ``str.format`` templates over ``values``; ``where`` names a file, a row, a key.
    Each subclass has its own ``exit_code``; they are listed in the reference of the command line.

    >>> str(DataError("The column {column!r} is missing.", where="train.csv", mend="Rename it.", column="txt"))
    "train.csv: The column 'txt' is missing.\n  Rename it."
    """

    exit_code = 1

    def __init__(self, message: str, *, where: str = "", mend: str = "", **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.mend = mend
        self.values = values

    def render(self, translate: Callable[[str], str] = str) -> str:
        """The whole message, place first and the mend on a line of its own."""
        text = _place(self.where, translate) + translate(self.message).format(**self.values)
        return text + ("\n  " + translate(self.mend).format(**self.values) if self.mend else "")

    def to_json(self) -> dict[str, object]:
        """The template with its place and values, to be said in another language later; figures stay figures."""
        values = {name: value if _is_figure(value) else str(value) for name, value in self.values.items()}
        return {"message": self.message, "where": self.where, "mend": self.mend, "values": values}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """What ``to_json`` told."""
        return cls(told["message"], where=told["where"], mend=told["mend"], **told["values"])

    def __str__(self) -> str:
        return self.render()


class ProjectError(ArgosyError):
    """The project file, or an option, is not valid."""

    exit_code = 3


class DataError(ArgosyError):
    """The user's data cannot be used as it is."""

    exit_code = 4


class MissingError(ArgosyError):
    """A package, a base model, a file or an earlier result is not there."""

    exit_code = 5


class GateError(ArgosyError):
    """A gate refused what was built."""

    exit_code = 6


class BusyError(ArgosyError):
    """Another process works on the same project."""

    exit_code = 7


class MachineError(ArgosyError):
    """The machine refuses: disk full, read-only folder, port in use, unsupported system."""

    exit_code = 8


class StoppedError(ArgosyError):
    """Somebody asked to stop; what was done is saved, and the same command goes on from there."""

    exit_code = 130


class Problems(ArgosyError):
    """Several problems told at once, in the order they were found."""

    def __init__(self, problems: Sequence[ArgosyError]) -> None:
        super().__init__("{count} problems", count=len(problems))
        self.problems = tuple(problems)
        self.exit_code = problems[0].exit_code

    def render(self, translate: Callable[[str], str] = str) -> str:
        """Every problem, a blank line between two."""
        return "\n\n".join(problem.render(translate) for problem in self.problems)


def raise_all(problems: Sequence[ArgosyError]) -> None:
    """Raise nothing, the one problem, or all of them at once."""
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise Problems(problems)


def _is_figure(value: object) -> bool:
    """Whether JSON has a number for it."""
    return isinstance(value, int | float) and math.isfinite(value)


def _place(where: str, translate: Callable[[str], str]) -> str:
    if not where:
        return ""
    place = _ROW.sub(lambda row: translate(", row {row}").format(row=row[1]), where)
    return translate("{place}: ").format(place=place)
