"""Reposts: whether planted ones become one story, and texts that merely look alike do not.

    python -m benchmarks.opinion.reposts [--quick]

Real Chinese reviews and English tweets, less those that are near another of them (half of the characters). Of some
three reposts each are planted (``edits``), among the others and among what is no repost: frames with other facts, real
texts with another number, quotes under comments, halves of two texts. All come in a seeded order, so a story may begin
with a repost. Stories are told as the log tells them: a post with a known digest belongs to its story; else those with
which it shares most bands, eight at most, are compared, each by its first text; a band knows eight stories, and a new
one takes another's place at random. Precision and recall are of pairs in one story, with intervals over stories and
over originals. Peers: digests of the texts and of the normal forms, MinHash alone (128 functions at .8 and .5, pairs
that share a band), and ``data.near`` at .9 and .8; most of what they take wrongly are the frames. Then 100,000 posts of
a bot, each with another mention, link, emoji, code, tag, typo or mark, as one flood. The rules were written on texts
and edits of another seed.
"""

import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import Any

import numpy as np
from benchmarks.measuring import arguments, note, tell
from benchmarks.opinion.edits import BOT, EDITS, LAST, frames, halves, quoted, renumbered, repost
from benchmarks.texts.real_texts import draw

from argosy.data.near import clusters, similarity
from argosy.data.sketch import normal, signatures
from argosy.data.sketch import sketches as near_sketches
from argosy.evaluate.intervals import around, wilson
from argosy.evaluate.metrics import Ratios
from argosy.opinion.stories.bare import bare
from argosy.opinion.stories.sketch import NEAR, same, sketches

SEED, COMPARED, SLOTS, APART = 23, 8, 8, 0.5
LONG = {"zh": 24, "en": 48}  # letters and digits of what is reposted, links, mentions and hashtags aside
_NAMED = re.compile(r"[@#]\S+|https?://\S+")
SETS = {"zh": "reviews", "en": "tweets"}
REPOSTS = 3


def stories(texts: Sequence[str]) -> tuple[list[int], dict[str, float]]:
    """The story of each text, numbered by its first text, and how many were compared and met by a text."""
    drawn = sketches(texts)
    by_digest: dict[str, int] = {}
    by_band: dict[int, dict[int, int]] = defaultdict(dict)
    slots = random.Random(SEED)
    found: list[int] = []
    compared = met = 0
    for at, (text, drawing) in enumerate(zip(texts, drawn, strict=True)):
        story = by_digest.get(drawing.digest)
        if story is None:
            shared = Counter(first for band in drawing.bands for first in by_band[band].values())
            met += len(shared)
            for first, _ in shared.most_common(COMPARED):
                compared += 1
                if same(text, texts[first]):
                    story = first
                    break
            else:
                story, slot = at, slots.randrange(SLOTS)
                for band in drawing.bands:
                    by_band[band][slot] = at
            by_digest[drawing.digest] = story
        found.append(story)
    return found, {"compared": compared / len(texts), "met": met / len(texts)}


def by_value(values: Iterable[Any]) -> list[int]:
    """Texts of an equal value are one."""
    numbers: dict[Any, int] = defaultdict(count().__next__)
    return [numbers[value] for value in values]


def minhash(texts: Sequence[str], bands: int, rows: int) -> list[int]:
    """Texts that share a band are one, and theirs are too."""
    long, columns = signatures([form.replace(" ", "") for form in normal(texts)], bands, rows)
    parent = list(range(len(texts)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    first: dict[tuple[int, int], int] = {}
    for row, values in zip(long.tolist(), columns[:, :bands].tolist(), strict=True):
        for column, value in enumerate(values):
            parent[root(row)] = root(first.setdefault((column, value), row))
    return [root(at) for at in range(len(texts))]


def near(texts: Sequence[str], threshold: float) -> list[int]:
    """The clusters of ``data.near``."""
    return clusters(near_sketches(texts), lambda rows: [texts[row] for row in rows], threshold).tolist()


PEERS: dict[str, Callable[[Sequence[str]], list[int]]] = {
    "equal": by_value,
    "equal_normal": lambda texts: by_value(normal(texts)),
    "minhash_8": lambda texts: minhash(texts, 9, 13),
    "minhash_5": lambda texts: minhash(texts, 25, 5),
    "near_9": lambda texts: near(texts, 0.9),
    "near_8": lambda texts: near(texts, 0.8),
}


class Planted:
    """Texts, the story each belongs to in truth, and what each is."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, int, str, str]] = []

    def add(self, text: str, story: int, kind: str, original: str = "") -> None:
        """One text; ``original`` is what it reposts."""
        self.rows.append((text, story, kind, original))


def planted(language: str, *, quick: bool) -> list[tuple[str, int, str, str]]:
    """Text, true story, kind and original of everything, in the order it comes."""
    size, some = (3_000, 300) if quick else (24_000, 2_500)
    chance = random.Random(f"{SEED} {language}")
    pool = apart([row.text for row in draw(SETS[language], size, SEED)])
    fit = [text for text in pool if len(normal([_NAMED.sub("", text)])[0].replace(" ", "")) >= LONG[language]]
    reposted, numbered = fit[:some], [text for text in fit[some:] if renumbered(text, chance) != text][: some // 5]
    found, story, kinds = Planted(), count(), list(EDITS)
    for number, text in enumerate(reposted):
        own = next(story)
        found.add(text, own, "original")
        for copy in range(REPOSTS):
            edited, made = repost(text, language, chance, kinds[(REPOSTS * number + copy) % len(kinds)])
            found.add(edited, own, "+".join(made), text)
    for text in frames(language, some // 20, chance):
        found.add(text, next(story), "frame")
    for text in chance.sample(reposted, some // 5):
        found.add(quoted(_NAMED.sub("", chance.choice(fit)), text, language), next(story), "quote")
    for text in numbered:
        found.add(renumbered(text, chance), next(story), "other number")
    for _ in range(some // 5):
        found.add(halves(*chance.sample(fit, 2)), next(story), "halves")
    for text in set(pool).difference(reposted):
        found.add(text, next(story), "other")
    found.rows.sort()  # a set has no order of its own
    chance.shuffle(found.rows)
    return found.rows


def apart(texts: Sequence[str]) -> list[str]:
    """Those that no other one is near to, links, mentions and hashtags aside: who reposts whom is known of the rest."""
    first = near([_NAMED.sub("", text) for text in texts], APART)
    return [text for at, text in enumerate(texts) if first[at] == at]


def judged(truth: Sequence[int], said: Sequence[int]) -> dict[str, dict[str, float | int]]:
    """Precision over the stories that are told, and recall over those that are true, of pairs."""
    both = Counter(zip(truth, said, strict=True))
    return {
        "precision": _pairs(both, said, 1),
        "recall": _pairs(both, truth, 0),
    }


def _pairs(both: Counter[tuple[int, int]], of: Sequence[int], side: int) -> dict[str, float | int]:
    sizes = Counter(of)
    right: Counter[int] = Counter()
    for pair, number in both.items():
        right[pair[side]] += number * (number - 1) // 2
    large = [one for one, size in sizes.items() if size > 1]
    if not large:
        return {"value": 1.0, "low": 0.0, "high": 1.0, "of": 0}
    over = np.array([[right[one]] for one in large], np.float64)
    under = np.array([[sizes[one] * (sizes[one] - 1) // 2] for one in large], np.float64)
    found = around(Ratios(over=over, under=under), seed=SEED)
    return {
        "value": round(found.value, 5),
        "low": round(found.low, 5),
        "high": round(found.high, 5),
        "of": int(under.sum()),
    }


def by_kind(rows: Sequence[tuple[str, int, str, str]], said: Sequence[int]) -> dict[str, dict[str, float | int]]:
    """By edit the share of reposts that are in the story that holds most of theirs, and the others that are in one."""
    members: dict[int, Counter[int]] = defaultdict(Counter)
    for (_, story, _, _), told in zip(rows, said, strict=True):
        members[story][told] += 1
    sizes = Counter(said)
    hits: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for (_, story, kind, _), told in zip(rows, said, strict=True):
        most, often = members[story].most_common(1)[0]
        alone = sizes[told] == 1
        right = (told == most and often > 1) if sum(members[story].values()) > 1 else alone
        for name in kind.split("+"):
            hits[name][0] += right
            hits[name][1] += 1
    return {kind: {"right": round(right / of, 4), "of": of} for kind, (right, of) in sorted(hits.items())}


def meeting(rows: Sequence[tuple[str, int, str, str]]) -> dict[str, float | int]:
    """How many reposts that are alike to ``NEAR`` share a digest or a band with their original."""
    pairs = [(text, original) for text, _, kind, original in rows if original]
    alike = [(text, one) for text, one in pairs if similarity(bare(text), bare(one)) >= NEAR]
    ours, theirs = sketches([one for one, _ in alike]), sketches([other for _, other in alike])
    met = sum(
        one.digest == other.digest or bool({*one.bands} & {*other.bands})
        for one, other in zip(ours, theirs, strict=True)
    )
    found = wilson(met, len(alike))
    return {"value": round(found.value, 5), "low": round(found.low, 5), "high": round(found.high, 5), "of": len(alike)}


FLOODED = {
    "en": "Everybody at {x} is selling this coin before the listing tomorrow, get it while it is cheap",
    "zh": "大家都在抢购这款新币，明天上市之前价格还会翻倍，现在入手还来得及，名额有限先到先得，错过再等一年",
}


def flood(language: str, posts: int) -> dict[str, float | int]:
    """How many stories a bot's posts become, and in what time."""
    chance = random.Random(f"{SEED} flood {language}")
    text = FLOODED[language].replace("{x}", "work")
    texts = []
    for number in range(posts):
        copy = text
        for kind in sorted(chance.sample(list(BOT), 2), key=LAST.count):
            copy = BOT[kind](copy, language, chance)
        code = "".join(chance.choices("abcdef0123456789", k=8))
        texts.append(f"{copy} {chance.choice([f'[{number}]', f'@u{number}', f'#{code}', f'https://t.co/{code}'])}")
    start = time.process_time()
    said, cost = stories(texts)
    busy = time.process_time() - start
    return {
        "posts": posts,
        "stories": len(set(said)),
        "seconds": round(busy, 2),
        "compared": round(cost["compared"], 3),
    }


def speed(language: str) -> int:
    """Sketches a second and core, of texts cut to 100 characters."""
    texts = [(row.text * 9)[:100] for row in draw(SETS[language], 10_000, SEED)]
    sketches(texts[:100])
    start = time.process_time()
    sketches(texts)
    return round(len(texts) / (time.process_time() - start))


def main(*, quick: bool) -> None:
    """Measure all of it by language."""
    figures: dict[str, Any] = {
        name: {} for name in ("ours", "kinds", "meet", "cost", "peers", "flood", "per_second", "rows")
    }
    for language in SETS:
        rows = planted(language, quick=quick)
        texts, truth = [row[0] for row in rows], [row[1] for row in rows]
        said, cost = stories(texts)
        figures["rows"][language] = dict(Counter("repost" if row[3] else row[2] for row in rows))
        figures["ours"][language] = judged(truth, said)
        figures["cost"][language] = {name: round(value, 3) for name, value in cost.items()}
        figures["kinds"][language] = by_kind(rows, said)
        figures["meet"][language] = meeting(rows)
        note(f"{language} ours {figures['ours'][language]} {figures['meet'][language]} {cost}")
        for name, peer in PEERS.items():
            figures["peers"].setdefault(name, {})[language] = judged(truth, peer(texts))
            note(f"{language} {name} {figures['peers'][name][language]}")
        figures["flood"][language] = flood(language, 5_000 if quick else 100_000)
        figures["per_second"][language] = speed(language)
        note(f"{language} {figures['flood'][language]} {figures['per_second'][language]}")
    tell("reposts", figures, packages=("numpy", "rapidfuzz", "opencc"))


if __name__ == "__main__":
    main(quick=arguments(__doc__).quick)
