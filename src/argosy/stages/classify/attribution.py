"""Explains answers: the attributions of the model that serves, each behind its deletion test."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from argosy.config.places import find_model
from argosy.core.errors import MissingError, ProjectError
from argosy.data.clean import clean_text
from argosy.evaluate.doubts.explain import (
    DeletionTest,
    Explanation,
    Shares,
    Span,
    Token,
    Trust,
    gather,
    locate,
    summarise,
    without,
)
from argosy.evaluate.metrics import Floats
from argosy.infer.engines.linear import LinearClassifier
from argosy.infer.folder import describe, told
from argosy.infer.load import TORCH, load
from argosy.infer.tokens import Tokenizer

if TYPE_CHECKING:
    from argosy.train.attributions import Weights

EXACT = "exact"  # a linear model's own parts
FROM_ANSWERS = ("lime", "kernel-shap")
FROM_WEIGHTS = ("integrated-gradients", "gradient-shap", "attention")
_LEAST = 1e-6  # of a probability, so that its log-odds are finite
KEY = "explanation"  # in argosy.json: {"method": …}, as chosen on validation texts


def explain(
    folder: Path, texts: Sequence[str], method: str | None = None, label: str | None = None, *, seed: int = 0
) -> list[Explanation]:
    """Why the model in ``folder`` answers as it does, one explanation a text, for ``label`` or the label it gives.

    A linear model is taken apart exactly; a Transformer is explained by the method that was most faithful on its
    validation texts, unless ``method`` names another. Raises ProjectError for a method or label that is not there,
    MissingError without the packages of ``argosy[train]``.
    """
    explainer = Explainer(folder, seed=seed)
    return [explainer.explain(text, method=method, label=label) for text in texts]


class Explainer:
    """A model opened to be explained; ``methods`` are those it can be explained by, the usual one first."""

    def __init__(self, folder: Path, *, seed: int = 0, threads: int | None = None) -> None:
        place = find_model(folder)
        self._description = describe(place)
        self._engine = load(place, threads=threads)
        self._seed = seed
        weights = FROM_WEIGHTS if TORCH in self._description.engines else ()  # a static model has none
        linear = isinstance(self._engine, LinearClassifier)
        self.methods = (EXACT, *FROM_ANSWERS) if linear else _usual_first(place, (*FROM_ANSWERS, *weights))

    def explain(self, text: str, *, method: str | None = None, label: str | None = None) -> Explanation:
        """The explanation of one raw text by one method."""
        name = method or self.methods[0]
        return self.compare(text, methods=(name,), label=label)[name]

    def compare(self, text: str, *, methods: Sequence[str], label: str | None = None) -> dict[str, Explanation]:
        """The explanations of one raw text by several methods, held against the same random deletions."""
        column = self._column(text, label)
        shares = self._shares(column)
        found: dict[str, Explanation] = {}
        tests: dict[tuple[Span, ...], DeletionTest] = {}
        for method in methods:
            tokens = self._tokens(text, column, method)
            spans = tuple((token.start, token.end) for token in tokens)
            if spans not in tests:
                tests[spans] = DeletionTest(text, spans, shares, seed=self._seed)
            found[method] = Explanation(
                text=text,
                label=self._engine.labels[column],
                probability=tests[spans].probability,
                method=method,
                tokens=tokens,
                faithful=tests[spans].judge([token.score for token in tokens]),
            )
        return found

    def _column(self, text: str, label: str | None) -> int:
        if label is None:
            return int(self._engine.logits([text])[0].argmax())
        if label not in self._engine.labels:
            raise ProjectError(
                "There is no label {label!r}; there are {labels}.", label=label, labels=", ".join(self._engine.labels)
            )
        return self._engine.labels.index(label)

    def _shares(self, column: int) -> Shares:
        label = self._engine.labels[column]

        def shares(texts: Sequence[str]) -> Floats:
            return np.array([answer.probabilities[label] for answer in self._engine.classify(texts)])

        return shares

    def _tokens(self, text: str, column: int, method: str) -> tuple[Token, ...]:
        if method not in self.methods:
            raise ProjectError(
                "There is no method {method!r} for this model; there are {methods}.",
                method=method,
                methods=", ".join(self.methods),
            )
        if method in FROM_ANSWERS:
            return self._asked(text, column, method)
        if isinstance(self._engine, LinearClassifier):
            read, parts = self._engine.contributions(text)
            return gather(text, locate(text, read), parts[:, column].tolist())
        clean, places = self._cleaned(text)
        spans, scores = self._weights.attribute(clean, column, method=method, seed=self._seed)
        return gather(text, [_raw(places, span) for span in spans], scores)

    def _asked(self, text: str, column: int, method: str) -> tuple[Token, ...]:
        """Attributions from answers to the text with tokens left out."""
        ask = _attributions().ask
        units = self._units(text)
        spans = [(unit.start, unit.end) for unit in units]

        def log_odds(masks: NDArray[np.bool_]) -> Floats:
            left_out = [[spans[place] for place in np.flatnonzero(~mask)] for mask in masks]
            shares = self._shares(column)([without(text, out) for out in left_out]).clip(_LEAST, 1 - _LEAST)
            return np.asarray(np.log(shares) - np.log1p(-shares))

        scores = ask(log_odds, len(units), method=method, seed=self._seed)
        return tuple(replace(unit, score=score) for unit, score in zip(units, scores, strict=True))

    def _units(self, text: str) -> tuple[Token, ...]:
        """The tokens of a text before anything is known of them."""
        if isinstance(self._engine, LinearClassifier):
            read, _ = self._engine.contributions(text)
            return gather(text, locate(text, read), [0.0] * len(read))
        clean, places = self._cleaned(text)
        spans = [_raw(places, span) for span in self._tokenizer.pieces(clean).spans if span is not None]
        return gather(text, spans, [0.0] * len(spans))

    def _cleaned(self, text: str) -> tuple[str, list[Span]]:
        """The text behind the model's text steps, and where each of its characters comes from."""
        clean = clean_text(text, self._description.text_steps)
        return clean, locate(text, clean)

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return Tokenizer.load(self._description.path, max_length=self._description.max_length)

    @cached_property
    def _weights(self) -> "Weights":
        weights: Weights = _attributions().Weights(self._description.path, max_length=self._description.max_length)
        return weights


def trust(explainer: Explainer, texts: Sequence[str], methods: Sequence[str] = ()) -> dict[str, Trust]:
    """How faithful each method is on some texts, for the labels that the model gives them; at least one text."""
    names = methods or explainer.methods
    found = [explainer.compare(text, methods=names) for text in texts]
    return {name: summarise([one[name].faithful for one in found]) for name in names}


def _usual_first(place: Path, methods: Sequence[str]) -> tuple[str, ...]:
    """The methods, the one that was chosen when the model was built first."""
    usual = told(place).get(KEY, {}).get("method")
    return (*(one for one in methods if one == usual), *(one for one in methods if one != usual))


def _attributions() -> ModuleType:
    try:
        from argosy.train import attributions
    except ModuleNotFoundError as error:
        raise MissingError(
            "Explaining this model needs {name}, which is not installed.",
            mend="pip install 'argosy[train]'",
            name=error.name,
        ) from error
    return attributions


def _raw(places: Sequence[Span], span: Span) -> Span:
    """The characters of the given text that a span of the clean one comes from."""
    inside = places[slice(*span)] or [(0, 0)]
    return inside[0][0], inside[-1][1]
