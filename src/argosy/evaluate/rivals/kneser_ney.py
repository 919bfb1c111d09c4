"""A 5-gram language model with modified Kneser-Ney smoothing: what a language model has to beat in bits per byte.

Chen and Goodman (An empirical study of smoothing techniques for language modeling, 1999): the longest n-grams are
counted as they stand, shorter ones by how many different symbols they follow, and every order is interpolated with
the next shorter one. Below single symbols all that training saw are equally likely, and so is one more class, shared
evenly by all other characters, so that every text has a probability.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from argosy.core.errors import DataError
from argosy.evaluate.metrics import Floats, Integers

ORDER = 5
LEVELS = ("character", "byte")
_SYMBOLS = {"character": 0x110000 - 0x800, "byte": 256}  # Unicode's scalar values; bytes
_LEAST = 0.001  # of a discount: something is always kept for what was not seen

Codes = NDArray[np.uint32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The n-grams of one length: ``keys`` sorted, each context number · symbols + symbol; what each adds, and to what.

    ``own`` [n-grams] is the discounted share of each in its context; ``rest`` [contexts] is what a context leaves to
    the shorter one, 1 where it was never followed.
    """

    keys: Integers
    own: Floats
    rest: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class KneserNey:
    """A fitted model over ``level`` "character" or "byte"; ``symbols`` are the sorted codes that training saw."""

    level: str
    symbols: Codes
    orders: tuple[Order, ...]

    def nats(self, texts: Sequence[str]) -> Floats:
        """The negative log-likelihood of each text, in nats [texts]; its end is not predicted."""
        if not texts:
            return np.zeros(0)
        numbers, texts_of, predicted = _padded(texts, self.level, self.symbols, len(self.orders))
        surprise = -np.log(self._probabilities(numbers)[predicted])
        others = max(_SYMBOLS[self.level] - len(self.symbols), 1)
        surprise += np.log(others) * (numbers[predicted] == len(self.symbols))
        return np.asarray(np.bincount(texts_of[predicted], weights=surprise, minlength=len(texts)), dtype=np.float64)

    def next(self, context: str) -> Floats:
        """The probability of every symbol seen, and at last of all others together, behind ``context`` [symbols + 1].

        The context counts from the text's beginning.
        """
        numbers, _, _ = _padded([context], self.level, self.symbols, len(self.orders))
        tried = np.arange(len(self.symbols) + 1)
        rows = np.column_stack([np.tile(numbers[-(len(self.orders) - 1) :], (len(tried), 1)), tried])
        return self._probabilities(rows.ravel()).reshape(rows.shape)[:, -1]

    def _probabilities(self, numbers: Integers) -> Floats:
        """The probability of each symbol behind those before it [numbers]."""
        width = len(self.symbols) + 2
        reached = np.full(len(numbers), 1 / (len(self.symbols) + 1))
        context = np.zeros(len(numbers), dtype=np.int64)  # the number of the empty one
        for order in self.orders:
            place, found = _find(order.keys, context * width + numbers, known=context >= 0)
            rest = np.where(context >= 0, order.rest[context], 1.0)
            reached = rest * reached + np.where(found, order.own[place], 0.0)
            context = np.concatenate([[-1], np.where(found, place, -1)[:-1]])
        return reached


def fit(texts: Sequence[str], *, level: str = "character", order: int = ORDER) -> KneserNey:
    """Count and discount the n-grams of ``texts``; raises DataError when they hold no character."""
    if not any(texts):
        raise DataError(
            "No text to count n-grams in: all {count} documents are empty.",
            mend="Check the column that the texts are read from.",
            count=len(texts),
        )
    symbols = np.unique(np.concatenate([_codes(text, level) for text in texts]))
    numbers, _, predicted = _padded(texts, level, symbols, order)
    keys, grams = _grams(numbers, len(symbols) + 2, order)
    counts = _counts(keys, grams, predicted)
    contexts = [1, *(len(known) for known in keys[:-1])]
    orders = zip(keys, counts, contexts, strict=True)
    fitted = tuple(_order(known, count, number, len(symbols) + 2) for known, count, number in orders)
    return KneserNey(level=level, symbols=symbols, orders=fitted)


def best(train: Sequence[str], validation: Sequence[str], *, order: int = ORDER) -> KneserNey:
    """The model over characters or bytes, whichever finds ``validation`` the less surprising."""
    models = [fit(train, level=level, order=order) for level in LEVELS]
    return min(models, key=lambda model: float(model.nats(validation).sum()))


def _codes(text: str, level: str) -> Codes:
    """The numbers of the characters or bytes of a text."""
    if level == "byte":
        return np.frombuffer(text.encode(), dtype=np.uint8).astype(np.uint32)
    return np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)


def _padded(
    texts: Sequence[str], level: str, symbols: Codes, order: int
) -> tuple[Integers, Integers, NDArray[np.bool_]]:
    """All texts in a row, each behind ``order`` - 1 marks of a beginning: symbols, their texts, which are predicted.

    A symbol is its place in ``symbols``, ``len(symbols)`` when unseen, and one more for the mark.
    """
    rows, before = [_codes(text, level) for text in texts], order - 1
    lengths = np.array([len(row) + before for row in rows])
    texts_of = np.repeat(np.arange(len(texts)), lengths)
    starts = np.cumsum(lengths) - lengths
    predicted = np.arange(lengths.sum()) - starts[texts_of] >= before
    codes = np.concatenate(rows)
    place = np.minimum(np.searchsorted(symbols, codes), len(symbols) - 1)
    numbers = np.full(len(texts_of), len(symbols) + 1)
    numbers[predicted] = np.where(symbols[place] == codes, place, len(symbols))
    return numbers, texts_of, predicted


def _grams(numbers: Integers, width: int, order: int) -> tuple[list[Integers], list[Integers]]:
    """For each length the sorted keys of its n-grams, and at each place the number of the one that ends there."""
    keys, grams = [], []
    context = np.zeros(len(numbers), dtype=np.int64)
    for _ in range(order):
        known, own = np.unique(context * width + numbers, return_inverse=True)
        keys.append(known)
        grams.append(own)
        context = np.concatenate([own[:1], own[:-1]])  # the first place is a mark, which nothing counts
    return keys, grams


def _counts(keys: Sequence[Integers], grams: Sequence[Integers], predicted: NDArray[np.bool_]) -> list[Integers]:
    """How often the longest n-grams occur, and how many different symbols each shorter one follows."""
    ends = np.flatnonzero(predicted)
    counts = [np.bincount(grams[-1][ends], minlength=len(keys[-1]))]
    for longer, shorter, known in zip(grams[:0:-1], grams[-2::-1], keys[-2::-1], strict=True):
        places = np.zeros(int(longer.max()) + 1, dtype=np.int64)
        places[longer[ends]] = ends  # one place of each longer n-gram that is predicted; the first place is none
        counts.append(np.bincount(shorter[places[places > 0]], minlength=len(known)))
    return counts[::-1]


def _order(keys: Integers, counts: Integers, contexts: int, width: int) -> Order:
    """The shares of the n-grams of one length behind the discounts of their counts."""
    context = keys // width
    discounts = _discounts(counts)
    taken = discounts[np.minimum(counts, 3)]
    total = np.bincount(context, weights=counts, minlength=contexts)
    kept = np.bincount(context, weights=taken, minlength=contexts)
    below = np.where(total > 0, total, 1.0)
    rest = np.where(total > 0, kept / below, 1.0)
    return Order(keys=keys, own=(counts - taken) / below[context], rest=rest)


def _discounts(counts: Integers) -> Floats:
    """What is taken from counts of 0, 1, 2, and 3 or more, kept above 0 and at most the count itself [4].

    >>> _discounts(np.array([1, 1, 2, 3, 4])).round(3).tolist()
    [0.0, 0.5, 0.5, 1.0]
    """
    ones, twos, threes, fours = (max(int((counts == number).sum()), 1) for number in (1, 2, 3, 4))
    share = ones / (ones + 2 * twos)
    raw = (1 - 2 * share * twos / ones, 2 - 3 * share * threes / twos, 3 - 4 * share * fours / threes)
    return np.array([0.0, *(min(max(value, _LEAST), most) for most, value in enumerate(raw, 1))])


def _find(keys: Integers, wanted: Integers, *, known: NDArray[np.bool_]) -> tuple[Integers, NDArray[np.bool_]]:
    """The places of keys, and which of them are there."""
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return place, known & (keys[place] == wanted)
