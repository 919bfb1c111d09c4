"""What the objectives over whole texts or pairs share: their sequences, and labels that must be known."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor

from argosy.core.errors import ArgosyError, DataError, raise_all
from argosy.train.objectives.aim import Item
from argosy.train.objectives.reader import Reader, Text

_TOLD = 5  # rows that an error names


def sequences(rows: Sequence[tuple[Text, Any]], targets: Sequence[Any], reader: Reader) -> list[Item]:
    """One item a row."""
    read = reader.texts([text for text, _ in rows])
    return [
        Item(ids=encoding.ids, types=encoding.type_ids if any(encoding.type_ids) else (), target=target)
        for encoding, target in zip(read, targets, strict=True)
    ]


def known(found: Iterable[str], *, least: int) -> tuple[str, ...]:
    """The different labels in their order; raises DataError when there are too few to tell apart."""
    labels = tuple(sorted(set(found)))
    if len(labels) < least:
        raise DataError(
            "The training rows have {found} different labels; at least {least} are needed.",
            mend="Give rows of every label that is to be told apart.",
            found=len(labels),
            least=least,
        )
    return labels


def numbers(found: Sequence[str], labels: Sequence[str]) -> list[int]:
    """The number of each label; raises DataError for the ones that were not seen in training."""
    places = {label: number for number, label in enumerate(labels)}
    strange: dict[str, int] = {}
    for row, label in enumerate(found, start=1):
        if label not in places:
            strange.setdefault(label, row)
    problems: list[ArgosyError] = [
        DataError(
            "The label {label!r} was not seen in training; it is first met in row {row}.",
            mend="Add training rows with it, or correct it. Known labels: {labels}",
            label=label,
            row=row,
            labels=", ".join(labels[:20]),
        )
        for label, row in list(strange.items())[:_TOLD]
    ]
    raise_all(problems)
    return [places[label] for label in found]


def balanced(found: Iterable[str], labels: Sequence[str]) -> tuple[float, ...]:
    """A weight for each label, the rarer the more; their mean over the rows is 1."""
    counts = Counter(found)
    present = [label for label in labels if counts[label]]
    rows = sum(counts[label] for label in present)
    return tuple(rows / (len(present) * counts[label]) if counts[label] else 0.0 for label in labels)


def weighing(weights: Sequence[float], logits: Tensor) -> Tensor | None:
    """The weights of labels as a loss over such logits takes them; None where all count the same."""
    return torch.tensor(weights, device=logits.device) if weights else None


def readable(rows: Sequence[Any], text: Callable[[Any], str]) -> None:
    """Raise DataError when there is no row, or when not one of them has a text."""
    if not rows:
        raise DataError("There is no row to learn from.", mend="Give at least one row a label, better hundreds.")
    if not any(text(row).strip() for row in rows):
        raise DataError("All {count} texts are empty.", mend="Check which column holds the text.", count=len(rows))


def joined(text: Text) -> str:
    """The text, or both of a pair."""
    return text if isinstance(text, str) else " ".join(text)
