"""Mining: turns in; pairs, stored answers, contradictions and expired answers out."""

import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from argosy.assist.mining.expiry import expired_of
from argosy.assist.mining.lexical import Embed, lexical, unit
from argosy.assist.mining.mined import Mined, Pair, Stored
from argosy.assist.mining.pairs import pairs_of
from argosy.assist.mining.sides import both_hold, in_force, sides_of
from argosy.assist.mining.telling import Side, language_of, told_of
from argosy.assist.mining.topics import FEW, Likeness, asked_alike, topics_of
from argosy.assist.mining.wordings import Wording, wordings_of
from argosy.core.knowledge import Entry, Spoken
from argosy.data.sketch import normal

_BY_WORDS = Likeness(both=14.0, each=3.5, spread=0.045, usual=0.03)
_BY_MEANING = Likeness(both=6.5, each=2.0, spread=0.02, usual=0.5)


def mine(turns: Sequence[Spoken], *, embed: Embed | None = None, stale_days: int = 0, now: int | None = None) -> Mined:
    """What service dialogues teach: the same whatever the order of ``turns``.

    ``embed`` turns texts into vectors, so that paraphrases meet; without it, texts meet by their words. ``now`` in
    microseconds since the epoch.
    """
    pairs, left = pairs_of(turns)
    sides = _sides(pairs, embed)
    stored, conflicts, superseded = told_of(pairs, sides)
    at = time.time_ns() // 1000 if now is None else now
    gone = {one.id for one in superseded}
    late = (expired_of(answer, at, stale_days) for answer in stored if answer.id not in gone)
    expired = [*superseded, *(one for one in late if one is not None)]
    homes = {row: answer.id for side, answer in zip(sides, stored, strict=True) for row in side.rows}
    return Mined(
        pairs=tuple(replace(pair, answer_id=homes[row]) for row, pair in enumerate(pairs)),
        answers=tuple(sorted(stored, key=lambda answer: answer.id)),
        conflicts=tuple(conflicts),
        expired=tuple(sorted(expired, key=lambda one: one.id)),
        left_out=dict(left),
    )


def entries_of(mined: Mined) -> list[Entry]:
    """The stored answers that hold, as what may be answered with, in the order of their ids."""
    gone = {one.id for one in mined.expired}
    return [entry_of(answer) for answer in mined.answers if answer.id not in gone]


def entry_of(answer: Stored) -> Entry:
    """A stored answer as a document of its own; nobody has decided about it yet."""
    return Entry(
        id=answer.id,
        kind="answer",
        text=answer.text,
        keys=answer.keys,
        document=f"answers/{answer.id}",
        title=answer.keys[0] if answer.keys else "",
        end=len(answer.text),
        language=answer.language,
        slots=answer.slots,
        at=answer.last,
    )


def _sides(pairs: Sequence[Pair], embed: Embed | None) -> list[Side]:
    if not pairs:
        return []
    wordings = wordings_of(pairs)
    home = {row: place for place, wording in enumerate(wordings) for row in wording.rows}
    templates = {row: told for one in wordings for row, told in zip(one.rows, one.templates, strict=True)}
    texts = [templates[row] for row in range(len(pairs))]
    words = lexical(texts)
    found: list[Side] = []
    for topic in _topics(pairs, wordings, texts, words, embed):
        sides = sides_of(sorted({home[row] for row in topic}), wordings, pairs, words)
        rows = [sorted(chain.from_iterable(wordings[place].rows for place in places)) for places, _ in sides]
        holds, number = in_force(rows, pairs), len(found)
        apart = next((told for _, told in sides if told is not None), None)
        for at, of in enumerate(rows):
            alone = at != holds and both_hold(sides[at][0], sides[holds][0], wordings, pairs, words)
            found.append(
                Side(
                    rows=tuple(of),
                    templates=tuple(templates[row] for row in of),
                    topic=len(found) + len(pairs) if alone else number,
                    holds=alone or at == holds,
                    difference=None if at == holds else sides[at][1] or apart,
                    rival=number,
                )
            )
    return found


def _topics(
    pairs: Sequence[Pair],
    wordings: Sequence[Wording],
    texts: Sequence[str],
    words: NDArray[np.float32],
    embed: Embed | None,
) -> list[list[int]]:
    """Rows by topic; wordings that are near-duplicates of each other are in one."""
    near: dict[int, list[int]] = {}
    for wording in wordings:
        near.setdefault(wording.near, []).extend(wording.rows)
    units = [sorted(rows) for rows in near.values()]
    questions = [pair.question for pair in pairs]
    asked, told, likeness = lexical(questions), words, _BY_WORDS
    if embed is not None and len(units) >= FEW:
        asked, told, likeness = _vectors(questions, embed), _vectors(texts, embed), _BY_MEANING
    topics = topics_of(units, asked, told, [language_of(text) for text in texts], likeness)
    return asked_alike([[row for at in topic for row in units[at]] for topic in topics], normal(questions))


def _vectors(texts: Sequence[str], embed: Embed) -> NDArray[np.float32]:
    """Unit vectors [texts, width]; equal texts are read once."""
    distinct = sorted(set(texts))
    place = {text: at for at, text in enumerate(distinct)}
    return unit(np.asarray(embed(distinct), np.float32))[[place[text] for text in texts]]
