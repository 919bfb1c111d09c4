"""Fit the model that tells which answer a question is about, and whether any is.

A linear model over character n-grams and a linear layer over the encoder's vectors are mixed as the validation rows
like it best. What belongs to no intent is learnt without a single such row: intents are left out in turn, the models
are fitted on the others, and the questions of those left out are what nothing here is about.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from argosy.assist.understanding.intents import (
    CARD,
    HEAD,
    LINEAR,
    SPREAD,
    Card,
    Embed,
    Floats,
    Head,
    IntentModel,
    features,
    mixture,
)
from argosy.assist.understanding.script import plain, simplifier
from argosy.core.errors import DataError
from argosy.evaluate.metrics import Integers
from argosy.evaluate.rivals.baselines import (
    FROZEN_STRENGTHS,
    FrozenModel,
    LinearModel,
    export_linear,
    fit_frozen,
    fit_linear,
    fit_with,
    regression,
)
from argosy.evaluate.rivals.one_thread import one_thread
from argosy.infer.engines.linear import log_softmax

FEWEST = 2
_SEARCHED = 1_500_000  # rows × intents, up to which settings are searched for
_STRENGTH = (0.1,)  # of the layer, where they are not
_KEYS = 3_000  # questions whose vectors are kept
_FOLDS = 4  # of intents; fewer leave too little to learn from
_SHARES = tuple(np.linspace(0, 1, 11))  # of the head in the mixture
_SHARPEST = 4.0  # e to this power either way
_ALONE = (0.0, 1.0, 0.0, 0.0, 0.0, 0.0)  # what is sure of its intent is known, where intents are too few to leave out
_ROWS = 25  # of an intent that a linear model of a fold learns from
_DRAWN = 2_000  # rows at most that stand for what is known, and for what is not


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Questions with the numbers of their intents, and their vectors [questions, width], 0 wide without an encoder."""

    texts: Sequence[str]
    truth: Integers
    vectors: Floats

    def __getitem__(self, places: Integers) -> "Rows":
        """Some of them."""
        texts = [self.texts[place] for place in places]
        return Rows(texts=texts, truth=self.truth[places], vectors=self.vectors[places])


@dataclass(frozen=True, slots=True, kw_only=True)
class Intents:
    """What was fitted; ``accuracy`` and ``log_loss`` are those of the mixture on the validation rows, 0 without any."""

    card: Card
    linear: LinearModel
    frozen: FrozenModel | None
    learnt: Rows
    accuracy: float
    log_loss: float

    def model(self, embed: Embed | None) -> IntentModel:
        """The model as it serves, without a folder."""
        return IntentModel(card=self.card, linear=self.linear.logits, head=self._head, embed=embed)

    def write(self, folder: Path) -> None:
        """The folder that ``open_intents`` reads."""
        folder.mkdir(parents=True, exist_ok=True)
        export_linear(self.linear, folder / LINEAR)
        head = self._head
        if head is not None:
            np.savez(folder / HEAD, weights=head.weights, bias=head.bias, keys=head.keys.astype(np.float16))
        (folder / CARD).write_text(self.card.to_json(), encoding="utf-8")

    @property
    def _head(self) -> Head | None:
        return None if self.frozen is None else _head(self.frozen, _keys(self.learnt))


def fit_intents(
    texts: Sequence[str],
    ids: Sequence[str],
    validation_texts: Sequence[str],
    validation_ids: Sequence[str],
    *,
    embed: Embed | None,
    seed: int,
) -> Intents:
    """The model for training questions and the ids of their answers; ``embed`` None leaves the vectors out.

    Validation rows of ids that have no training row are left out. Raises DataError for fewer than ``FEWEST`` ids.
    """
    names = tuple(sorted(set(ids)))
    if len(names) < FEWEST:
        raise DataError(
            "There are {found} different answers; telling intents apart takes at least {least}.",
            mend="Give dialogues or documents with more answers; until then questions are found by retrieval alone.",
            found=len(names),
            least=FEWEST,
        )
    learnt = _rows(texts, ids, names, embed)
    kept_texts, kept_ids = _of(validation_texts, validation_ids, names)
    held = _rows(kept_texts, kept_ids, names, embed)
    small = len(texts) * len(names) <= _SEARCHED
    linear = fit_linear(learnt.texts, learnt.truth, names, seed=seed, search=small)
    strengths = FROZEN_STRENGTHS if small else _STRENGTH
    frozen = None if embed is None else fit_frozen(learnt.vectors, learnt.truth, names, seed=seed, strengths=strengths)
    card = _mixed(Card(ids=names), linear, frozen, held)
    card = replace(card, known=_known(linear, frozen, learnt, held, seed))
    right, loss = _standing(card, linear, frozen, held) if len(held.truth) else (0.0, 0.0)
    return Intents(card=card, linear=linear, frozen=frozen, learnt=learnt, accuracy=right, log_loss=loss)


def without(intents: Intents, gone: Collection[str], *, seed: int) -> Intents | None:
    """The same model fitted anew, with the same settings, as if there had never been these intents.

    None where fewer than ``FEWEST`` are left.
    """
    kept = np.array([name not in gone for name in intents.card.ids])
    if kept.sum() < FEWEST:
        return None
    names = tuple(np.array(intents.card.ids)[kept].tolist())
    part = intents.learnt[np.flatnonzero(kept[intents.learnt.truth])]
    part = replace(part, truth=(np.cumsum(kept) - 1)[part.truth])
    frozen = intents.frozen and fit_frozen(
        part.vectors, part.truth, names, seed=seed, strengths=(intents.frozen.strength,)
    )
    linear = fit_with(part.texts, part.truth, names, like=intents.linear)
    return replace(intents, card=replace(intents.card, ids=names), linear=linear, frozen=frozen, learnt=part)


def _of(texts: Sequence[str], ids: Sequence[str], names: Sequence[str]) -> tuple[list[str], list[str]]:
    """The rows whose ids are among the names."""
    known = set(names)
    kept = [(text, one) for text, one in zip(texts, ids, strict=True) if one in known]
    return [text for text, _ in kept], [one for _, one in kept]


def _rows(texts: Sequence[str], ids: Sequence[str], names: Sequence[str], embed: Embed | None) -> Rows:
    number = {name: place for place, name in enumerate(names)}
    truth = np.array([number[one] for one in ids], dtype=np.int64)
    simplify = simplifier()
    read = [plain(simplify(text)) for text in texts]  # as questions are handed in when it serves
    vectors = embed(read) if embed else np.empty((len(read), 0), dtype=np.float32)
    return Rows(texts=read, truth=truth, vectors=vectors)


def _keys(rows: Rows) -> Floats:
    """Vectors of at most ``_KEYS`` questions, of each intent about as many: a comparison is to leave caches alone."""
    most = -(-_KEYS // len(np.unique(rows.truth)))
    order = np.argsort(rows.truth, kind="stable")
    place = np.arange(len(order)) - np.searchsorted(rows.truth[order], rows.truth[order])  # within the intent
    return rows.vectors[np.sort(order[place < most])]


def _head(frozen: FrozenModel, keys: Floats) -> Head:
    return Head(weights=frozen.weights.astype(np.float32), bias=frozen.bias.astype(np.float32), keys=keys)


def _scores(linear: LinearModel, frozen: FrozenModel | None, rows: Rows, weight: float) -> Floats:
    """The mixture [rows, ids]."""
    said = None if frozen is None else _head(frozen, rows.vectors).scores(rows.vectors)
    return mixture(linear.logits(rows.texts), said, weight)


def _standing(card: Card, linear: LinearModel, frozen: FrozenModel | None, rows: Rows) -> tuple[float, float]:
    """The share of rows right, and their mean log loss."""
    chances = np.exp(log_softmax(card.sharpness * _scores(linear, frozen, rows, card.weight)))
    return float(np.mean(chances.argmax(axis=1) == rows.truth)), _loss(chances, rows.truth)


def _mixed(card: Card, linear: LinearModel, frozen: FrozenModel | None, held: Rows) -> Card:
    """With the weight and the sharpness that the validation rows are likeliest under."""
    if not len(held.truth):
        return replace(card, weight=0.5 if frozen is not None else 0.0)
    one, other = _scores(linear, None, held, 0.0), _scores(linear, frozen, held, 1.0)
    shares = _SHARES if frozen is not None else (0.0,)
    _, sharpness, weight = min((*_sharpened(mixture(one, other, share), held.truth), share) for share in shares)
    return replace(card, weight=float(weight), sharpness=sharpness)


def _sharpened(scores: Floats, truth: Integers) -> tuple[float, float]:
    """The least mean log loss over factors of the scores, and that factor."""

    def loss(power: float) -> float:
        return _loss(np.exp(log_softmax(np.exp(power) * scores)), truth)

    found = minimize_scalar(loss, bounds=(-_SHARPEST, _SHARPEST), method="bounded")
    return float(found.fun), float(np.exp(found.x))


def _loss(chances: Floats, truth: Integers) -> float:
    """Mean log loss in nats."""
    return float(-np.mean(np.log(chances[np.arange(len(truth)), truth].astype(np.float64).clip(1e-12))))


def _known(linear: LinearModel, frozen: FrozenModel | None, learnt: Rows, held: Rows, seed: int) -> tuple[float, ...]:
    """Bias and factors of the logistic that tells questions of intents from those of intents that were left out."""
    intents = len(linear.labels)
    if intents < _FOLDS * FEWEST or len(held.truth) < intents:
        return _ALONE
    fold_of = np.random.default_rng(seed).permutation(intents) % _FOLDS
    seen, known = [], []
    for fold in range(_FOLDS):
        inside, outside = _fold(linear, frozen, learnt, held, fold_of != fold, seed + fold)
        seen += [inside, outside]
        known += [np.ones(len(inside)), np.zeros(len(outside))]
    return _fitted(np.concatenate(seen), np.concatenate(known))


def _fold(
    linear: LinearModel,
    frozen: FrozenModel | None,
    learnt: Rows,
    held: Rows,
    kept: NDArray[np.bool_],
    seed: int,
) -> tuple[Floats, Floats]:
    """``FEATURES`` of questions of the intents that are kept, and of the others', none of them learnt from."""
    rng = np.random.default_rng(seed)
    part = learnt[np.flatnonzero(kept[learnt.truth])]
    score = _judging(linear, frozen, part, kept, seed)
    outside = learnt[_draw(rng, np.flatnonzero(~kept[learnt.truth]), _DRAWN // _FOLDS)]
    inside = held[_draw(rng, np.flatnonzero(kept[held.truth]), _DRAWN // _FOLDS)]
    keys = _keys(part)
    one, other = (features(score(rows), rows.vectors, keys) for rows in (inside, outside))
    return one, other


def _judging(
    linear: LinearModel, frozen: FrozenModel | None, part: Rows, kept: NDArray[np.bool_], seed: int
) -> Callable[[Rows], Floats]:
    """What scores rows by the intents that are kept: the head, or where there is none a linear model of fewer rows."""
    names = tuple(np.array(linear.labels)[kept])
    truth = (np.cumsum(kept) - 1)[part.truth]
    if frozen is not None:
        layer = _head(fit_frozen(part.vectors, truth, names, seed=seed, strengths=(frozen.strength,)), part.vectors)
        return lambda rows: layer.scores(rows.vectors)
    few = np.concatenate([np.flatnonzero(truth == number)[:_ROWS] for number in range(len(names))])
    words = fit_with([part.texts[place] for place in few], truth[few], names, like=linear)
    return lambda rows: words.logits(rows.texts)


def _draw(rng: np.random.Generator, places: Integers, most: int) -> Integers:
    return np.sort(rng.permutation(places)[:most])


def _fitted(seen: Floats, known: NDArray[np.float64]) -> tuple[float, ...]:
    """The logistic, both sorts weighing the same; what never varies gets no factor."""
    centre, spread = seen.mean(axis=0), seen.std(axis=0)
    spread = np.where(spread > SPREAD, spread, np.inf)
    weights = np.where(known == 1, len(known) / (2 * known.sum()), len(known) / (2 * (len(known) - known.sum())))
    with one_thread():
        fitted = regression(1.0).fit((seen - centre) / spread, known, sample_weight=weights)
    factors = fitted.coef_[0] / spread
    return (float(fitted.intercept_[0] - factors @ centre), *map(float, factors))
