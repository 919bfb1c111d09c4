"""Near-duplicates: how many planted ones are found, how often chance is taken for one, rows a second and memory.

    python -m benchmarks.data.near_duplicates [--quick]

Real Chinese reviews and English tweets are copied with one kind of change each (of 20 letters and digits or more, of
ten words or more where a word changes; a Chinese word is two characters) and looked for in the pool of all originals,
and as held-out rows against the originals as training rows. Then a million rows made of thirds of real lines (seeded;
100,000 with ``--quick``) are clustered with copies planted among them; their texts stand in a file, not in memory.
Goal: every kind found with .99 or more.
"""

import os
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from benchmarks.measuring import arguments, note, tell
from benchmarks.texts.real_texts import draw
from numpy.typing import NDArray

from argosy.data.near import THRESHOLD, clusters, leaks_between, similarity
from argosy.data.sketch import SHORT, SKETCH, normal, sketches
from argosy.evaluate.intervals import wilson

SEED, BATCH = 11, 10_000
LONG, WORDS = 20, 10  # letters and digits, words
EMOJI = "😀👍🎉❤️😡"
MARKS = {"zh": "，。！…～？", "en": ",.!;?-"}
Change = Callable[[str, str, random.Random, list[str]], str]


def spelt(text: str, language: str, chance: random.Random, _: list[str]) -> str:
    """Other marks, case or width: what carries no letter."""
    others = MARKS[language]
    mended = "".join(chance.choice(others) if mark in others else mark for mark in text)
    return chance.choice([mended, mended.upper()]) + chance.choice(others) * chance.randint(1, 3)


def spaced(text: str, language: str, chance: random.Random, _: list[str]) -> str:
    """Spaces doubled in English, put anywhere in Chinese."""
    at = chance.randrange(len(text) + 1)
    return text.replace(" ", "  ") + " " if language == "en" else f"{text[:at]} {text[at:]}"


def emoji(text: str, _: str, chance: random.Random, __: list[str]) -> str:
    """Emoji in front and behind."""
    return chance.choice(EMOJI) + text + " " + chance.choice(EMOJI) * 2


def character(text: str, language: str, chance: random.Random, _: list[str]) -> str:
    """One letter replaced, inserted or left out."""
    at = chance.choice([place for place, mark in enumerate(text) if mark.isalpha()])
    new = chance.choice("的一是了我不在人们有" if language == "zh" else "etaoinshr")
    return chance.choice([text[:at] + new + text[at + 1 :], text[:at] + new + text[at:], text[:at] + text[at + 1 :]])


def digit(text: str, _: str, chance: random.Random, __: list[str]) -> str:
    """One digit replaced; nothing where there is none."""
    places = [place for place, mark in enumerate(text) if mark in "0123456789"]
    if not places:
        return text
    at = chance.choice(places)
    return text[:at] + str((int(text[at]) + chance.randint(1, 9)) % 10) + text[at + 1 :]


def word(how: str, text: str, language: str, chance: random.Random, pool: list[str]) -> str:
    """One word replaced, inserted, deleted or exchanged with the next."""
    words, other = cut(text, language), chance.choice(cut(chance.choice(pool), language))
    at = chance.randrange(len(words) - 1)
    rest = {
        "replaced": [other, *words[at + 1 :]],
        "inserted": [other, *words[at:]],
        "deleted": words[at + 1 :],
        "exchanged": [words[at + 1], words[at], *words[at + 2 :]],
    }
    return ("" if language == "zh" else " ").join([*words[:at], *rest[how]])


def framed(text: str, language: str, chance: random.Random, _: list[str]) -> str:
    """The mark of a repost in front or behind."""
    front, behind = ("转发：", "（转）") if language == "zh" else ("RT ", " via")
    return chance.choice([front + text, text + behind])


def truncated(text: str, _: str, __: random.Random, ___: list[str]) -> str:
    """Without its last tenth."""
    return text[: len(text) - len(text) // 10]


CHANGES: dict[str, Change] = {
    "marks_case": spelt,
    "spaces": spaced,
    "emoji": emoji,
    "character": character,
    "digit": digit,
    **{f"word_{how}": partial(word, how) for how in ("replaced", "inserted", "deleted", "exchanged")},
    "frame": framed,
    "truncation": truncated,
}


def cut(text: str, language: str) -> list[str]:
    """The words of a text; in Chinese two characters each."""
    return [text[at : at + 2] for at in range(0, len(text), 2)] if language == "zh" else text.split() or [text]


def fits(kind: str, text: str, language: str) -> bool:
    """Whether a change of this kind leaves a near-duplicate by what the module's docstring asks."""
    if kind in {"marks_case", "spaces", "emoji"}:
        return True
    form = normal([text])[0]
    long = len(form.replace(" ", "")) >= LONG and (not kind.startswith("word") or len(cut(form, language)) >= WORDS)
    return long and "://" not in text and "www." not in text  # a broken link is text


def planted(kind: str, language: str, pool: list[str], count: int) -> tuple[list[int], list[str]]:
    """Up to ``count`` originals (their places in the pool) and a changed copy of each."""
    chance = random.Random(f"{SEED} {kind} {language}")
    places = [place for place, text in enumerate(pool) if fits(kind, text, language)]
    chosen = chance.sample(places, min(2 * count, len(places)))
    copies = [(place, CHANGES[kind](pool[place], language, chance, pool)) for place in chosen]
    changed = [(place, copy) for place, copy in copies if copy != pool[place]][:count]
    return [place for place, _ in changed], [copy for _, copy in changed]


def share(found: int, of: int) -> dict[str, float | int]:
    """A share with its Wilson interval."""
    interval = wilson(found, of)
    return {"value": found / of, "low": round(interval.low, 4), "high": round(interval.high, 4), "of": of}


def recall(pools: dict[str, list[str]], count: int) -> dict[str, dict[str, object]]:
    """By language and kind: the share found inside the pool and across splits."""
    figures: dict[str, dict[str, object]] = {}
    for language, pool in pools.items():
        drawn = sketches(pool)
        for kind in CHANGES:
            places, copies = planted(kind, language, pool, count)
            both, texts = np.concatenate([drawn, sketches(copies)]), [*pool, *copies]
            first = clusters(both, lambda rows, texts=texts: [texts[row] for row in rows])
            inside = int((first[places] == first[len(pool) :]).sum())
            found = leaks_between(
                both[len(pool) :],
                drawn,
                lambda rows, copies=copies: [copies[row] for row in rows],
                lambda rows, pool=pool: [pool[row] for row in rows],
            )
            across = len(np.unique(found["held_out"]))
            figures.setdefault(language, {})[kind] = {
                "inside": share(inside, len(copies)),
                "across": share(across, len(copies)),
            }
            note(f"{language} {kind}: {inside / len(copies):.4f} {across / len(copies):.4f} of {len(copies)}")
    return figures


def chance(pools: dict[str, list[str]], count: int) -> dict[str, dict[str, float | int]]:
    """How many random pairs of different texts of one language are called near."""
    draws = random.Random(SEED)
    return {
        language: share(sum(similarity(*draws.sample(pool, 2)) >= THRESHOLD for _ in range(count)), count)
        for language, pool in pools.items()
    }


class Lines:
    """Texts in a file: written once, read by their numbers."""

    def __init__(self, path: Path, texts: Iterator[str]) -> None:
        ends = [0]
        with path.open("wb") as file:
            for text in texts:
                ends.append(ends[-1] + file.write(text.encode()))
        self.ends = np.array(ends, np.int64)
        self.file = os.open(path, os.O_RDONLY)

    def __len__(self) -> int:
        return len(self.ends) - 1

    def texts(self, rows: NDArray[np.int64]) -> list[str]:
        """The texts of these rows."""
        starts, stops = self.ends[rows].tolist(), self.ends[rows + 1].tolist()
        return [os.pread(self.file, stop - start, start).decode() for start, stop in zip(starts, stops, strict=True)]


def mixture(pools: dict[str, list[str]], rows: int) -> Iterator[str]:
    """Thirds of real lines put together, the languages in turn, and changed copies of some at the end."""
    draws = random.Random(SEED)
    kept: list[tuple[str, str]] = []
    languages = list(pools)
    kinds = list(CHANGES)
    for row in range(rows):
        language = languages[row % len(languages)]
        first, second, third = draws.sample(pools[language], 3)
        text = first[: len(first) // 3] + second[len(second) // 3 : -len(second) // 3] + third[-len(third) // 3 :]
        if row % 100 < len(languages) and fits("word", text, language):
            kept.append((language, text))
        yield text
    for number, (language, text) in enumerate(kept):
        yield CHANGES[kinds[number % len(kinds)]](text, language, draws, pools[language])


def large(pools: dict[str, list[str]], rows: int) -> dict[str, object]:
    """Rows a second and peak memory of clustering a large file, and the planted copies found in it."""
    with tempfile.TemporaryDirectory() as folder:
        lines = Lines(Path(folder) / "texts", mixture(pools, rows))
        before = peak_gb()
        start, busy = time.perf_counter(), time.process_time()
        batches = (np.arange(at, min(at + BATCH, len(lines))) for at in range(0, len(lines), BATCH))
        drawn = np.empty(len(lines), SKETCH)
        for batch in batches:
            drawn[batch] = sketches(lines.texts(batch))
        sketched = time.perf_counter() - start
        first = clusters(drawn, lines.texts)
        whole, busy = time.perf_counter() - start, time.process_time() - busy
    originals = first[rows:]
    return {
        "rows": len(lines),
        "rows_per_second": round(len(lines) / whole),
        "rows_per_processor_second": round(len(lines) / busy),
        "sketches_per_second": round(len(lines) / sketched),
        "peak_memory_gb": round(peak_gb(), 3),
        "memory_before_gb": round(before, 3),
        "sketch_bytes_per_row": drawn.dtype.itemsize,
        "found": share(int((originals < rows).sum()), len(originals)),
        "largest_cluster": int(np.bincount(first).max()),
        "near": int((first != np.arange(len(first))).sum()),
    }


def peak_gb() -> float:
    """The largest resident size of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main(*, quick: bool) -> None:
    """Measure recall, chance and size."""
    rows = 2_000 if quick else 8_000
    lines = {language: [row.text for row in draw(name, 50_000, SEED)] for language, name in SETS.items()}
    pools = {language: texts[:rows] for language, texts in lines.items()}
    scale = large(lines, 100_000 if quick else 1_000_000)
    note(str(scale))
    found = recall(pools, 500 if quick else 4_000)
    worst = min(side["value"] for kinds in found.values() for kind in kinds.values() for side in kind.values())  # type: ignore[attr-defined]
    tell(
        "near_duplicates",
        {
            "worst": worst,
            "recall": found,
            "near_by_chance": chance(pools, 20_000 if quick else 200_000),
            "large": scale,
            "shortest_compared": SHORT,
        },
        packages=("numpy", "rapidfuzz"),
    )


SETS = {"zh": "reviews", "en": "tweets"}

if __name__ == "__main__":
    main(quick=arguments(__doc__).quick)
