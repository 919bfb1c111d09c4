"""Names of groups in their own words: phrases that many of a group's texts share and few others hold."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from argosy.data.words import BREAK, STOP, is_han, joined, segmented, stem

Phrase = tuple[str, ...]
_PHRASES, _WORDS = 3, 8  # that a name has, and that stand beside it
_SHARE, _FEWEST = 0.12, 3  # of a group's texts that hold a phrase of its name
_WHOLE = 0.6  # of the texts with a phrase: a longer one that so many hold stands for it
_LONG = 0.35  # what each further word adds to a phrase's weight
_LONGEST = 4  # words, or characters where words are not cut: half as many more
_JOIN = " · "


def named(
    groups: Sequence[Sequence[int]], texts: Sequence[list[str]], usual: Sequence[list[str]]
) -> list[tuple[str, tuple[str, ...]]]:
    """The name and the words of each group (places of ``texts``, which are words as ``words`` cuts them).

    ``usual`` texts are those of known topics: what these say names nothing new.
    """
    held = [_stemmed(text) for text in texts]
    all_of = Counter(phrase for one in held for phrase in one)
    all_of.update(phrase for text in usual for phrase in _stemmed(text))
    return [_name([held[at] for at in group], all_of, len(texts) + len(usual)) for group in groups]


def _name(held: Sequence[dict[Phrase, Phrase]], all_of: Counter[Phrase], texts: int) -> tuple[str, tuple[str, ...]]:
    own = Counter(phrase for one in held for phrase in one)
    fewest = max(min(_FEWEST, len(held)), round(_SHARE * len(held)))
    weight = {
        phrase: _weight(times / len(held), (all_of[phrase] - times + 1) / (texts - len(held) + 2), len(phrase))
        for phrase, times in own.items()
        if times >= fewest
    }
    ranked = sorted(weight, key=lambda phrase: (-weight[phrase], phrase))
    spelled = _spelled(held, set(ranked))
    whole = [phrase for phrase in ranked if not any(_stands(other, phrase, own) for other in ranked)]
    chosen: list[Phrase] = []
    for phrase in whole:
        said = {word for one in chosen for word in one}
        new = [word for word in phrase if word not in said and word not in STOP]
        if len(chosen) < _PHRASES and 2 * len(new) >= sum(word not in STOP for word in phrase) and new:
            chosen.append(phrase)
    single = [phrase for phrase in ranked if len(phrase) == 1 or not segmented()]
    words = tuple(joined(spelled[phrase]) for phrase in single[:_WORDS])
    return _JOIN.join(joined(spelled[phrase]) for phrase in chosen), words


def _weight(share: float, elsewhere: float, length: int) -> float:
    """How often it is said here, times how much more so than elsewhere; longer phrases say more."""
    return float(share * np.log1p(share / elsewhere) * (1 + _LONG * (length - 1)))


def _stands(longer: Phrase, phrase: Phrase, own: Counter[Phrase]) -> bool:
    """Whether a longer phrase stands for one that it holds."""
    if len(longer) <= len(phrase) or own[longer] < _WHOLE * own[phrase]:
        return False
    return any(longer[at : at + len(phrase)] == phrase for at in range(len(longer) - len(phrase) + 1))


def _spelled(held: Sequence[dict[Phrase, Phrase]], wanted: set[Phrase]) -> dict[Phrase, Phrase]:
    """How each phrase is written most often."""
    ways: dict[Phrase, Counter[Phrase]] = defaultdict(Counter)
    for one in held:
        for phrase in wanted & one.keys():
            ways[phrase][one[phrase]] += 1
    return {phrase: min(told, key=lambda way: (-told[way], way)) for phrase, told in ways.items()}


def _stemmed(text: list[str]) -> dict[Phrase, Phrase]:
    """The phrases of a text by their stems, as they are first written."""
    found: dict[Phrase, Phrase] = {}
    for phrase in _phrases(text):
        found.setdefault(tuple(stem(word) for word in phrase), phrase)
    return found


def _phrases(text: list[str]) -> Iterator[Phrase]:
    whole = segmented()
    for start, word in enumerate(text):
        if word == BREAK or word in STOP:
            continue
        most = _LONGEST if whole or not is_han(word) else _LONGEST + _LONGEST // 2
        for stop in range(start + 1, min(start + most, len(text)) + 1):
            last = text[stop - 1]
            if last == BREAK:
                break
            phrase = tuple(text[start:stop])
            if last not in STOP and _telling(phrase, whole=whole):
                yield phrase


def _telling(phrase: Phrase, *, whole: bool) -> bool:
    """Whether it may name something: not a number alone, and no single letter or character."""
    if all(word.isnumeric() for word in phrase):
        return False
    return sum(map(len, phrase)) > 1 and (whole or len(phrase) > 1 or not is_han(phrase[0]))
