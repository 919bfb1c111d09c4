"""Stage *words*: the words behind which messages waited least and longest, for a person to look at."""

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from argosy.core.stage import Inputs, Stage, Tell
from argosy.stages.data import rows

TABLE = "words.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Words in fewer training rows than ``least`` are left out."""

    least: int = 5


def stage(*_: object) -> Stage[Params]:
    """The stage, the same for every project and site."""
    return Stage(name="words", params=Params(), run=run, inputs=("split",))


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Write each word with the rows that hold it and their mean, the most urgent first."""
    hours: dict[str, list[float]] = defaultdict(list)
    for row in rows.load(inputs["split"] / "train"):
        for word in set(row.text.casefold().split()):
            hours[word].append(float(row.label or 0))
    kept = sorted((mean(values), word, len(values)) for word, values in hours.items() if len(values) >= params.least)
    tell(1, f"{len(kept)} words")
    with (out / TABLE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("word", "rows", "hours"))
        writer.writerows((word, count, f"{average:.1f}") for average, word, count in kept)
