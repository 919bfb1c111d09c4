"""Names of needs: words that many clauses of a need share and few others hold, that the pleased and the others say.

The contrast is that of class-based TF-IDF (Grootendorst, "BERTopic", 2022), by the shares of clauses that hold a word.
A word that only praise or only complaint holds, such as "expensive", says what is felt and not of what: it stands among
a need's telling words, and hardly ever in its name.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from argosy.data.words import is_han, stem
from argosy.venture.market.vocabulary import naming

_NAME, _OTHER, _WORDS = 2, 0.2, 10  # words of a name; the share of the second language that is named too; telling words
_FEWEST = 2  # clauses that hold a telling word
_EVEN = 2.0  # clauses of each kind that are added before it is told whether a word is of both
_JOIN = " · "


def named(
    groups: Sequence[Sequence[int]],
    clauses: Sequence[Sequence[str]],
    pleased: NDArray[np.float64],
    taken: Iterable[str],
) -> list[tuple[str, tuple[str, ...]]]:
    """The name and the telling words of each group of clauses.

    ``clauses`` are the words that each says; ``pleased`` is 1 for a clause of a pleased customer, 0 for one of
    another, NaN where nobody told; ``taken`` are names that are no longer free.
    """
    spelled = _spelled(clauses)
    stems = [{stem(word) for word in one} for one in clauses]
    all_of = Counter(word for one in stems for word in one)
    free = _Names(taken)
    found = []
    for group in groups:
        weight = _weights([stems[at] for at in group], all_of, len(clauses))
        ranked = sorted(weight, key=lambda word: (-weight[word], word))
        fair = fairness([stems[at] for at in group], pleased[list(group)])
        fit = {word: weight[word] * fair.get(word, 1.0) * naming(spelled[word]) for word in weight}
        calling = [spelled[word] for word in sorted(fit, key=lambda word: (-fit[word], word)) if fit[word] > 0]
        telling = tuple(spelled[word] for word in ranked[:_WORDS])
        found.append(
            (free.new(_called(calling or [spelled[word] for word in ranked], [clauses[at] for at in group])), telling)
        )
    return found


class _Names:
    """Names that were given: each is given once."""

    def __init__(self, taken: Iterable[str]) -> None:
        self.taken = {name.casefold() for name in taken}

    def new(self, words: Sequence[str]) -> str:
        """The first words as a name, with further ones where it is taken."""
        for count in range(min(_NAME, len(words)), len(words) + 1):
            name = _JOIN.join(words[:count])
            if name and name.casefold() not in self.taken:
                break
        else:
            name = _JOIN.join(words[:_NAME]) or "…"
            name = next(new for at in range(1, 10_000) if (new := f"{name} {at}").casefold() not in self.taken)
        self.taken.add(name.casefold())
        return name


def _called(ranked: Sequence[str], clauses: Sequence[Sequence[str]]) -> list[str]:
    """Words in the order in which they make a name: of the language most spoken, then one of the other."""
    han = sum(any(map(is_han, one)) for one in clauses) / max(len(clauses), 1)
    most = [name for name in ranked if is_han(name) == (han > 0.5)]  # noqa: PLR2004 - the half
    other = [name for name in ranked if is_han(name) != (han > 0.5)]  # noqa: PLR2004 - the half
    if min(han, 1 - han) >= _OTHER and most and other:
        return [most[0], other[0], *most[1:], *other[1:]]
    return [*most, *other]


def _weights(group: Sequence[set[str]], all_of: Counter[str], total: int) -> dict[str, float]:
    own = Counter(word for one in group for word in one)
    fewest = min(_FEWEST, len(group))
    outside = total - len(group) + 2
    return {
        word: times / len(group) * float(np.log1p(times / len(group) * outside / (all_of[word] - times + 1)))
        for word, times in own.items()
        if times >= fewest
    }


def fairness(group: Sequence[set[str]], pleased: NDArray[np.float64]) -> Mapping[str, float]:
    """How evenly each word is said by the pleased and by the others, from 0 (by one kind alone) to 1."""
    yes, no = int(np.sum(pleased == 1)), int(np.sum(pleased == 0))
    if not yes or not no:
        return {}
    by = {kind: Counter(word for one, is_ in zip(group, pleased, strict=True) if is_ == kind for word in one)
          for kind in (0, 1)}  # fmt: skip
    shares = {
        word: ((by[1][word] + _EVEN) / (yes + 2 * _EVEN), (by[0][word] + _EVEN) / (no + 2 * _EVEN))
        for word in by[0] | by[1]
    }
    return {word: min(one) / max(one) for word, one in shares.items()}


def _spelled(clauses: Sequence[Sequence[str]]) -> dict[str, str]:
    """How each stem is written most often."""
    ways: dict[str, Counter[str]] = {}
    for word, times in Counter(word for one in clauses for word in one).items():
        ways.setdefault(stem(word), Counter())[word] += times
    return {short: min(told, key=lambda way: (-told[way], way)) for short, told in ways.items()}
