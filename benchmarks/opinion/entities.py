"""Entities: what is felt about each of two entities of a text, on composed texts; and how fast a thousand are found.

    python -m benchmarks.opinion.entities [--quick]

The texts are synthetic (``composed``): 200 in each language, 50 of each kind. The model of sentences is a linear one of
character n-grams, trained here on English tweets (three sentiments) and Chinese reviews (two). Baseline: the sentiment
of the whole text for every entity of it. ``alone`` is how often the model is right where an entity stands alone: no
cutting of texts makes it better than that. The rules were mended after a look at texts of another seed.

What is measured is whether the rules give the model the right part to read. What it makes of how people write, no
composed text can say: a monitor marks sentiment about entities as unvalidated until its owner gives labelled texts of
their own. Then 1,000 entities, each with two aliases and a ticker, are looked for in real texts.
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from benchmarks.measuring import arguments, note, tell
from benchmarks.opinion.composed import KINDS, NAMES, Composed, composed
from benchmarks.texts.real_texts import draw

from argosy.core.opinion import SENTIMENTS
from argosy.evaluate.intervals import around, matched
from argosy.evaluate.metrics import Ratios
from argosy.opinion.entities.felt import felt
from argosy.opinion.entities.find import Entities, Named

SEED = 31
SETS = {"zh": "reviews", "en": "tweets"}
EACH = 50
Ask = Callable[[Sequence[str]], list[Mapping[str, float]]]


def model(language: str, rows: int) -> Ask:
    """A linear model of character n-grams, trained on real texts of the language."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    known = draw(SETS[language], rows, SEED)
    sizes = (1, 3) if language == "zh" else (1, 5)
    features = TfidfVectorizer(analyzer="char" if language == "zh" else "char_wb", ngram_range=sizes, min_df=2)
    learnt = make_pipeline(features, LogisticRegression(C=10, max_iter=300, class_weight="balanced"))
    learnt.fit([row.text for row in known], [row.label for row in known])
    names = [str(name) for name in learnt.classes_]

    def ask(texts: Sequence[str]) -> list[Mapping[str, float]]:
        return [dict(zip(names, map(float, row), strict=True)) for row in learnt.predict_proba(list(texts))]

    return ask


def judged(language: str, rows: int) -> dict[str, Any]:
    """By rules, by the whole text, of what is said of an entity alone, and by kind of text."""
    ask, texts = model(language, rows), composed(language, EACH, SEED)
    entities = Entities([Named(name=name) for name in NAMES[language]])
    lines = [one.text for one in texts]
    whole = ask(lines)
    about = felt(lines, [entities.find(line) for line in lines], ask, whole)
    said = {
        "ours": [{one.entity: one.sentiment for one in some} for some in about],
        "whole": [dict.fromkeys(one.felt, likeliest(chances)) for one, chances in zip(texts, whole, strict=True)],
    }
    for one, told in zip(texts, said["ours"], strict=True):
        if told != one.felt:
            note(f"{language} {one.kind}: {one.text} {told}")
    apart = [(text, one.felt[name]) for one in texts for name, text in one.alone.items()]
    alone = [likeliest(chances) for chances in ask([text for text, _ in apart])]
    hits = {name: [hit(one, told) for one, told in zip(texts, some, strict=True)] for name, some in said.items()}
    better = sum(ours > plain for ours, plain in zip(hits["ours"], hits["whole"], strict=True))
    worse = sum(ours < plain for ours, plain in zip(hits["ours"], hits["whole"], strict=True))
    gained = matched(better, worse, len(texts))
    return {
        **{name: right(texts, some) for name, some in hits.items()},
        "alone": round(sum(told == true for told, (_, true) in zip(alone, apart, strict=True)) / len(apart), 4),
        "gained": {"difference": gained.value, "low": gained.low, "high": gained.high, "of": len(texts)},
        "kinds": {kind: {name: by_kind(texts, some, kind) for name, some in hits.items()} for kind in KINDS},
    }


def likeliest(chances: Mapping[str, float]) -> str:
    """The likeliest sentiment."""
    return max(SENTIMENTS, key=lambda label: chances.get(label, 0.0))


def hit(one: Composed, told: Mapping[str, str]) -> int:
    """How many of its entities are told right."""
    return sum(told.get(entity) == true for entity, true in one.felt.items())


def right(texts: Sequence[Composed], hits: Sequence[int]) -> dict[str, float | int]:
    """The share of entities that are told right, with its interval over texts."""
    under = np.array([[len(one.felt)] for one in texts], np.float64)
    found = around(Ratios(over=np.array(hits, np.float64)[:, None], under=under), seed=SEED)
    low, high = round(found.low, 4), round(found.high, 4)
    return {"value": round(found.value, 4), "low": low, "high": high, "of": int(under.sum())}


def by_kind(texts: Sequence[Composed], hits: Sequence[int], kind: str) -> float:
    """The share of one kind."""
    some = [(hits_of, len(one.felt)) for one, hits_of in zip(texts, hits, strict=True) if one.kind == kind]
    return round(sum(number for number, _ in some) / sum(of for _, of in some), 4)


def speed(language: str, rows: int) -> dict[str, float]:
    """Texts a second and core in which a thousand entities are looked for, and the mentions found in a text."""
    chance = random.Random(f"{SEED} {language}")
    lines = [row.text for row in draw(SETS[language], rows, SEED)]
    syllables = ["ka", "to", "ri", "no", "me", "lan", "ver", "tex", "cor", "dia", "sun", "pol"]
    named = []
    for number in range(1_000):
        name = "".join(chance.choices(syllables, k=3)).title() + str(number)
        chinese = "".join(chance.choices("东西南北金银铜铁山水云天海河长安华新大中", k=3))
        named.append(Named(name=name, aliases=[chinese, f"{name} Group"], tickers=[f"{600000 + number}.SH"]))
    entities = Entities(named)
    lines = [f"{line} {named[at % 1_000].name}" for at, line in enumerate(lines)]
    start = time.process_time()
    found = sum(len(entities.find(line)) for line in lines)
    return {"per_second": round(len(lines) / (time.process_time() - start)), "found": round(found / len(lines), 3)}


def main(*, quick: bool) -> None:
    """Measure both languages."""
    rows = 4_000 if quick else 20_000
    figures: dict[str, Any] = {"synthetic": True, "by": {}, "find": {}}
    for language in SETS:
        figures["by"][language] = judged(language, rows)
        figures["find"][language] = speed(language, rows)
        note(f"{language} {figures['by'][language]} {figures['find'][language]}")
    tell("entities", figures, packages=("numpy", "scikit-learn"))


if __name__ == "__main__":
    main(quick=arguments(__doc__).quick)
