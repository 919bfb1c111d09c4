"""What a benchmark claims: the figures it measures, what each should reach, against whom, and in how many minutes."""

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

Found = Mapping[str, Any]
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {">=": operator.ge, "<=": operator.le, "=": operator.eq}


class Words(NamedTuple):
    """The same in both languages."""

    en: str
    zh: str


class Bound(NamedTuple):
    """What a figure should be: at least, at most or exactly a number."""

    sign: str
    number: float

    @classmethod
    def of(cls, text: str) -> "Bound":
        """Read ``">= 4"``; shares and points are written as in the results (``">= 0.99"``)."""
        sign, number = text.split()
        if sign not in _COMPARE:
            message = f"a bound begins with {', '.join(_COMPARE)}, not with {sign!r}"
            raise ValueError(message)
        return cls(sign, float(number))

    def holds(self, value: float) -> bool:
        """Whether a figure is within."""
        return _COMPARE[self.sign](value, self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of a result: what it is, where it stands, in what unit, its goal, and what would be better still.

    ``at`` is a path such as ``attacks/*/p99_ms``; of several the worst is held against the goal. A figure is a number,
    a truth, or a mapping with ``low`` and ``high`` beside its ``value`` or ``difference``. ``of`` is the path of the
    number of trials behind a share, for its interval; ``rounds`` that of the figures of the single rounds.
    """

    what: Words
    at: str
    unit: str = ""
    goal: str = ""
    stretch: str = ""
    of: str = ""
    rounds: str = ""

    def found(self, result: Found) -> list[Any]:
        """What stands at its path; nothing in a result of before the figure was measured."""
        return list(at(result, self.at))

    def worst(self, result: Found) -> Any:
        """The one that is held against the goal; without a goal the first."""
        found = self.found(result)
        return (min if self.goal.startswith(">=") else max)(found, key=plain) if self.goal else found[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class List:
    """A list that stands below the table: its title, the names of its columns, and its rows in a result."""

    title: Words
    columns: tuple[Words, ...]
    rows: Callable[[Found], Iterator[list[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A claim, the script that measures it, and what its figures hang on.

    ``script`` is a module of this package, ``measures`` are folders and files of the checkout beside the script itself,
    ``data`` the name of a folder that is given to it (``make bench DATA=...``).
    """

    script: str
    says: Words
    against: Words
    minutes: int
    figures: tuple[Figure, ...]
    measures: tuple[str, ...]
    lists: tuple[List, ...] = ()
    data: str = ""

    @property
    def name(self) -> str:
        """The script's own name, with that of its data."""
        return "_".join(filter(None, (self.script.rpartition(".")[2], self.data)))

    @property
    def goals(self) -> tuple[Figure, ...]:
        """The figures that should reach something."""
        return tuple(figure for figure in self.figures if figure.goal or figure.stretch)


def at(found: Any, path: str) -> Iterator[Any]:
    """What stands at a path, ``*`` being every entry of a mapping or list."""
    if not path:
        yield found
        return
    first, _, rest = path.partition("/")
    if first == "*":
        for each in found.values() if isinstance(found, Mapping) else found:
            yield from at(each, rest)
    elif isinstance(found, Mapping) and first in found:
        yield from at(found[first], rest)


def plain(value: Any) -> float:
    """The number that a figure is compared by."""
    if isinstance(value, Mapping):
        return float(value["difference"] if "difference" in value else value["value"])
    return float(value)
