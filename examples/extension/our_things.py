"""What a shop adds to Argosy: a step for its texts, the files of its till, and what a wrong answer costs it."""

import numpy as np
import polars as pl

from argosy.core.errors import DataError
from argosy.core.extension import Extension
from argosy.data.files.sources import Source
from argosy.evaluate.metrics import Metric, Ratios

COST = (5.0, 1.0, 1.0)  # of a row whose label is the first, the second, … when it is missed
SAMPLE = "好|praise\nbroke at once|complaint\n"


def no_order_number(text: str) -> str:
    """The text without the number of an order, such as #20261122."""
    return " ".join(word for word in text.split() if not (word.startswith("#") and word[1:].isdigit()))


def read_till(raw: bytes, columns: list[str], name: str) -> pl.DataFrame:
    """A text and a label a line, with a bar between them; whatever columns are wanted, there are these two."""
    del columns
    rows = [line.split("|") for line in raw.decode("utf-8", "replace").splitlines()]
    for number, row in enumerate(rows, start=1):
        if len(row) != 2:  # noqa: PLR2004 - a text and a label
            raise DataError("Expected TEXT|LABEL.", where=f"{name}, row {number}", mend="Put one bar into the line.")
    return pl.DataFrame(rows, schema={"text": pl.String, "label": pl.String}, orient="row")


def saved(truth: np.ndarray, scores: np.ndarray) -> Ratios:
    """The share of the cost that is saved: label numbers [rows], scores [rows, labels]."""
    cost = np.take(COST, truth, mode="clip")
    right = truth == scores.argmax(axis=1)
    return Ratios(over=(cost * right)[:, None], under=cost[:, None])


EXTENSION = Extension(
    name="shop",
    steps={"no_order_number": no_order_number},
    sources={".till": Source(table=read_till, sample=SAMPLE.encode())},
    metrics={"saved": Metric(task="classify", of=saved)},
)
