"""The linear model's engine: character n-grams weighted by TF-IDF, then one linear layer in ONNX.

A graph that takes the text itself was tried first and turned down: the char analyser of skl2onnx answers other
probabilities than scikit-learn, most where two line ends meet, and keeps dense columns between its steps, which is
slow. So the n-grams are counted here, by the one function that also counts them for the fit, and the graph holds the
linear layer that skl2onnx writes. The vocabulary travels in the metadata of the same file: one file is the whole model.

Weights of a text: (1 + ln count) · (ln((1 + documents) / (1 + documents with the n-gram)) + 1), to length one.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from argosy.core.engine import Reading
from argosy.core.errors import MissingError
from argosy.core.records import Prediction
from argosy.data.clean import clean_text
from argosy.infer.answers import AS_TRAINED, Calibration, answers
from argosy.infer.wording import PLAIN, Wording

METADATA = "argosy.linear"
SCORES = "scores"
LONGEST_TEXT = 2_000  # characters; what stands behind them is not read
_LOOKED_AT = 8 * LONGEST_TEXT  # characters of a very long text that are cleaned, if enough is left of them
_BATCH = 64  # dense rows: 64 × 65,536 columns × 4 bytes = 17 MB
_BREAK = 10  # the line end parts two texts: a folded text has none
_FACTOR = np.uint64(0x9E3779B97F4A7C15)

Hashes = NDArray[np.uint64]
Integers = NDArray[np.int64]
Floats = NDArray[np.float32]


def fold(text: str) -> str:
    r"""The text the n-grams are read from: lower case by Unicode's rules, white space as one blank, the first part.

    >>> fold(" Fast\n\n delivery ")
    'fast delivery'
    """
    return " ".join(text[: 2 * LONGEST_TEXT].lower().split())[:LONGEST_TEXT]


def occurrences(texts: Sequence[str], longest: int) -> Iterator[tuple[int, Integers, Integers, Hashes, str]]:
    """Every n-gram of every text, for n = 1 … ``longest``: (n, text number, position, hash, the texts joined).

    The hash of c₁…cₙ is c₁·Fⁿ⁻¹ + … + cₙ modulo 2⁶⁴, after Karp and Rabin (1987).
    """
    data = "\n".join(map(fold, texts)).encode("utf-32-le", "replace")
    codes = np.frombuffer(data, dtype=np.uint32).astype(np.uint64)
    inside = codes != _BREAK
    number = np.cumsum(~inside)
    joined = data.decode("utf-32-le")
    hashes, whole = codes, inside
    for n in range(1, min(longest, len(codes)) + 1):
        if n > 1:
            hashes = hashes[:-1] * _FACTOR + codes[n - 1 :]
            whole = whole[:-1] & inside[n - 1 :]
        starts = np.flatnonzero(whole)
        yield n, number[starts], starts, hashes[starts], joined


@dataclass(frozen=True, slots=True)
class Sparse:
    """The weights of some texts that are not zero: three arrays of one length."""

    rows: Integers
    columns: Integers
    values: Floats


class Vocabulary:
    """The n-grams that count, one column each, with the number of ``documents`` they were seen in.

    They are read from the texts behind ``wording``.
    """

    def __init__(
        self, ngrams: Sequence[str], frequencies: Sequence[int], documents: int, wording: Wording = PLAIN
    ) -> None:
        self.ngrams = tuple(ngrams)
        self.frequencies = tuple(frequencies)
        self.documents = documents
        self.wording = wording
        self._longest = max(map(len, self.ngrams), default=1)
        hashes = _hash_each(self.ngrams)
        self._order = np.argsort(hashes, kind="stable")
        self._sorted = hashes[self._order]
        self._idf = np.log((1 + documents) / (1 + np.array(self.frequencies, dtype=np.float64))) + 1

    def __len__(self) -> int:
        return len(self.ngrams)

    def weigh(self, texts: Sequence[str]) -> Sparse:
        """The weights of each text (a row) for the n-grams (columns) that it holds; rows are in order."""
        width = np.int64(len(self))
        found = [number * width + column for _, number, _, column in self._find(self.read(texts))]
        keys, counts = np.unique(np.concatenate(found or [np.empty(0, np.int64)]), return_counts=True)
        rows, columns = keys // width, keys % width
        values = (1 + np.log(counts)) * self._idf[columns]
        norms = np.sqrt(np.bincount(rows, values * values, minlength=len(texts)))
        return Sparse(rows, columns, (values / norms[rows]).astype(np.float32))

    def read(self, texts: Sequence[str]) -> list[str]:
        """The texts as the n-grams are read from them."""
        return [fold(text) for text in self.wording.apply([fold(text) for text in texts])]

    def spread(self, text: str, effects: NDArray[np.float64]) -> NDArray[np.float64]:
        """``effects`` [n-grams, labels] shared out evenly over the characters [characters, labels] of ``read``'s text.

        An n-gram's effect goes in equal parts to where it stands, and there to its characters that are not blank.
        """
        (text,) = self.read([text])
        solid = np.array([character != " " for character in text])
        out = np.zeros((len(text), effects.shape[1]))
        found = list(self._find([text]))
        counts = sum((np.bincount(columns, minlength=len(self)) for *_, columns in found), np.zeros(len(self)))
        for n, _, starts, columns in found:
            inside = starts[:, None] + np.arange(n)
            weights = solid[inside] / np.maximum(solid[inside].sum(axis=1, keepdims=True), 1) / counts[columns, None]
            np.add.at(out, inside, weights[:, :, None] * effects[columns, None, :])
        return out

    def _find(self, texts: Sequence[str]) -> Iterator[tuple[int, Integers, Integers, Integers]]:
        """What occurs in texts that were read: (n, text number, position, column) for each n."""
        for n, number, starts, hashes, _ in occurrences(texts, self._longest):
            place = np.minimum(np.searchsorted(self._sorted, hashes), len(self) - 1)
            known = self._sorted[place] == hashes
            yield n, number[known], starts[known], self._order[place[known]]


class LinearClassifier:
    """TF-IDF and a linear layer, from the one file that ``argosy.evaluate.rivals.baselines.export_linear`` writes.

    Raises MissingError when ``file`` is not there or is another model's.
    """

    name = "linear"

    def __init__(
        self,
        file: Path,
        *,
        text_steps: Sequence[str],
        threads: int | None = None,
        calibration: Calibration = AS_TRAINED,
    ) -> None:
        if not file.is_file():
            raise MissingError("The linear model is not there.", where=str(file), mend="Build it with `argosy run`.")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or 0
        self._session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        kept = self._session.get_modelmeta().custom_metadata_map.get(METADATA)
        if kept is None:
            raise MissingError("This graph is not a linear model of Argosy: it holds no vocabulary.", where=str(file))
        self._card = Card.from_json(kept)
        self._steps = tuple(text_steps)
        self.calibration = calibration

    @property
    def labels(self) -> tuple[str, ...]:
        """The label of each column of the scores."""
        return self._card.labels

    @property
    def longest(self) -> int:
        """The characters that are read of a text at most."""
        return LONGEST_TEXT

    @property
    def run_tokens(self) -> int:
        """Texts of any length take as long: a run has as many as one batch of dense rows."""
        return _BATCH * LONGEST_TEXT

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """The cleaned texts, a token a character."""
        return [self._read(text) for text in texts]

    def score(self, readings: Sequence[Reading]) -> list[Prediction]:
        """One prediction a reading, each computed without regard to the others."""
        return answers(self._logits([reading.text for reading in readings]), self.labels, self.calibration)

    def logits(self, texts: Sequence[str]) -> Floats:
        """The log-probabilities [texts, labels] of raw texts, each computed without regard to the others."""
        return self._logits([self._clean(text) for text in texts])

    def classify(self, texts: Sequence[str]) -> list[Prediction]:
        """One prediction a text, in the order of ``texts``."""
        return answers(self.logits(texts), self.labels, self.calibration)

    def count(self, text: str) -> int:
        """The number of characters the n-grams are read from."""
        return len(fold(self._clean(text)))

    def _logits(self, cleaned: Sequence[str]) -> Floats:
        out = np.empty((len(cleaned), len(self.labels)), dtype=np.float32)
        for start in range(0, len(cleaned), _BATCH):
            (scores,) = self._session.run([SCORES], {"features": self._dense(cleaned[start : start + _BATCH])})
            out[start : start + _BATCH] = log_softmax(np.asarray(scores))
        return out

    def _read(self, text: str) -> Reading:
        cleaned = self._clean(text)
        tokens = len(fold(cleaned))
        return Reading(text=cleaned, tokens=tokens, truncated=len(" ".join(cleaned.lower().split())) > tokens)

    def _clean(self, text: str) -> str:
        """The cleaned text; of a very long one the cleaned beginning, if that is more than is read."""
        if len(text) > _LOOKED_AT and len(beginning := clean_text(text[:_LOOKED_AT], self._steps)) > _LOOKED_AT // 2:
            return beginning
        return clean_text(text, self._steps)

    def contributions(self, text: str) -> tuple[str, NDArray[np.float64]]:
        """The text as it is read, and what each character adds to each label's score, float64 [characters, labels].

        Scores are taken less their mean over the labels, which no probability depends on. With the scores of an empty
        text, the parts add up to those of the whole, but for n-grams of blanks alone.
        """
        text = clean_text(text, self._steps)
        vocabulary = self._card.vocabulary
        sparse = vocabulary.weigh([text])
        effects = np.zeros((len(vocabulary), len(self.labels)))
        (empty,) = self._session.run([SCORES], {"features": self._dense([""])})
        for start in range(0, len(sparse.columns), _BATCH):
            columns = sparse.columns[start : start + _BATCH]
            alone = np.zeros((len(columns), len(vocabulary)), dtype=np.float32)
            alone[np.arange(len(columns)), columns] = sparse.values[start : start + _BATCH]
            (scores,) = self._session.run([SCORES], {"features": alone})
            effects[columns] = np.asarray(scores, dtype=np.float64) - empty
        effects -= effects.mean(axis=1, keepdims=True)
        (read,) = vocabulary.read([text])
        return read, vocabulary.spread(text, effects)

    def _dense(self, texts: Sequence[str]) -> Floats:
        sparse = self._card.vocabulary.weigh(texts)
        dense = np.zeros((len(texts), len(self._card.vocabulary)), dtype=np.float32)
        dense[sparse.rows, sparse.columns] = sparse.values
        return dense


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What the graph's metadata holds beside the layer."""

    labels: tuple[str, ...]
    vocabulary: Vocabulary

    def to_json(self) -> str:
        """The card as the text that ``from_json`` reads."""
        words = self.vocabulary
        return json.dumps(
            {
                "format": 1,
                "labels": self.labels,
                "documents": words.documents,
                "ngrams": words.ngrams,
                "frequencies": words.frequencies,
                **({"wording": words.wording.to_json()} if words.wording.versions else {}),
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The card that ``to_json`` wrote."""
        kept = json.loads(text)
        wording = Wording.from_json(kept["wording"]) if "wording" in kept else PLAIN
        words = Vocabulary(kept["ngrams"], kept["frequencies"], kept["documents"], wording)
        return cls(labels=tuple(kept["labels"]), vocabulary=words)


def log_softmax(scores: NDArray[np.floating]) -> Floats:
    """Log-probabilities [texts, labels] of scores of the same shape."""
    shifted = scores.astype(np.float64) - scores.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)), dtype=np.float32)


def _hash_each(ngrams: Sequence[str]) -> Hashes:
    hashes = np.zeros(len(ngrams), dtype=np.uint64)
    for n in set(map(len, ngrams)):
        places = [place for place, ngram in enumerate(ngrams) if len(ngram) == n]
        data = "".join(ngrams[place] for place in places).encode("utf-32-le")
        for codes in np.frombuffer(data, dtype=np.uint32).reshape(len(places), n).T:
            hashes[places] = hashes[places] * _FACTOR + codes
    return hashes
