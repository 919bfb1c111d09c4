"""Distils a classifier into one table: no attention, tens of thousands of texts a second and a core.

What a text says for a label is the sum of what its pieces say, and every two pieces in a row, over the root of how many
these are. Finding it is a convex problem, so it is solved, not trained step by step. What makes it better than a linear
model of the labels alone is that it learns the teacher's probabilities, of the labelled texts (with the labels) and of
any number of unlabelled ones (after Hinton et al., 2015, and Tang et al., 2019, arXiv:1903.12136). Pairs share a fixed
number of rows by a hash, as in fastText (Joulin et al., 2016, arXiv:1607.01759).

The graph adds integers, with one step a column: their sum is the same in any order, so the answer for a text cannot
depend on the texts beside it, not even in its last bit.
"""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_array, diags_array
from scipy.special import log_softmax, softmax
from threadpoolctl import threadpool_limits
from tokenizers import normalizers

from argosy.compress.material import Material, Tell
from argosy.compress.static_graph import Table, read, write_graph
from argosy.infer.tokens import Tokenizer

GRAPH = "model.onnx"
WEIGHTS = "model.safetensors"
STRENGTHS = (3.0, 10.0, 30.0, 100.0)
_START = 10.0  # the strength that settings are compared at
_PAIRS = 2**16  # rows that pairs of pieces share (four times as many gave the same) …
_NUMBERS = 2**21  # … or so many that rows × labels stay below this
_FEWEST_PAIRS = 2**12
_SHARE = 0.5  # of the teacher in what is learnt of a labelled text; the rest is its label
_STEPS = 200
_MEMORY = 6  # past steps that L-BFGS remembers
_COPIED = ("tokenizer_config.json", "special_tokens_map.json")

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Static:
    """A step of compression, but for its result: a graph and a tokenizer, which no transformers library loads."""

    name: str = "static"

    def __call__(self, model: Path, material: Material, out: Path, tell: Tell) -> None:
        """Write the table to ``out``."""
        static(model, material, out, tell)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lesson:
    """Token numbers of texts and what is to be said of them [texts, labels]; what the validation rows are."""

    ids: Sequence[Sequence[int]]
    targets: Floats
    held_out: Sequence[Sequence[int]]
    truth: Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class _Features:
    """``matrix`` [texts, used] says how often each text reads the table's rows ``used``, over the root of all it reads.

    ``places`` [vocabulary], ``pairs`` and ``rows`` are the table's.
    """

    places: Integers
    pairs: int
    rows: int
    matrix: csr_array
    used: Integers


def static(model: Path, material: Material, out: Path, tell: Tell) -> None:
    """Write ``model.onnx``, its weights in fp32, the tokenizer and a configuration to the folder ``out``.

    ``model`` gives its tokenizer alone, which reads in lower case from here on; ``material.teach`` gives all else. The
    graph maps int64 ``input_ids`` and ``attention_mask`` [rows, length] to float32 ``logits`` [rows, labels]. Whether
    pairs count, and the strength of regularisation, are those with the least loss on ``material.validation``.
    """
    out.mkdir(parents=True, exist_ok=True)
    inner = _write_tokenizer(model, out)
    lesson = _lesson(material, Tokenizer.load(out, max_length=material.max_length), tell)
    with threadpool_limits(limits=1):  # sparse products do not gain from threads, and wait for each other
        table = _search(lesson, inner, tell)
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


def _search(lesson: _Lesson, inner: tokenizers.Tokenizer, tell: Tell) -> Table:
    """The table of least loss on held-out texts: first with pairs or without, then of some strength."""
    places, pieces = _places(lesson.ids, inner)
    trials = len(STRENGTHS) + 1
    done = 0

    def tried(features: _Features, strength: float) -> tuple[float, Table]:
        nonlocal done
        tell(0.5 + 0.5 * done / trials, f"{features.pairs} rows for pairs, strength {strength:g}")
        done += 1
        table = _table(features, lesson.targets, strength)
        return _loss(table, lesson.held_out, lesson.truth), table

    alone, paired = (_features(lesson.ids, places, pieces, pairs) for pairs in (0, _pairs(lesson.targets.shape[1])))
    first, second = tried(alone, _START), tried(paired, _START)
    features = paired if second[0] < first[0] else alone
    others = [tried(features, strength) for strength in STRENGTHS if strength != _START]
    return min([first, second, *others], key=lambda one: one[0])[1]


def _pairs(labels: int) -> int:
    """Rows for pairs, a power of 2.

    >>> _pairs(2), _pairs(77)
    (262144, 16384)
    """
    return max(_FEWEST_PAIRS, min(_PAIRS, 1 << (_NUMBERS // labels).bit_length() - 1))


def _places(ids: Sequence[Sequence[int]], inner: tokenizers.Tokenizer) -> tuple[Integers, int]:
    """The row of each piece [vocabulary], and how many have one of their own, which are those that occur."""
    known = 1 + max(inner.get_vocab(with_added_tokens=True).values())
    counts = np.bincount(np.concatenate([np.zeros(0, np.int64), *ids]).astype(np.int64), minlength=known)
    specials = _specials(inner)
    counts[specials] = 0
    used = np.flatnonzero(counts)
    places = np.full(len(counts), len(used), dtype=np.int64)
    places[used] = np.arange(len(used))
    places[specials] = len(used) + 1
    return places, len(used)


def _specials(inner: tokenizers.Tokenizer) -> list[int]:
    """The numbers of the tokens that stand for no text; the unknown piece stands for some."""
    model = json.loads(inner.to_str())["model"]
    unknown = model.get("unk_token"), model.get("unk_id")
    added = inner.get_added_tokens_decoder()
    return [n for n, token in added.items() if token.special and token.content not in unknown and n not in unknown]


def _features(ids: Sequence[Sequence[int]], places: Integers, pieces: int, pairs: int) -> _Features:
    """What the texts read of a table with so many pieces and pairs."""
    nothing = pieces + 1
    found = [read(places, np.asarray(one, dtype=np.int64), nothing=nothing, pairs=pairs) for one in ids]
    columns = np.concatenate([np.zeros(0, np.int64), *found])
    stops = np.cumsum([0, *map(len, found)])
    rows = nothing + 1 + pairs
    counts = csr_array((np.ones(len(columns)), columns, stops), shape=(len(ids), rows))
    counts.sum_duplicates()
    used = np.unique(columns)
    used = used[used != nothing]
    counts = counts[:, used]
    roots = np.sqrt(np.maximum(counts.sum(axis=1), 1))
    return _Features(
        places=places, pairs=pairs, rows=rows, matrix=csr_array(diags_array(1 / roots) @ counts), used=used
    )


def _table(features: _Features, targets: Floats, strength: float) -> Table:
    """The table that says of the texts what is to be said of them."""
    weights, bias = _solve(features.matrix, targets, strength)
    values = np.zeros((features.rows, targets.shape[1]), dtype=np.float32)
    values[features.used] = weights
    return Table(places=features.places, pairs=features.pairs, values=values, bias=bias.astype(np.float32))


def _solve(matrix: csr_array, targets: Floats, strength: float) -> tuple[Floats, Floats]:
    """Weights [columns, labels] and bias [labels] of the least cross entropy + squared weights / (2 · strength)."""
    width, labels = matrix.shape[1], targets.shape[1]
    turned = csr_array(matrix.T)

    def loss(point: Floats) -> tuple[float, Floats]:
        weights, bias = point[:-labels].reshape(width, labels), point[-labels:]
        said = log_softmax(matrix @ weights + bias, axis=1)
        wrong = np.exp(said) - targets
        slope = np.concatenate([(turned @ wrong + weights / strength).ravel(), wrong.sum(axis=0)])
        return float(-np.sum(targets * said) + np.sum(weights**2) / (2 * strength)), slope

    options = {"maxiter": _STEPS, "ftol": 1e-7, "maxcor": _MEMORY}
    found = minimize(loss, np.zeros((width + 1) * labels), jac=True, method="L-BFGS-B", options=options).x
    return found[:-labels].reshape(width, labels), found[-labels:]


def _loss(table: Table, ids: Sequence[Sequence[int]], truth: Integers) -> float:
    """The mean cross entropy of the true labels; 0 without texts."""
    if not ids:
        return 0.0
    said = log_softmax(table.logits(ids).astype(np.float64), axis=1)
    return float(-np.mean(said[np.arange(len(truth)), truth]))


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
