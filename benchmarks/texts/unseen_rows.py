"""Rows of the sources of examples/reviews that neither of its files holds: to ask about, or to learn from."""

import csv
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.texts.real_texts import REVIEWS, reviews, tweets

from argosy.core.records import Example
from argosy.data.clean import clean_text
from argosy.infer.folder import Description
from argosy.stages.data import split

SEED = 7
Row = tuple[str, str, str]  # text, label, language


def split_of(project: Path, model: Description) -> dict[str, Sequence[Example]]:
    """The cleaned training and validation rows that the model was built with."""
    (folder,) = (project / ".argosy" / "artifacts").glob(_lineage(model)["split"])
    return split.load(folder)


def unseen(project: Path, model: Description, each: int) -> list[Row]:
    """Cleaned rows, ``each`` a language, no two alike and none in the project's files; Chinese first."""
    seen = {_key(text) for name in ("train.csv", "test.csv") for text in _texts(project / name, model)}
    rows: list[Row] = []
    for language, source in (("zh", reviews()), ("en", tweets())):
        random.Random(SEED).shuffle(source)
        found = []
        for raw, label in source:
            text = clean_text(raw, model.text_steps)
            if label in REVIEWS and _key(text) and _key(text) not in seen:
                seen.add(_key(text))
                found.append((text, label, language))
        rows += found[:each]
    return rows


def _lineage(model: Description) -> dict[str, str]:
    return json.loads((model.path / "argosy.json").read_text(encoding="utf-8"))["lineage"]


def _texts(file: Path, model: Description) -> Iterator[str]:
    with file.open(encoding="utf-8", newline="") as opened:
        yield from (clean_text(row["text"], model.text_steps) for row in csv.DictReader(opened))


def _key(text: str) -> str:
    """What twins share: letters and digits in lower case."""
    return "".join(letter for letter in text.lower() if letter.isalnum())
