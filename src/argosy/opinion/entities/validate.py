"""How right the sentiment about entities is, on texts that people labelled: what decides whether it is validated."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from argosy.core.opinion import SENTIMENTS, About
from argosy.evaluate.intervals import Interval, interval

ENOUGH = 100  # labelled rows of a language from which the figure says something
_MISSED = len(SENTIMENTS)  # the number of what was not found in the text


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a person says is felt about an entity of a text."""

    text: str
    language: str
    entity: str
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """Of a language: the labelled rows, how many of their entities were found, and how often the sentiment was right.

    A row whose entity was not found counts as wrong. ``validated`` from 100 rows on; below it is not.
    """

    language: str
    rows: int
    found: int
    accuracy: Interval
    macro_f1: Interval
    validated: bool

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def validate(rows: Sequence[Told], read: Callable[[Sequence[str]], list[Sequence[About]]]) -> list[Validation]:
    """Each language's figures with 95 % intervals, of what ``read`` says about the entities of each text."""
    texts = list(dict.fromkeys(row.text for row in rows))
    said = dict(zip(texts, read(texts), strict=True))
    return [
        _of(language, [row for row in rows if row.language == language], said)
        for language in sorted({row.language for row in rows})
    ]


def _of(language: str, rows: Sequence[Told], said: dict[str, Sequence[About]]) -> Validation:
    answers = [next((one.sentiment for one in said[row.text] if one.entity == row.entity), "") for row in rows]
    truth = np.array([_number(row.about) for row in rows], np.int64)
    predicted = np.array([_number(answer) for answer in answers], np.int64)
    return Validation(
        language=language,
        rows=len(rows),
        found=sum(map(bool, answers)),
        accuracy=interval("accuracy", truth, predicted, _MISSED + 1, seed=0),
        macro_f1=interval("macro_f1", truth, predicted, _MISSED + 1, seed=0),
        validated=len(rows) >= ENOUGH,
    )


def _number(answer: str) -> int:
    return next((number for number, name in enumerate(SENTIMENTS) if name == answer), _MISSED)
