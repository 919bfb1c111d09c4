"""The metrics of tagging: entities by exact span and kind, and the tags of tokens."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from argosy.core.errors import DataError
from argosy.evaluate.metrics import Measured, Ratios, Undefined

Span = tuple[int, int, str]  # first token or character, the one behind the last, kind
Sentence = Sequence[str] | Iterable[Span]
NO_ENTITY = Undefined(reason="No sentence has an entity.")
NO_PREDICTION = Undefined(reason="No entity was predicted, so there is none to be right about.")
NOTHING = Undefined(reason="No sentence has an entity, and none was predicted.")
NO_TAGS = Undefined(reason="Spans were given, not tags; the accuracy of tokens is not known.")
_OUTSIDE = "O"
_STARTS, _GOES_ON = "BS", "IE"


def spans(tags: Sequence[str]) -> set[Span]:
    """The entities of BIO or BIOES tags; a tag that goes on from another kind or from none starts an entity (CoNLL).

    >>> sorted(spans(["B-PER", "I-PER", "O", "S-LOC", "I-ORG"]))
    [(0, 2, 'PER'), (3, 4, 'LOC'), (4, 5, 'ORG')]
    """
    parts = [_parts(tag) for tag in tags]
    starts = [i for i, (before, now) in enumerate(pairwise([("", ""), *parts])) if _opens(before, now)]
    found = set()
    for start in starts:
        kind, stop = parts[start][1], start + 1
        while stop < len(parts) and parts[stop][1] == kind and not _opens(parts[stop - 1], parts[stop]):
            stop += 1
        found.add((start, stop, kind))
    return found


def tagging(truth: Sequence[Sentence], predicted: Sequence[Sentence]) -> dict[str, Measured | Undefined]:
    """Sentences as BIO or BIOES tags, or as (start, stop, kind) spans; the units are the sentences.

    Entity precision, recall and F1 are micro: over all entities that match in both ends and kind.
    """
    pairs = [(_entities(one), _entities(other)) for one, other in zip(truth, predicted, strict=True)]
    hits, true, said = np.array([(len(one & other), len(one), len(other)) for one, other in pairs], dtype=np.float64).T
    return {
        "entity_f1": _ratio(2 * hits, true + said, NOTHING),
        "entity_precision": _ratio(hits, said, NO_PREDICTION),
        "entity_recall": _ratio(hits, true, NO_ENTITY),
        "token_accuracy": _tokens(truth, predicted),
    }


def _ratio(over: np.ndarray, under: np.ndarray, missing: Undefined) -> Measured | Undefined:
    return Ratios(over=over[:, None], under=under[:, None]) if under.sum() else missing


def _tokens(truth: Sequence[Sentence], predicted: Sequence[Sentence]) -> Measured | Undefined:
    counts = []
    for number, (one, other) in enumerate(zip(truth, predicted, strict=True)):
        true, said = list(one), list(other)
        if not all(isinstance(tag, str) for tag in (*true, *said)):
            return NO_TAGS
        if len(true) != len(said):
            raise DataError(
                "Sentence {number} has {expected} tokens, and {found} tags were predicted for it.",
                mend="Predict one tag a token; cut neither side.",
                number=number + 1,
                expected=len(true),
                found=len(said),
            )
        counts.append((sum(a == b for a, b in zip(true, said, strict=True)), len(true)))
    right, tokens = np.array(counts, dtype=np.float64).T
    return _ratio(right, tokens, NO_TAGS)


def _entities(sentence: Sentence) -> set[Span]:
    items = list(sentence)
    tags = [item for item in items if isinstance(item, str)]
    return spans(tags) if tags else {(int(item[0]), int(item[1]), str(item[2])) for item in items}


def _parts(tag: str) -> tuple[str, str]:
    """The letter and the kind of a tag."""
    if tag == _OUTSIDE:
        return _OUTSIDE, ""
    letter, dash, kind = tag.partition("-")
    if not dash or letter not in _STARTS + _GOES_ON:
        raise DataError(
            "Expected a BIO or BIOES tag such as B-PER or O, found {tag!r}.",
            mend="Write B- or S- before the kind where an entity begins, I- or E- where it goes on, and O elsewhere.",
            tag=tag,
        )
    return letter, kind


def _opens(before: tuple[str, str], now: tuple[str, str]) -> bool:
    """Whether a tag begins an entity, given the one before it."""
    (last, kind_before), (letter, kind) = before, now
    return bool(kind) and (letter in _STARTS or kind != kind_before or last in {"E", "S"})
