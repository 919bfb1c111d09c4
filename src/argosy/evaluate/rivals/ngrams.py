"""The n-grams that text models are fitted on: the commonest of the training texts, and their TF-IDF weights."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from argosy.evaluate.metrics import Integers
from argosy.evaluate.rivals.stop_words import stop_words as common_words
from argosy.infer.engines.linear import Vocabulary, fold, occurrences
from argosy.infer.wording import PLAIN, Wording

LONGEST = (2, 3, 4)
WIDEST = 65_536  # n-grams
_CHARACTERS = 4_000_000  # that the vocabulary is read from
_BATCH = 1_000  # texts

Frequencies = tuple[list[str], Integers]  # n-grams of one length, and the number of texts that hold each


def wording_of(*, stop_words: bool, stem: bool) -> Wording:
    """The wording by its options; raises MissingError when a package of ``argosy[words]`` is needed and absent."""
    if not stop_words and not stem:
        return PLAIN
    return Wording.of(stop_words=common_words() if stop_words else frozenset(), stem=stem)


def reworded(texts: Sequence[str], wording: Wording) -> list[str]:
    """The texts behind the wording, done once: the vocabularies of the search read them as they are."""
    return list(texts) if wording == PLAIN else wording.apply([fold(text) for text in texts])


def worded(vocabulary: Vocabulary, wording: Wording) -> Vocabulary:
    """The same n-grams, read from texts behind the wording."""
    return Vocabulary(vocabulary.ngrams, vocabulary.frequencies, vocabulary.documents, wording)


def vocabularies(texts: Sequence[str], width: int) -> list[Vocabulary]:
    """A vocabulary for each of LONGEST: the ``width`` n-grams of the most texts, those of one text left out.

    Where the texts are long, every k-th of them is read, so that the work stays bounded.
    """
    step = math.ceil(sum(map(len, texts)) / _CHARACTERS) or 1
    read = texts[::step]
    found = [_frequencies(*found) for found in occurrences(read, max(LONGEST))]
    return [_vocabulary(found[:longest], len(read), width) for longest in LONGEST]


def _frequencies(n: int, texts: Integers, starts: Integers, hashes: NDArray[np.uint64], joined: str) -> Frequencies:
    """The n-grams of more than one text with their numbers of texts."""
    _, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
    rows = int(texts[-1]) + 1 if len(texts) else 1
    frequencies = np.bincount(np.unique(inverse * rows + texts) // rows)
    kept = np.flatnonzero(frequencies > 1)
    return [joined[start : start + n] for start in starts[first[kept]]], frequencies[kept]


def _vocabulary(found: Sequence[Frequencies], documents: int, width: int) -> Vocabulary:
    """The commonest n-grams; where no two texts share one, a blank stands in, so that the layer has a column."""
    ngrams = [ngram for names, _ in found for ngram in names] or [" "]
    frequencies = np.concatenate([counts for names, counts in found if names] or [np.zeros(1, dtype=np.int64)])
    kept = np.sort(np.argsort(-frequencies, kind="stable")[:width])
    return Vocabulary([ngrams[place] for place in kept], frequencies[kept].tolist(), documents)


def weights_of(vocabulary: Vocabulary, texts: Sequence[str]) -> csr_array:
    """The weights of the texts as a sparse matrix [texts, n-grams]."""
    parts = [vocabulary.weigh(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)]
    rows = np.concatenate([part.rows + number * _BATCH for number, part in enumerate(parts)])
    columns = np.concatenate([part.columns for part in parts])
    values = np.concatenate([part.values for part in parts]).astype(np.float64)
    return csr_array((values, (rows, columns)), shape=(len(texts), len(vocabulary)))
