"""Needs without an encoder: the things that many voices name, with the words that stand beside them.

Things that are named often are what a product is judged by (Hu and Liu, "Mining and summarizing customer reviews",
KDD 2004). Here a word is the likelier to be one the evener it is said by the pleased and by the others: "price" is said
by both, "expensive" by one. Words that keep each other's company in clauses are one need. Two words for one thing that
never meet stay two needs.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy.data.words import stem
from argosy.venture.market.naming import fairness
from argosy.venture.market.needs import NONE, Integers, Numbers
from argosy.venture.market.vocabulary import naming, sparse

_WORDS = 400  # that may name a thing
_TOGETHER = 0.3  # company that two words of one need keep: pointwise mutual information, 1 where they never part
_FEWEST, _SHARE = 3, 0.01  # voices that name a thing, and their share of all
_APART = 5  # clauses in which two words meet before they are one need
_MOST = 6  # words of a need


def anchored(clauses: Sequence[Sequence[str]], voices: Integers, pleased: Numbers, count: int) -> Integers:
    """The need of each clause (``NONE``: none) among at most ``count``, by its words.

    ``voices`` is whose each clause is; ``pleased`` is 1 for a clause of a pleased customer, 0 for one of another, NaN.
    """
    stems = [[stem(word) for word in one] for one in clauses]
    likely: dict[str, float] = {}
    for one, words in zip(clauses, stems, strict=True):
        likely.update({word: max(naming(whole), likely.get(word, 0)) for whole, word in zip(one, words, strict=True)})
    place = {word: at for at, word in enumerate(sorted(likely))}
    rows = sparse(stems, place, lambda *_: 1.0)
    many = len(set(voices.tolist()))
    spoken = np.asarray((_by_voice(rows, voices) > 0).sum(axis=0)).ravel()
    fair = fairness([set(one) for one in stems], pleased)
    worth = np.array([spoken[at] * likely[word] * fair.get(word, 1.0) for word, at in place.items()])
    named = spoken >= max(min(_FEWEST, many), _SHARE * many)
    best = [int(at) for at in np.argsort(-worth, kind="stable")[:_WORDS] if named[at] and worth[at] > 0]
    if not best:
        return np.full(len(clauses), NONE, np.int64)
    need = _groups(rows[:, best], count)
    held = rows[:, best].multiply(np.where(need == NONE, 0, worth[best])[None]).tocsr()
    first = np.asarray(held.argmax(axis=1)).ravel()
    return np.where(np.asarray(held.sum(axis=1)).ravel() > 0, need[first], NONE)


def _groups(rows: Any, count: int) -> Integers:
    """The need of each word [words], best ones first: each free word begins one, and takes in its company."""
    both = (rows.T @ rows).toarray().astype(np.float64)
    company = _company(both, rows.shape[0])
    need = np.full(len(both), NONE, np.int64)
    for at in range(len(both)):
        if need[at] != NONE:
            continue
        number = int(need.max()) + 1
        if number == count:
            break
        near = np.flatnonzero((need == NONE) & (company[at] >= _TOGETHER) & (both[at] >= _APART))
        need[near[np.argsort(-company[at][near], kind="stable")][: _MOST - 1]] = number
        need[at] = number
    return need


def _company(both: NDArray[np.float64], clauses: int) -> NDArray[np.float64]:
    """Normalised pointwise mutual information of each two words (Bouma 2009): 0 by chance, 1 for ever together."""
    share = np.maximum(both, 0.5) / clauses
    alone = np.diag(both) / clauses
    return np.asarray(np.log(share / np.outer(alone, alone)) / -np.log(np.minimum(share, 1 - 1e-9)))


def _by_voice(rows: Any, voices: Integers) -> Any:
    """How often each voice says each word, sparse [voices, words]."""
    from scipy.sparse import csr_array

    ones = np.ones(len(voices), np.float32)
    whole = csr_array((ones, (voices, np.arange(len(voices)))), shape=(int(voices.max()) + 1, len(voices)))
    return whole @ rows
