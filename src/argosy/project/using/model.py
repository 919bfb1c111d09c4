"""A model in the hands of a Python program: the names scikit-learn's users know."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from argosy.config.places import find_model
from argosy.core.engine import Classifier
from argosy.core.errors import DataError, raise_all
from argosy.core.records import Prediction
from argosy.data.files.header import missing_columns
from argosy.infer import load as loading


class Model:
    """A built model; texts go in as they are, the stored text steps are applied inside."""

    def __init__(self, engine: Classifier) -> None:
        self.engine = engine

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the columns of ``predict_proba``."""
        return self.engine.labels

    def classify(self, texts: Sequence[str]) -> list[Prediction]:
        """A label with the probability of every label for each text."""
        if isinstance(texts, str):
            raise DataError("Expected a list of texts, found one text.", mend="Write model.predict([text]).")
        return self.engine.classify(texts)

    def predict(self, texts: Sequence[str]) -> list[str]:
        """The label of each text."""
        return [prediction.label for prediction in self.classify(texts)]

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Probabilities [texts, labels]."""
        rows = [[prediction.probabilities[label] for label in self.labels] for prediction in self.classify(texts)]
        return np.array(rows).reshape(len(texts), len(self.labels))

    def label_table(self, frame: pl.DataFrame, column: str, where: str) -> pl.DataFrame:
        """``frame`` with two columns more, the label and its probability; every column it had is kept."""
        raise_all(missing_columns(frame, [column], where))
        return with_answers(frame, self.classify([text or "" for text in frame[column].to_list()]))


def load(folder: str | Path, engine: str | None = None, threads: int | None = None) -> Model:
    """The model in ``folder`` (a project or a model's own folder), answering with its served engine by default.

    Raises MissingError when nothing is built there or the engine does not exist.
    """
    return Model(loading.load(find_model(Path(folder)), engine, threads))


def with_answers(frame: pl.DataFrame, answers: Sequence[Prediction]) -> pl.DataFrame:
    """``frame`` with the label of each row and its probability behind its columns."""
    labels = pl.Series(free_name(frame, "predicted_label"), [answer.label for answer in answers], dtype=pl.String)
    shares = [round(answer.probabilities[answer.label], 4) for answer in answers]
    return frame.with_columns(labels, pl.Series(free_name(frame, "probability"), shares, dtype=pl.Float64))


def free_name(frame: pl.DataFrame, name: str) -> str:
    """``name``, or with underscores behind it until no column is called so."""
    while name in frame.columns:
        name += "_"
    return name
