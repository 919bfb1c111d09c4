"""How far each source of feedback is believed: by the champion's answers, what others say of like texts, and people."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from argosy.core.watch import Place
from argosy.infer.load import load
from argosy.monitor.embedding import Hashed
from argosy.monitor.trust import Reports, trust
from argosy.project.improving.gather import FEEDBACK, PEOPLE, Word

_BATCH = 1_000  # texts asked at once


def trusted(words: Sequence[Word], texts: Mapping[Place, str], champion: Path) -> dict[str, float]:
    """The chance that each source of feedback means what it says, by its name; empty without feedback."""
    said = [word for word in words if word.source == FEEDBACK and word.place in texts]
    if not said:
        return {}
    places = list(dict.fromkeys(word.place for word in said))
    engine = load(champion)
    asked = [texts[place] for place in places]
    answers = [one for start in range(0, len(asked), _BATCH) for one in engine.classify(asked[start : start + _BATCH])]
    decided = {word.place: word.label for word in words if word.source == PEOPLE}
    labels = list(dict.fromkeys([*engine.labels, *(word.label for word in words)]))
    numbers, at = {label: number for number, label in enumerate(labels)}, {place: n for n, place in enumerate(places)}
    reports = Reports(
        texts=np.array([at[word.place] for word in said]),
        sources=[word.by for word in said],
        labels=np.array([numbers[word.label] for word in said]),
        predicted=np.array([numbers[one.label] for one in answers]),
        confidence=np.array([one.probabilities[one.label] for one in answers]),
        gold=np.array([numbers[decided[place]] if place in decided else -1 for place in places]),
        classes=len(labels),
        vectors=Hashed().embed(asked),
    )
    return dict(trust(reports).sincere)
