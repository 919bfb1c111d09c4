"""Whether generated text is copied from the training text, and how varied it is.

Text is compared in tokens as answers are (``tasks_text.tokens``): words, and single Chinese characters. What real text
that was held out shares with the training text is the rate to expect of a model that copies nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from argosy.core.errors import DataError
from argosy.evaluate.metrics import Ratios
from argosy.evaluate.tasks.text import tokens

WINDOW = 13  # tokens in a row that count as copied (Brown et al. 2020)
_BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that it has an inverse modulo 2^64
_CUT = "\0"  # between texts

Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """The longest piece of ``sample`` (its number, from 0) that stands in the training text, letter for letter."""

    sample: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """``copied``: the share of the samples' windows of 13 tokens that training has; ``expected``: of held-out text.

    Units are samples and held-out texts.
    """

    longest: Copy
    longest_expected: Copy
    copied: Ratios
    expected: Ratios


def audit(samples: Sequence[str], training: Sequence[str], held_out: Sequence[str]) -> Audit:
    """Compare samples, and pieces of held-out text as long as they are, with the training text.

    Raises DataError when there is no sample or no held-out text.
    """
    pieces = as_long(held_out, samples)
    if not any(samples) or not pieces:
        raise DataError("Nothing to look for copies in: no sample, or no held-out text.", mend="Generate more.")
    whole = _CUT.join(training)
    copied, expected = copied_shares([samples, pieces], training)
    return Audit(
        longest=longest_copy(samples, whole),
        longest_expected=longest_copy(pieces, whole),
        copied=copied,
        expected=expected,
    )


def as_long(texts: Sequence[str], samples: Sequence[str]) -> list[str]:
    """For each sample the beginning of a text, one of those that are long enough where there is one, as long as it."""
    by_length = sorted((text for text in texts if text), key=len)
    found = []
    for number, sample in enumerate(samples):
        enough = [text for text in by_length if len(text) >= len(sample)] or by_length[-1:]
        found += [text[: len(sample)] for text in enough[number % max(len(enough), 1) :][:1]]
    return [text for text in found if text]


def copied_shares(groups: Sequence[Sequence[str]], training: Iterable[str], *, window: int = WINDOW) -> list[Ratios]:
    """For each group of texts the share of the windows of ``window`` tokens that stand in a training text."""
    numbers: dict[str, int] = {}
    known = _windows(_numbered(training, numbers), window)
    shares = []
    for texts in groups:
        told = [_windows(_numbered([text], numbers), window) for text in texts]
        there = _common(np.concatenate([*told, known[:0]]), known)
        over = np.array([np.isin(hashes, there).sum() for hashes in told], dtype=np.float64)
        under = np.array([len(hashes) for hashes in told], dtype=np.float64)
        shares.append(Ratios(over=over[:, None], under=under[:, None]))
    return shares


def distinct(samples: Sequence[str], n: int) -> Ratios:
    """distinct-n (Li et al. 2016) inside the samples: different n-grams of tokens over all of them.

    It falls with the length of a text: compare samples with ``as_long`` pieces of real text.
    """
    counts = []
    for sample in samples:
        words = tokens(sample)
        grams = [tuple(words[place : place + n]) for place in range(len(words) - n + 1)]
        counts.append((len(set(grams)), len(grams)))
    over, under = np.array(counts, dtype=np.float64).reshape(-1, 2).T
    return Ratios(over=over[:, None], under=under[:, None])


def longest_copy(samples: Sequence[str], whole: str) -> Copy:
    """The longest common substring of any sample and the training text, by halving its length; about 1 µs a letter.

    Hashes propose, the text itself decides.
    """
    low, high, best = 0, max(map(len, samples), default=0), Copy(sample=0, text="")
    known, powers = _sums(whole)
    summed = [_sums(sample) for sample in samples]
    while low < high:
        length = (low + high + 1) // 2
        found = _shared(samples, summed, known, powers, whole, length)
        low, high, best = (length, high, found) if found else (low, length - 1, best)
    return best


def _shared(
    samples: Sequence[str],
    summed: Sequence[tuple[Hashes, Hashes]],
    known: Hashes,
    powers: Hashes,
    whole: str,
    length: int,
) -> Copy | None:
    """A piece of so many letters that a sample and the training text share."""
    candidates = [_substrings(*one, length) for one in summed]
    there = _common(np.concatenate(candidates), _substrings(known, powers, length))
    for number, (sample, hashes) in enumerate(zip(samples, candidates, strict=True)):
        for place in np.flatnonzero(np.isin(hashes, there)).tolist():
            piece = sample[place : place + length]
            if _CUT not in piece and piece in whole:
                return Copy(sample=number, text=piece)
    return None


def _common(few: Hashes, many: Hashes) -> Hashes:
    """Those of ``few`` that are among ``many``, which need not be sorted."""
    sought = np.unique(few)
    if not len(sought):
        return sought
    place = np.minimum(np.searchsorted(sought, many), len(sought) - 1)
    return np.unique(many[sought[place] == many])


def _sums(text: str) -> tuple[Hashes, Hashes]:
    """Sums of code · base^place up to each place [letters + 1], and base^-place [letters + 1], modulo 2^64."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    up = _powers(_BASE, len(codes) + 1)
    inverse = np.uint64(pow(int(_BASE), -1, 1 << 64))
    sums = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(_mixed(codes) * up[:-1], dtype=np.uint64)])
    return sums, _powers(inverse, len(codes) + 1)


def _substrings(sums: Hashes, inverse: Hashes, length: int) -> Hashes:
    """The hash of every substring of one length, the same wherever it stands."""
    if len(sums) <= length:
        return np.zeros(0, dtype=np.uint64)
    return (sums[length:] - sums[:-length]) * inverse[: len(sums) - length]


def _powers(base: np.uint64, count: int) -> Hashes:
    powers = np.full(count, base, dtype=np.uint64)
    powers[:1] = 1
    return np.cumprod(powers, dtype=np.uint64)


def _mixed(codes: Hashes) -> Hashes:
    """Codes spread over 64 bits (the finaliser of SplitMix64), so that neighbouring letters don't cancel."""
    codes = (codes + np.uint64(1)) * np.uint64(0xBF58476D1CE4E5B9)
    codes = (codes ^ (codes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(codes ^ (codes >> np.uint64(31)))


def _numbered(texts: Iterable[str], numbers: dict[str, int]) -> list[Hashes]:
    """The tokens of each text as numbers, new ones entered."""
    return [
        np.array([numbers.setdefault(one, len(numbers)) for one in tokens(text)], dtype=np.uint64) for text in texts
    ]


def _windows(texts: Sequence[Hashes], window: int) -> Hashes:
    """The hash of every window of each text."""
    up = _powers(_BASE, window)
    found = [
        (np.lib.stride_tricks.sliding_window_view(_mixed(text), window) * up).sum(axis=1, dtype=np.uint64)
        for text in texts
        if len(text) >= window
    ]
    return np.concatenate(found) if found else np.zeros(0, dtype=np.uint64)
