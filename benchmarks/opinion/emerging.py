"""Are topics found that no model knows? Banking77, with some intents unknown, among noise.

    python -m benchmarks.opinion.emerging /path/to/banking77 [--quick]

Each time twelve intents are unknown, of 60 questions each, and stand among 300 questions of the other 65, some of each:
too few of any to be a topic (of those that are one all the same, a group counts as impure). The questions of the other
65 that are left are what known topics say. Beside it k-means over TF-IDF of words and their pairs (scikit-learn), told
that there are twelve, and all texts as one group. Purity is the share of a group's texts of its commonest intent, over
all grouped texts, with noise as an intent of its own; V-measure is that of the texts of unknown intents that were
grouped; ``same`` is k-means judged on just the texts that ours grouped. An intent is found where most of a group is of
it. Intervals are over the draws (Student's t).

Chinese, synthetic: the same with twelve intents of the sample shop (``shop.zh.toml``), 25 variants of each, among three
variants of each of the others; k-means over pairs of characters.
"""

import argparse
import csv
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from benchmarks.measuring import note, tell
from benchmarks.support.shop import intents, phrasings
from numpy.typing import NDArray
from scipy.stats import t as student
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import v_measure_score

from argosy.core.opinion import HOUR
from argosy.evaluate.intervals import Interval
from argosy.opinion.emerging.topics import Text, emerging

SEEDS = tuple(range(20))
UNKNOWN, EACH, NOISE = 12, 60, 300
LEAST = 8
VARIANTS, STRAY = 25, 3  # of an unknown intent and of each other one, in Chinese
NONE = "noise"
_NOW, _DAYS = 480_000 * HOUR, 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Texts of unknown intents and noise with the ``truth`` of each, and texts of known topics."""

    texts: Sequence[str]
    truth: Sequence[str]
    usual: Sequence[str]
    language: str = "en"


def main(folder: Path, seeds: Sequence[int]) -> None:
    """Draw, group, compare."""
    rows = read(folder / "train.csv")
    found = measured([drawn(rows, seed) for seed in seeds])
    chinese = measured([composed(seed) for seed in seeds])
    begun = time.perf_counter()
    groups = emerging(posted([text for text, _ in rows][:10_000]), now=_NOW, least=LEAST)
    took = round(time.perf_counter() - begun, 2)
    tell(
        "emerging",
        {
            "seeds": list(seeds),
            "texts": UNKNOWN * EACH + NOISE,
            **found,
            "zh": chinese,
            "seconds": took,
            "groups_of_10000": len(groups),
        },
        packages=("numpy", "scipy", "scikit-learn"),
    )


def measured(scenes: Sequence[Scene]) -> dict[str, Any]:
    """The figures of each way over the scenes, and what ours gains over k-means on the same texts."""
    runs = []
    for seed, scene in enumerate(scenes):
        runs.append(compared(scene, seed))
        note(f"{scene.language} {seed}: {runs[-1]['ours']}, k-means {runs[-1]['same']}")
    gained = {name: _over([run["ours"][name] - run["same"][name] for run in runs]) for name in ("purity", "v_measure")}
    told = {name: {figure: _over([run[name][figure] for run in runs]) for figure in runs[0][name]} for name in runs[0]}
    return {**told, "gained": gained}


def read(file: Path) -> list[tuple[str, str]]:
    """Questions and their intents."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return [(row["text"].strip(), row["category"]) for row in csv.DictReader(lines)]


def drawn(rows: Sequence[tuple[str, str]], seed: int) -> Scene:
    """Some intents as unknown, some questions of the others as noise."""
    rng = Random(seed)
    unknown = set(rng.sample(sorted({intent for _, intent in rows}), UNKNOWN))
    mixed = rng.sample(rows, len(rows))
    taken: Counter[str] = Counter()
    here: list[tuple[str, str]] = []
    others = []
    for text, intent in mixed:
        if intent not in unknown:
            others.append(text)
        elif taken[intent] < EACH:
            taken[intent] += 1
            here.append((text, intent))
    here += [(text, NONE) for text in others[:NOISE]]
    rng.shuffle(here)
    return Scene(texts=[text for text, _ in here], truth=[intent for _, intent in here], usual=others[NOISE:])


def composed(seed: int) -> Scene:
    """Chinese questions of the sample shop: some intents in many variants, the others in a few."""
    rng = Random(seed)
    known = intents(Path(__file__).parents[1] / "support" / "shop.zh.toml")
    unknown = set(rng.sample(sorted(one.name for one in known), UNKNOWN))
    here: list[tuple[str, str]] = []
    for one in known:
        kind, most = (one.name, VARIANTS) if one.name in unknown else (NONE, STRAY)
        ways = sorted(set(phrasings(one)))
        here += [(text, kind) for text in rng.sample(ways, min(most, len(ways)))]
    rng.shuffle(here)
    return Scene(texts=[text for text, _ in here], truth=[kind for _, kind in here], usual=(), language="zh")


def posted(texts: Sequence[str], language: str = "en", name: str = "") -> list[Text]:
    """Texts over the days."""
    step = _DAYS * 24 * HOUR // max(1, len(texts))
    return [Text(id=f"{name}{at}", text=text, language=language, at=_NOW - at * step) for at, text in enumerate(texts)]


def compared(scene: Scene, seed: int) -> dict[str, dict[str, float]]:
    """The figures of each way."""
    usual = posted(scene.usual, scene.language, "usual-")
    groups = emerging(posted(scene.texts, scene.language), now=_NOW, usual=usual, least=LEAST)
    found = np.full(len(scene.texts), -1)
    for number, group in enumerate(groups):
        found[[int(member) for member in group.members]] = number
    ways = {"analyzer": "char"} if scene.language == "zh" else {"stop_words": "english"}
    vectors = TfidfVectorizer(ngram_range=(1, 2), min_df=2, **ways).fit_transform(scene.texts)
    means = KMeans(UNKNOWN, n_init=5, random_state=seed).fit(vectors).labels_
    one = np.zeros(len(scene.texts), int)
    truth = np.array(scene.truth)
    return {
        "ours": {**figures(found, truth, found >= 0), "groups": len(groups)},
        "kmeans": figures(means, truth, found >= 0),
        "same": figures(np.where(found >= 0, means, -1), truth, found >= 0),
        "majority": figures(one, truth, found >= 0),
    }


def figures(found: NDArray[np.int64], truth: NDArray[np.str_], same: NDArray[np.bool_]) -> dict[str, float]:
    """What a grouping is worth; ``same`` are the texts whose V-measure is told."""
    groups = [Counter(truth[found == number]) for number in np.unique(found[found >= 0])]
    core = truth != NONE
    told = same & core
    most = [group.most_common(1)[0] for group in groups]
    whole = sum(map(Counter.total, groups))
    clear = {name for (name, times), group in zip(most, groups, strict=True) if 2 * times > group.total()}
    return {
        "purity": sum(times for _, times in most) / max(1, whole),
        "v_measure": float(v_measure_score(truth[told], found[told])),
        "covered": float(np.mean(found[core] >= 0)),
        "noise": float(np.mean(found[~core] >= 0)),
        "found": len(clear - {NONE}) / UNKNOWN,
    }


def _over(values: Sequence[float]) -> Mapping[str, float]:
    """The mean of the draws with its interval."""
    mean = float(np.mean(values))
    half = float(student.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)))
    return asdict(Interval(value=round(mean, 4), low=round(mean - half, 4), high=round(mean + half, 4)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of Banking77")
    parser.add_argument("--quick", action="store_true", help="fewer draws")
    given = parser.parse_args()
    main(given.data, SEEDS[:3] if given.quick else SEEDS)
