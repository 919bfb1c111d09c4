"""Twins: rows whose cleaned texts are equal whatever their case.

Case does not tell twins apart because half of all encoders and most linear models lower it: "Great!" in training and
"great!" in the test set would be the same question asked twice.
"""

from collections.abc import Iterable, Iterator

from argosy.core.records import Dropped, Example


def twin_key(text: str) -> str:
    """What two texts share exactly when they are twins."""
    return text.casefold()


def drop_twins(examples: Iterable[Example]) -> Iterator[Example | Dropped]:
    """Keep the first of each set of twins that agree on the label (``exact_twin``), none of a set that does not.

    Where twins disagree, nobody knows which label is right, so all go (``conflicting_label``). Order is kept.
    """
    rows = list(examples)
    labels: dict[str, set[str | None]] = {}
    for row in rows:
        labels.setdefault(twin_key(row.text), set()).add(row.label)
    seen: set[str] = set()
    for row in rows:
        key = twin_key(row.text)
        if len(labels[key] - {None}) > 1:
            yield Dropped(example=row, reason="conflicting_label")
        elif key in seen:
            yield Dropped(example=row, reason="exact_twin")
        else:
            seen.add(key)
            yield row
