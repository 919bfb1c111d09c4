"""Distils a classifier into one table: no attention, tens of thousands of texts a second and a core.

What a text says for a label is the sum of what its pieces say, and every two pieces in a row, over the root of how many
these are. Finding it is a convex problem, so it is solved, not trained step by step. Two things make it better than a
linear model of the labels. It learns the teacher's probabilities, of the labelled texts (with the labels) and of any
number of unlabelled ones (after Hinton et al., 2015, and Tang et al., 2019, arXiv:1903.12136). And what a piece says is
the sum of its own weights and of weights of the teacher's embedding of it, so that pieces which no text used speak like
those that mean the same. Pairs share a fixed number of rows by a hash, as in fastText (Joulin et al., 2016,
arXiv:1607.01759).

The graph adds integers, with one step a column: their sum is the same in any order, so the answer for a text cannot
depend on the texts beside it, not even in its last bit.
"""

import json
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_array, diags_array
from scipy.special import log_softmax, softmax
from tokenizers import normalizers

from argosy.compress.material import Material, Tell
from argosy.compress.static_graph import Table, write_graph
from argosy.evaluate.rivals.one_thread import one_thread
from argosy.infer.tokens import Tokenizer

GRAPH = "model.onnx"
WEIGHTS = "model.safetensors"
_STRENGTH = 10.0  # of regularisation, the first one tried
_PAIRS = 2**16  # rows that pairs of pieces share (four times as many gave the same) …
_NUMBERS = 2**21  # … or so many that rows × labels stay below this
_FEWEST_PAIRS = 2**12
_SHARE = 0.5  # of the teacher in what is learnt of a labelled text; the rest is its label
_STEPS = 100  # twice as many gave the same
_TEMPERATURES = tuple(2.0 ** (step / 2) for step in range(-6, 7))
_MEMORY = 6  # past steps that L-BFGS remembers
_WIDTH = 128  # of what is kept of an embedding
_EMBEDDINGS = re.compile(r"((word|tok)_embeddings|embed_tokens|wte)\.weight$")
_COPIED = ("tokenizer_config.json", "special_tokens_map.json")

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lesson:
    """Token numbers of texts and what is to be said of them [texts, labels]; what the validation rows are."""

    ids: Sequence[Sequence[int]]
    targets: Floats
    held_out: Sequence[Sequence[int]]
    truth: Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    """What is tried: rows for ``pairs``, the ``weight`` of an embedding beside a piece's own weight, and the strength.

    The higher ``strength``, the less is large weights' cost.
    """

    pairs: int
    weight: float = 0.3
    strength: float = _STRENGTH

    def line(self) -> str:
        """For whoever waits."""
        return f"{self.pairs} rows for pairs, embeddings weigh {self.weight:g}, strength {self.strength:g}"


_WAYS: tuple[Callable[[_Setting], list[_Setting]], ...] = (
    lambda best: [replace(best, pairs=0)],
    lambda best: [replace(best, weight=1.0)],
    lambda best: [replace(best, strength=strength) for strength in (30.0, 100.0, 300.0)],
    lambda best: [replace(best, strength=strength) for strength in (3.0, 1.0) if best.strength == _STRENGTH],
)
_TRIALS = 7  # at most


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pieces:
    """The row of each piece [vocabulary], the ``seen`` ones first, and the ``meaning`` [rows, width] of each."""

    places: Integers
    seen: int
    meaning: NDArray[np.float32]

    @property
    def nothing(self) -> int:
        """The row of tokens that stand for no text."""
        return len(self.meaning)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Features:
    """How often each text reads the table's rows ``used``, and what the meanings of its pieces add up to.

    ``counts`` [texts, used] and ``sums`` [texts, width] are divided by the root of how much the text reads.
    """

    pieces: _Pieces
    pairs: int
    used: Integers
    counts: csr_array
    sums: NDArray[np.float32]


def static(model: Path, material: Material, out: Path, tell: Tell) -> None:
    """Write ``model.onnx``, its weights in fp32, the tokenizer and a configuration to the folder ``out``.

    ``model`` gives its tokenizer, which reads in lower case from here on, and its table of embeddings;
    ``material.teach`` gives all else. The graph maps int64 ``input_ids`` and ``attention_mask`` [rows, length] to
    float32 ``logits`` [rows, labels]. Whether pairs count, how much embeddings do, and how much large weights cost is
    what gives the least loss on ``material.validation``.
    """
    out.mkdir(parents=True, exist_ok=True)
    inner = _write_tokenizer(model, out)
    lesson = _lesson(material, Tokenizer.load(out, max_length=material.max_length), tell)
    with one_thread():  # sparse products do not gain from threads, and wait for each other
        table = _search(lesson, _pieces(lesson.ids, inner, _embeddings(model)), tell)
    write_graph(table, out / GRAPH)
    table.save(out / WEIGHTS)
    _write_config(model, material.labels, out)
    tell(1.0, f"{len(table.values)} rows")


def reference(folder: Path, *, max_length: int) -> Callable[[Sequence[str]], NDArray[np.float32]]:
    """What a folder of ``static`` answers in fp32, without the graph: cleaned texts to logits [texts, labels]."""
    tokenizer, table = Tokenizer.load(folder, max_length=max_length), Table.load(folder / WEIGHTS)
    return lambda texts: table.logits(tokenizer.encode(texts))


def _write_tokenizer(model: Path, out: Path) -> tokenizers.Tokenizer:
    """The model's tokenizer, reading in lower case, in its new folder."""
    inner = tokenizers.Tokenizer.from_file(str(model / "tokenizer.json"))
    before = [inner.normalizer] if inner.normalizer is not None else []
    inner.normalizer = normalizers.Sequence([normalizers.Lowercase(), *before])
    inner.no_padding()
    inner.no_truncation()
    inner.save(str(out / "tokenizer.json"))
    for name in _COPIED:
        if (model / name).is_file():
            shutil.copyfile(model / name, out / name)
    return inner


def _lesson(material: Material, tokenizer: Tokenizer, tell: Tell) -> _Lesson:
    """The training texts and the unlabelled ones with what the teacher says of them."""
    texts = [text for text, _ in material.train]
    tell(0.0, f"the teacher reads {len(texts) + len(material.unlabelled)} texts")
    labels = np.eye(len(material.labels))[_numbers(material.train, material.labels)]
    said = [_SHARE * softmax(material.teach(texts).astype(np.float64), axis=1) + (1 - _SHARE) * labels]
    if material.unlabelled:
        said.append(softmax(material.teach(material.unlabelled).astype(np.float64), axis=1))
    return _Lesson(
        ids=tokenizer.encode([*texts, *material.unlabelled]),
        targets=np.concatenate(said),
        held_out=tokenizer.encode([text for text, _ in material.validation]),
        truth=_numbers(material.validation, material.labels),
    )


def _numbers(rows: Sequence[tuple[str, str]], labels: Sequence[str]) -> Integers:
    places = {label: number for number, label in enumerate(labels)}
    return np.array([places[label] for _, label in rows], dtype=np.int64)


def _search(lesson: _Lesson, pieces: _Pieces, tell: Tell) -> Table:
    """The table of least loss on held-out texts; one setting after the other is changed as long as that gains."""
    pairs = _pairs(lesson.targets.shape[1])
    features: dict[int, _Features] = {}
    done = 0

    def tried(setting: _Setting) -> tuple[float, _Setting, Table]:
        nonlocal done
        tell(0.5 + 0.5 * done / _TRIALS, setting.line())
        done += 1
        if setting.pairs not in features:
            features[setting.pairs] = _features(lesson.ids, pieces, setting.pairs)
        table = _table(features[setting.pairs], lesson.targets, setting)
        return _loss(table, lesson.held_out, lesson.truth), setting, table

    best = tried(_Setting(pairs=pairs))
    for way in _WAYS:
        for setting in way(best[1]):
            other = tried(setting)
            if other[0] >= best[0]:
                break
            best = other
    return best[2]


def _pairs(labels: int) -> int:
    """Rows for pairs, a power of 2.

    >>> _pairs(2), _pairs(77)
    (65536, 16384)
    """
    return max(_FEWEST_PAIRS, min(_PAIRS, 1 << (_NUMBERS // labels).bit_length() - 1))


def _pieces(ids: Sequence[Sequence[int]], inner: tokenizers.Tokenizer, embeddings: NDArray[np.float32]) -> _Pieces:
    """The pieces with a row each, those in use first."""
    known = 1 + max(inner.get_vocab(with_added_tokens=True).values())
    counts = np.bincount(np.concatenate([np.zeros(0, np.int64), *ids]).astype(np.int64), minlength=known)
    specials = _specials(inner)
    counts[specials] = 0
    used = np.flatnonzero(counts)
    order = np.concatenate([used, np.setdiff1d(np.arange(known), [*used, *specials])])
    places = np.full(known, len(order), dtype=np.int64)
    places[order] = np.arange(len(order))
    return _Pieces(places=places, seen=len(used), meaning=_meaning(embeddings, order))


def _embeddings(model: Path) -> NDArray[np.float32]:
    """The model's table of embeddings [rows, width]; of no width where none is found by its name."""
    from safetensors.numpy import load_file

    for path in sorted(model.glob("*.safetensors")):
        for name, values in load_file(path).items():
            if _EMBEDDINGS.search(name):
                return values.astype(np.float32)
    return np.zeros((0, 0), dtype=np.float32)


def _meaning(embeddings: NDArray[np.float32], order: Integers) -> NDArray[np.float32]:
    """The embeddings of some pieces around their mean, in the directions in which they differ most."""
    if len(embeddings) <= order.max(initial=0):
        return np.zeros((len(order), 0), dtype=np.float32)
    centred = embeddings[order] - embeddings[order].mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    turned = centred @ directions[:, ::-1][:, :_WIDTH]
    length = np.sqrt(np.mean(np.sum(turned**2, axis=1)))
    return np.asarray(turned / max(float(length), 1e-9), dtype=np.float32)


def _specials(inner: tokenizers.Tokenizer) -> list[int]:
    """The numbers of the tokens that stand for no text; the unknown piece stands for some."""
    model = json.loads(inner.to_str())["model"]
    unknown = model.get("unk_token"), model.get("unk_id")
    added = inner.get_added_tokens_decoder()
    return [n for n, token in added.items() if token.special and token.content not in unknown and n not in unknown]


def _features(ids: Sequence[Sequence[int]], pieces: _Pieces, pairs: int) -> _Features:
    """What the texts read of a table with so many rows for pairs."""
    nothing = pieces.nothing
    empty = Table(
        places=pieces.places,
        seen=pieces.seen,
        pairs=pairs,
        values=np.zeros((nothing + 1 + pairs, 0), dtype=np.float32),
        bias=np.zeros(0, dtype=np.float32),
    )
    found = [empty.read(one) for one in ids]
    columns = np.concatenate([np.zeros(0, np.int64), *found])
    stops = np.cumsum([0, *map(len, found)])
    counts = csr_array((np.ones(len(columns), np.float32), columns, stops), shape=(len(ids), nothing + 1 + pairs))
    counts.sum_duplicates()
    used = np.setdiff1d(columns, [nothing])
    roots = np.sqrt(np.maximum(counts[:, used].sum(axis=1), 1))
    counts = csr_array(diags_array((1 / roots).astype(np.float32)) @ counts)
    return _Features(
        pieces=pieces, pairs=pairs, used=used, counts=counts[:, used], sums=counts[:, :nothing] @ pieces.meaning
    )


def _table(features: _Features, targets: Floats, setting: _Setting) -> Table:
    """The table that says of the texts what is to be said of them."""
    own, shared, bias = _solve(features.counts, setting.weight * features.sums, targets, setting.strength)
    nothing = features.pieces.nothing
    values = np.zeros((nothing + 1 + features.pairs, targets.shape[1]))
    values[features.used] = own
    values[:nothing] += setting.weight * features.pieces.meaning @ shared
    return Table(
        places=features.pieces.places,
        seen=features.pieces.seen,
        pairs=features.pairs,
        values=values.astype(np.float32),
        bias=bias.astype(np.float32),
    )


def _solve(
    counts: csr_array, sums: NDArray[np.float32], targets: Floats, strength: float
) -> tuple[Floats, Floats, Floats]:
    """Weights of ``counts`` [used, labels] and of ``sums`` [width, labels], and bias [labels].

    They are those of the least cross entropy + squared weights / (2 · strength).
    """
    turned = csr_array(counts.T)
    rows, width, labels = counts.shape[1], sums.shape[1], targets.shape[1]

    def loss(point: Floats) -> tuple[float, Floats]:
        weights, bias = point[:-labels].reshape(rows + width, labels), point[-labels:]
        said = log_softmax(counts @ weights[:rows] + sums @ weights[rows:] + bias, axis=1)
        wrong = np.exp(said) - targets
        slope = np.concatenate([turned @ wrong, sums.T @ wrong]) + weights / strength
        value = float(-np.sum(targets * said) + np.sum(weights**2) / (2 * strength))
        return value, np.concatenate([slope.ravel(), wrong.sum(axis=0)])

    options = {"maxiter": _STEPS, "ftol": 1e-7, "maxcor": _MEMORY}
    found = minimize(loss, np.zeros((rows + width + 1) * labels), jac=True, method="L-BFGS-B", options=options).x
    weights = found[:-labels].reshape(rows + width, labels)
    return weights[:rows], weights[rows:], found[-labels:]


def _loss(table: Table, ids: Sequence[Sequence[int]], truth: Integers) -> float:
    """The mean cross entropy of the true labels at the temperature that suits them best; 0 without texts."""
    if not ids:
        return 0.0
    logits = table.logits(ids).astype(np.float64)
    said = (log_softmax(logits / temperature, axis=1) for temperature in _TEMPERATURES)
    return min(float(-np.mean(one[np.arange(len(truth)), truth])) for one in said)


def _write_config(model: Path, labels: Sequence[str], out: Path) -> None:
    """What is known of the classifier, for whoever opens the folder."""
    before: dict[str, Any] = json.loads((model / "config.json").read_text(encoding="utf-8"))
    config: dict[str, Any] = {
        "model_type": "argosy-static",
        "id2label": {str(number): label for number, label in enumerate(labels)},
        "label2id": {label: number for number, label in enumerate(labels)},
    }
    if "pad_token_id" in before:
        config["pad_token_id"] = before["pad_token_id"]
    (out / "config.json").write_text(json.dumps(config, ensure_ascii=False, indent=1), encoding="utf-8")
