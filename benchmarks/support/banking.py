"""An assistant over questions with intents whose out-of-scope questions are real: those of intents it was never given.

A fifth of the intents (seeded) is taken out whole. Of each intent that is left the first questions are the keys of one
stored answer and what the model of intents learns from; further ones fit the chances. All other questions are asked.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from benchmarks.measuring import note
from numpy.typing import NDArray
from platformdirs import user_cache_path

from argosy.assist.answering.candidates import candidates
from argosy.assist.guarantee.judge import Judge, Signs, fit_judge
from argosy.assist.retrieval.retriever import Retriever, fit
from argosy.assist.retrieval.snapshot import Encoder, build
from argosy.assist.understanding.understanding import Understanding
from argosy.core.artifact import digest_file
from argosy.core.knowledge import Entry
from argosy.core.records import Message
from argosy.infer.engines.embed import GRAPH, open_embedder
from argosy.project.using.encoders import encoder
from argosy.stages.support.intents import fit_intents

SEED = 7
HELD_OUT = 0.2  # of the intents
_KEYS, _FITTED = 40, 10  # questions of an intent that are keys, and that the chances are fitted on
_HERE, _ELSEWHERE = 4_000, 2_000  # questions asked, of either kind
_LOOKED = 5
Row = tuple[str, str]
"""A question and its intent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question: its intent, what the candidate was, and the chance that this is right."""

    question: str
    intent: str
    chosen: str
    chance: float

    @property
    def right(self) -> bool:
        """Whether the candidate is the intent's answer."""
        return self.chosen == self.intent


@dataclass(frozen=True, slots=True, kw_only=True)
class Banking:
    """The parts of an assistant, and the questions that it never saw: ``here`` of its intents, ``elsewhere`` others."""

    retriever: Retriever
    understanding: Understanding
    judge: Judge
    here: Sequence[Row]
    elsewhere: Sequence[Row]

    def ask(self, row: Row) -> Asked:
        """The candidate for a question, and its chance."""
        found = signs(self.retriever, self.understanding, row[0])
        chosen, chance = max(
            ((name, self.judge.chance(sign)) for name, sign in found), key=lambda one: one[1], default=("", 0.0)
        )
        return Asked(question=row[0], intent=row[1], chosen=chosen, chance=chance)


def read(folder: Path, name: str) -> list[Row]:
    """The rows of ``train.csv`` or ``test.csv``."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [(row["text"].strip(), row["category"]) for row in csv.DictReader(file)]


def prepare(train: Sequence[Row], test: Sequence[Row], base: str, *, held_out: float = HELD_OUT) -> Banking:
    """The assistant, fitted on training rows; the test rows are asked alone, with those that were not needed."""
    rng = Random(SEED)
    names = sorted({intent for _, intent in train})
    away = set(rng.sample(names, round(held_out * len(names))))
    learnt, fitted, left = _parts([row for row in train if row[1] not in away], rng)
    foreign = [row for row in (*train, *test) if row[1] in away]
    rng.shuffle(foreign)
    beside, elsewhere = foreign[: len(foreign) // 10], foreign[len(foreign) // 10 :]
    note(f"{len(names) - len(away)} intents with {len(learnt)} keys, {len(away)} held out")
    here = [*left, *(row for row in test if row[1] not in away)]
    rng.shuffle(here)
    here, elsewhere = here[:_HERE], elsewhere[:_ELSEWHERE]
    embedded = _embedded(base, [text for text, _ in (*learnt, *fitted, *beside, *here, *elsewhere)])
    snapshot = build(_entries(learnt), encoder=embedded)
    fusion, _ = fit(snapshot, [(text, {intent}) for text, intent in fitted])
    retriever = Retriever(snapshot=snapshot, fusion=fusion)
    understanding = _understanding(learnt, fitted, embedded)
    note("fitting the chances")
    judge = _judge(retriever, understanding, [*fitted, *beside])
    return Banking(retriever=retriever, understanding=understanding, judge=judge, here=here, elsewhere=elsewhere)


def signs(retriever: Retriever, understanding: Understanding, question: str) -> list[tuple[str, Signs]]:
    """The candidates for a question by the ids of their entries."""
    understood = understanding.understand([Message(role="user", content=question)])
    if not understood.questions:
        return []
    found = candidates(Judge(), retriever, understood, 0, understood.questions[0], _LOOKED)
    return [(one.entry.id, one.signs) for one in found]


def _parts(rows: Sequence[Row], rng: Random) -> tuple[list[Row], list[Row], list[Row]]:
    """Keys, rows to fit on, and those that are left, of each intent."""
    shuffled = list(rows)
    rng.shuffle(shuffled)
    parts: tuple[list[Row], list[Row], list[Row]] = ([], [], [])
    seen: dict[str, int] = {}
    for row in shuffled:
        place = seen[row[1]] = seen.get(row[1], 0) + 1
        parts[0 if place <= _KEYS else 1 if place <= _KEYS + _FITTED else 2].append(row)
    return parts


def _entries(learnt: Sequence[Row]) -> list[Entry]:
    keys: dict[str, list[str]] = {}
    for text, intent in learnt:
        keys.setdefault(intent, []).append(text)
    return [
        Entry(
            id=name, kind="answer", text=f"Answer to {name}.", keys=tuple(asked), document=f"answers/{name}", title=""
        )
        for name, asked in keys.items()
    ]


def _embedded(base: str, texts: Sequence[str]) -> Encoder:
    """The encoder, with the vectors of all texts worked out in batches beforehand."""
    place = encoder(base, Path(), user_cache_path("argosy"))
    engine = open_embedder(place)
    plain = Encoder.of(engine, digest_file(place / GRAPH))
    known: dict[str, NDArray[np.float32]] = {}
    every = [plain.query + text for text in dict.fromkeys(texts)]
    note(f"embedding {len(every)} texts")
    known.update(zip(every, engine.embed(every), strict=True))

    def embed(asked: Sequence[str]) -> NDArray[np.float32]:
        fresh = [text for text in asked if text not in known]
        known.update(zip(fresh, engine.embed(fresh), strict=True))
        return np.stack([known[text] for text in asked]) if asked else np.empty((0, plain.width), dtype=np.float32)

    return Encoder(digest=plain.digest, embed=embed, width=plain.width, query=plain.query, passage=plain.passage)


def _understanding(learnt: Sequence[Row], held: Sequence[Row], embedded: Encoder) -> Understanding:
    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        return embedded.vectors("query", texts)

    note("fitting the intents")
    texts, ids = [text for text, _ in learnt], [intent for _, intent in learnt]
    found = fit_intents(texts, ids, [text for text, _ in held], [one for _, one in held], embed=embed, seed=SEED)
    return Understanding(intents=found.model(embed).read)


def _judge(retriever: Retriever, understanding: Understanding, rows: Sequence[Row]) -> Judge:
    asked = [(intent, signs(retriever, understanding, text)) for text, intent in rows]
    return fit_judge([(found[0][1], found[0][0] == intent) for intent, found in asked if found])


def shares(asked: Sequence[Asked]) -> Mapping[str, float]:
    """Of questions: how many, and how many of their candidates are right."""
    return {"questions": len(asked), "right": round(float(np.mean([one.right for one in asked])), 4)}
