"""The rungs over columns of numbers (and a text beside them), cheapest first, each fitted on the training rows alone.

- ``majority`` or ``mean``: the shares of the labels, or the mean of the target.
- ``logistic`` or ``ridge``: a linear model of the standardised columns and the TF-IDF of the text, its strength chosen
  by cross-validation on the training rows.
- ``feedforward``: two hidden layers over the columns, stopped early on a part of the training rows.
- ``network``: a Bayesian network over ranges of the columns (``argosy.evaluate.rivals.network``), for labels.
"""

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array, hstack

from argosy.core.errors import MissingError
from argosy.evaluate.metrics import Floats
from argosy.evaluate.rivals.ngrams import reworded, vocabularies, weights_of, worded
from argosy.evaluate.rivals.one_thread import one_thread
from argosy.infer.engines.tabular import ANSWER, FEATURES, Card, Scale, write_card
from argosy.infer.wording import PLAIN, Wording

REGRESS = "regress"
STRENGTHS = (0.01, 0.1, 1.0, 10.0, 100.0)
HIDDEN = (64, 32)
_FOLDS = 5
_SEARCH_ROWS = 20_000
_WIDEST = 16_384  # n-grams beside the columns
_HELD_OUT = 0.15  # of the training rows, on which the feed-forward net stops
_FEW_ROWS = 200  # below these nothing is held out: the net runs its epochs
_PATIENCE = 30  # epochs

Matrix = Any  # Floats or a sparse csr_array, [rows, features]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Numbers [rows, columns], cleaned texts (none where there is no text), and the truth: label numbers or targets."""

    columns: tuple[str, ...]
    numbers: Floats
    texts: tuple[str, ...] = ()
    truth: Floats
    labels: tuple[str, ...] = ()

    def first(self, count: int) -> "Rows":
        """At most the first ``count`` rows."""
        return replace(self, numbers=self.numbers[:count], texts=self.texts[:count], truth=self.truth[:count])


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A rung: its card, the ``graph`` behind the features where it has one, and ``facts`` of how it was chosen.

    ``reference`` answers rows in double precision as the library that fitted it does, without card or graph:
    probabilities [rows, labels] or numbers [rows, 1].
    """

    card: Card
    reference: Callable[[Rows], Floats]
    graph: Callable[[], bytes] | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def export(self, file: Path) -> None:
        """Write the card as ``file`` and the graph beside it; raises MissingError without skl2onnx."""
        write_card(self.card, file)
        if self.graph is not None:
            file.with_suffix(".onnx").write_bytes(self.graph())


def fit_constant(rows: Rows) -> Fitted:
    """What is said without looking: the labels' shares, or the mean of the target."""
    if rows.labels:
        shares = np.bincount(rows.truth.astype(np.int64), minlength=len(rows.labels)) / len(rows.truth)
        card = replace(card_of("majority", rows), constant=tuple(shares.tolist()))
    else:
        card = replace(card_of("mean", rows), constant=(float(rows.truth.mean()),))
    return Fitted(card=card, reference=lambda asked: np.tile(np.array(card.constant), (len(asked.numbers), 1)))


def fit_linear(rows: Rows, *, seed: int, wording: Wording = PLAIN, text_steps: Sequence[str] = ()) -> Fitted:
    """Logistic or ridge regression, the strength of the penalty by cross-validation.

    Texts are read behind ``wording``; the engine takes them raw and cleans them by ``text_steps`` first.
    """
    card = replace(card_of("logistic" if rows.labels else "ridge", rows), text_steps=tuple(text_steps))
    if rows.texts:
        found = vocabularies(reworded(rows.texts, wording), _WIDEST)[1]  # up to trigrams
        card = replace(card, vocabulary=worded(found, wording))
    features, target = _features(card, rows), _target(card, rows)
    with one_thread():
        trials = [(strength, _score(_linear(rows, strength), features, target, rows, seed)) for strength in STRENGTHS]
        strength = max(trials, key=lambda trial: trial[1])[0]
        layers = _linear(rows, strength).fit(features, target)
    told = [{"strength": one, "score": score if math.isfinite(score) else None} for one, score in trials]
    return _layered(card, layers, facts={"strength": strength, "trials": told})


def fit_feedforward(rows: Rows, *, seed: int) -> Fitted:
    """A net of two small hidden layers over the columns; texts are not read."""
    from sklearn.exceptions import ConvergenceWarning  # heavy, and of the install that builds
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    card = card_of("feedforward", rows)
    early = _may_hold_out(rows)
    settings: dict[str, Any] = {
        "hidden_layer_sizes": HIDDEN,
        "learning_rate_init": 3e-3,
        "alpha": 1e-3,
        "batch_size": min(128, len(rows.truth)),
        "max_iter": 400 if early else 150,
        "early_stopping": early,
        "validation_fraction": _HELD_OUT,
        "n_iter_no_change": _PATIENCE if early else 400,
        "random_state": seed,
    }
    net = MLPClassifier(**settings) if rows.labels else MLPRegressor(**settings)
    with one_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the epochs are bounded on purpose
        layers = net.fit(_features(card, rows), _target(card, rows))
    return _layered(card, layers, facts={"epochs": int(layers.n_iter_), "held_out": early})


def scale_of(numbers: Floats) -> Scale:
    """The means of the columns and their standard deviations, 1 where a column does not vary on these rows."""
    spreads = numbers.std(axis=0)
    return Scale(means=tuple(numbers.mean(axis=0).tolist()), spreads=tuple(np.where(spreads > 0, spreads, 1).tolist()))


def card_of(rung: str, rows: Rows) -> Card:
    """The card of a rung over these rows, without what answers."""
    target = None if rows.labels else scale_of(rows.truth[:, None])
    return Card(rung=rung, numeric=rows.columns, labels=rows.labels, scale=scale_of(rows.numbers), target=target)


def _layered(card: Card, layers: Any, facts: dict[str, Any]) -> Fitted:
    """A rung of scikit-learn's."""

    def reference(asked: Rows) -> Floats:
        features = _features(card, asked)
        if card.target is None:
            return np.asarray(layers.predict_proba(features))
        return card.target.undo(layers.predict(features).reshape(-1, 1))

    return Fitted(card=card, reference=reference, graph=lambda: _graph(layers, card), facts=facts)


def _features(card: Card, rows: Rows) -> Matrix:
    scaled = card.scale.apply(rows.numbers)
    if card.vocabulary is None:
        return scaled
    return csr_array(hstack([csr_array(scaled), weights_of(card.vocabulary, rows.texts)], format="csr"))


def _target(card: Card, rows: Rows) -> Floats:
    return rows.truth if card.target is None else card.target.apply(rows.truth[:, None])[:, 0]


def _linear(rows: Rows, strength: float) -> Any:
    from sklearn.linear_model import LogisticRegression, Ridge

    return LogisticRegression(C=strength, max_iter=1_000) if rows.labels else Ridge(alpha=1 / strength)


def _score(layer: Any, features: Matrix, target: Floats, rows: Rows, seed: int) -> float:
    """The mean score of held-out folds, larger is better; -∞ where a label is too rare for two folds."""
    from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score

    chosen = np.random.default_rng(seed).permutation(len(target))[:_SEARCH_ROWS]
    features, target = features[chosen], target[chosen]
    rarest = int(np.bincount(target.astype(np.int64)).min()) if rows.labels else len(target)
    folds = min(_FOLDS, rarest)
    if folds < 2:  # noqa: PLR2004 - one part to fit, one to score
        return -math.inf
    kind, scoring = (StratifiedKFold, "neg_log_loss") if rows.labels else (KFold, "neg_mean_squared_error")
    parts = kind(folds, shuffle=True, random_state=seed)
    return float(cross_val_score(layer, features, target, cv=parts, scoring=scoring).mean())


def _may_hold_out(rows: Rows) -> bool:
    """Whether a part of the training rows is large enough to stop on, every label being in it."""
    if len(rows.truth) < _FEW_ROWS or not rows.labels:
        return len(rows.truth) >= _FEW_ROWS
    rarest = int(np.bincount(rows.truth.astype(np.int64), minlength=len(rows.labels)).min())
    return rarest >= 2 and _HELD_OUT * len(rows.truth) >= len(rows.labels)  # noqa: PLR2004 - one in each part


def _graph(layers: Any, card: Card) -> bytes:
    """The layers as an ONNX graph from FEATURES [rows, features] to ANSWER [rows, labels] or [rows, 1]."""
    try:
        from skl2onnx import convert_sklearn
        from skl2onnx.common.data_types import FloatTensorType
    except ImportError as error:
        raise MissingError(
            "The package {name!r} is not installed.", mend="pip install 'argosy[tabular]'", name=error.name
        ) from error
    width = len(card.numeric) + (len(card.vocabulary) if card.vocabulary else 0)
    graph = convert_sklearn(
        layers,
        name=card.rung,
        initial_types=[(FEATURES, FloatTensorType([None, width]))],
        options={id(layers): {"zipmap": False}} if card.labels else None,
        final_types=[("label", None), (ANSWER, None)] if card.labels else [(ANSWER, None)],
    )
    return bytes(graph.SerializeToString())
