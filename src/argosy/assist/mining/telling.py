"""What the sides of all topics come to: stored answers, contradictions, and answers that others came after."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from argosy.assist.mining.facts import facts
from argosy.assist.mining.keys import keys_of
from argosy.assist.mining.lexical import lexical
from argosy.assist.mining.mined import Conflict, Difference, Expired, Pair, Stored
from argosy.assist.mining.sides import in_force, when
from argosy.data.sketch import normal
from argosy.data.slots import named

_NEWEST = 32  # of an answer's pairs: its words are those in the middle of these
_UNLIKE = 0.2  # cosine by words of two answers that are about different things


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Rows of pairs that one answer was given in, their templates, and in what it differs from the ``rival`` topic's.

    A side ``holds`` for its topic unless another one of the topic is in force.
    """

    rows: tuple[int, ...]
    templates: tuple[str, ...]
    topic: int
    holds: bool
    difference: Difference | None = None
    rival: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clash:
    """One question that two topics answer."""

    question: str
    kept: int
    dropped: int


def told_of(pairs: Sequence[Pair], sides: Sequence[Side]) -> tuple[list[Stored], list[Conflict], list[Expired]]:
    """Stored answers, one a side in their order; contradictions; and what is superseded."""
    texts = [_middle(pairs, side) for side in sides]
    clashes, lost = _clashes(pairs, sides)
    stored = [
        _stored(pairs, side, text, _questions(pairs, sides, side, lost))
        for side, text in zip(sides, texts, strict=True)
    ]
    holding = {side.topic: answer for side, answer in zip(sides, stored, strict=True) if side.holds}
    conflicts: list[Conflict] = []
    expired: list[Expired] = []
    for side, answer in zip(sides, stored, strict=True):
        if side.difference is not None:
            question = pairs[side.rows[-1]].question
            conflicts.append(_conflict(question, holding[side.rival], answer, side.difference))
            expired += [] if side.holds else [_superseded(answer, holding[side.rival])]
    for clash in clashes:
        kept, answer = holding[clash.kept], holding[clash.dropped]
        conflicts.append(_conflict(clash.question, kept, answer, "different"))
        if not answer.keys:
            expired.append(_superseded(answer, kept))
    return stored, conflicts, list({one.id: one for one in expired}.values())


def language_of(text: str) -> str:
    """``zh`` where Chinese characters outweigh the words in Latin letters, else ``en``."""
    han = sum("\u3400" <= character <= "\u9fff" for character in text)
    words = sum(word[:1].isascii() and word[:1].isalpha() for word in text.split())
    return "zh" if han > words else "en"


def _stored(pairs: Sequence[Pair], side: Side, text: str, questions: Sequence[str]) -> Stored:
    times = [at for row in side.rows if (at := pairs[row].at) is not None]
    return Stored(
        id=f"ans_{hashlib.sha256(text.encode()).hexdigest()[:16]}",  # letters first: no number to Excel
        text=text,
        keys=keys_of(questions),
        slots=named(text),
        given=len(side.rows),
        agents=tuple(sorted({name for row in side.rows if (name := pairs[row].agent)})),
        language=language_of(text),
        first=min(times, default=None),
        last=max(times, default=None),
    )


def _questions(pairs: Sequence[Pair], sides: Sequence[Side], side: Side, lost: set[int]) -> list[str]:
    """The questions of a side; what holds answers those of its whole topic, but for those lost to other topics."""
    if not side.holds:
        return [pairs[row].question for row in side.rows]
    of = (row for other in sides if other.topic == side.topic for row in other.rows)
    return [pairs[row].question for row in of if row not in lost]


def _middle(pairs: Sequence[Pair], side: Side) -> str:
    """Of the newest templates the one that has most in common with the others; of equals the one given most often."""
    newest = sorted(range(len(side.rows)), key=lambda at: when(pairs[side.rows[at]]), reverse=True)[:_NEWEST]
    often = Counter(side.templates[at] for at in newest)
    texts = sorted(often)
    vectors = lexical(texts)
    shared = vectors @ (vectors * np.array([[often[text]] for text in texts], np.float32)).sum(axis=0)
    best = max(range(len(texts)), key=lambda at: (round(float(shared[at]), 4), often[texts[at]], -at))
    return texts[best]


def _clashes(pairs: Sequence[Pair], sides: Sequence[Side]) -> tuple[list[_Clash], set[int]]:
    """Questions that several topics answer, once a pair of topics, and the rows whose topic is not the newer one."""
    asked: dict[str, dict[int, list[int]]] = {}
    forms = normal([pair.question for pair in pairs])
    for side in sides:
        for row in side.rows:
            asked.setdefault(forms[row], {}).setdefault(side.topic, []).append(row)
    vectors = lexical([pair.answer for pair in pairs])
    lost: set[int] = set()
    found: dict[tuple[int, int], _Clash] = {}
    for _, topics in sorted(asked.items()):
        kept = list(topics)[in_force(list(topics.values()), pairs)]
        for topic, rows in topics.items():
            if topic == kept:
                continue
            lost.update(rows)
            one, other = rows[-1], topics[kept][-1]
            agree = facts(pairs[one].answer).figures & facts(pairs[other].answer).figures
            if not agree and float(vectors[one] @ vectors[other]) < _UNLIKE:
                clash = _Clash(question=pairs[one].question, kept=kept, dropped=topic)
                found.setdefault((kept, topic), clash)
    return list(found.values()), lost


def _conflict(question: str, kept: Stored, dropped: Stored, apart: Difference) -> Conflict:
    return Conflict(
        question=question,
        kept=kept.id,
        kept_text=kept.text,
        kept_at=kept.last,
        dropped=dropped.id,
        dropped_text=dropped.text,
        dropped_at=dropped.last,
        difference=apart,
    )


def _superseded(answer: Stored, kept: Stored) -> Expired:
    return Expired(id=answer.id, text=answer.text, reason="superseded", told=kept.id)
