"""What is felt about each entity of a text, by asking a model of sentences about the parts that speak of it."""

from collections.abc import Callable, Mapping, Sequence

from argosy.core.opinion import SENTIMENTS, About
from argosy.opinion.entities.clauses import Turn, parts
from argosy.opinion.entities.find import Spans

Chances = Callable[[Sequence[str]], list[Mapping[str, float]]]
"""A model of sentences: by text the chance of each sentiment."""
Mentions = Sequence[tuple[str, Spans]]
_RANKED = 0.8  # the chance of what a comparison says outright; no data stand behind it, and it is not calibrated
_TOLD: Mapping[Turn, str] = {"above": "positive", "below": "negative"}
_OTHER: Mapping[str, str] = {"negative": "positive", "positive": "negative"}


def felt(
    texts: Sequence[str], mentions: Sequence[Mentions], chances: Chances, whole: Sequence[Mapping[str, float]]
) -> list[tuple[About, ...]]:
    """For each text what is felt about each entity that it mentions; ``whole`` are the chances of the whole texts.

    A text with one entity, or whose parts say the same of all, has those of the whole for each. The model is asked
    about all other parts at once, not at all where there are none.
    """
    asked = [_questions(text, found) for text, found in zip(texts, mentions, strict=True)]
    questions = list(
        dict.fromkeys(
            said for each in asked for turns in each.values() for turn, said in turns.items() if turn not in _TOLD
        )
    )
    answers = dict(zip(questions, chances(questions) if questions else [], strict=True))
    return [
        tuple(
            About(entity=entity, spans=spans, chances=_felt(each.get(entity, {}), answers) or all_of_it)
            for entity, spans in found
        )
        for each, found, all_of_it in zip(asked, mentions, whole, strict=True)
    ]


def _questions(text: str, found: Mentions) -> dict[str, dict[Turn, str]]:
    """By entity and turn what is asked; none where the whole text says it."""
    if len(found) < 2:  # noqa: PLR2004 - what is felt is felt about the one
        return {}
    cut = parts(text, found)
    said: dict[str, dict[Turn, list[str]]] = {}
    for part in cut:
        said.setdefault(part.entity, {}).setdefault(part.turn, []).append(part.text)
    joined: dict[str, dict[Turn, str]] = {
        entity: {turn: _joined(pieces) for turn, pieces in turns.items()} for entity, turns in said.items()
    }
    alike = len({tuple(turns.items()) for turns in joined.values()}) == 1
    return {} if alike and len(joined) == len(found) else joined


def _joined(pieces: Sequence[str]) -> str:
    return ". ".join(pieces) if pieces[0][-1:].isascii() else "，".join(pieces)


def _felt(turns: Mapping[Turn, str], answers: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """The mean of what the parts say; nothing where there are none. What is aside counts where nothing else is said."""
    told = {turn: said for turn, said in turns.items() if turn != "aside"} or turns
    each = [_turned(answers.get(said, {}), turn) for turn, said in told.items()]
    return {label: sum(one[label] for one in each) / len(each) for label in SENTIMENTS} if each else {}


def _turned(chances: Mapping[str, float], turn: Turn) -> dict[str, float]:
    if turn in _TOLD:
        return {label: _RANKED if label == _TOLD[turn] else (1 - _RANKED) / 2 for label in SENTIMENTS}
    if turn == "aside":
        both = min(chances.get("negative", 0.0), chances.get("positive", 0.0))
        return {"negative": both, "neutral": 1 - 2 * both, "positive": both}
    return {label: chances.get(_OTHER.get(label, label) if turn == "turned" else label, 0.0) for label in SENTIMENTS}
