"""Synthetic service dialogues to mine, seeded and called so: questions and what people answered to them.

    python -m benchmarks.support.dialogues ../data/banking77 --language en --pairs 10000 --out dialogues.jsonl

English: the customers' questions are the real ones of Banking77 (Casanueva et al. 2020); everything else, above all the
answers of an invented bank, is composed. Chinese: 42 intents of an invented shop, all of it composed of phrases. Beside
the rows a second file tells what was planted in each turn, which nothing may learn from.
"""

import argparse
import csv
import json
import random
from collections.abc import Iterable, Sequence
from itertools import cycle, islice
from pathlib import Path

from benchmarks.support.shop import Asked, Intent, Said, composed, dialogues, intents

from argosy.core.knowledge import Spoken

HERE = Path(__file__).parent
SEED = 20261122


def english(folder: Path, pairs: int, seed: int = SEED, held_out: float = 0.0) -> list[list[Said]]:
    """Dialogues with so many of the training questions of Banking77, each once before any is asked again."""
    draw = random.Random(seed)
    kept, _ = parted(intents(HERE / "banking.toml"), held_out, seed)
    by_name = {intent.name: intent for intent in kept}
    rows = [Asked(intent=by_name[name], text=text) for text, name in banking(folder / "train.csv") if name in by_name]
    draw.shuffle(rows)
    return list(dialogues(draw, "en", list(islice(cycle(rows), pairs)), kept))


def chinese(pairs: int, seed: int = SEED, held_out: float = 0.0) -> list[list[Said]]:
    """Dialogues with so many questions to the Chinese shop, its intents as often as each other."""
    draw = random.Random(seed)
    kept, _ = parted(intents(HERE / "shop.zh.toml"), held_out, seed)
    rows = [composed(draw, "zh", intent) for intent in islice(cycle(kept), pairs)]
    draw.shuffle(rows)
    return list(dialogues(draw, "zh", rows, kept))


def parted(every: Sequence[Intent], held_out: float, seed: int) -> tuple[list[Intent], list[Intent]]:
    """The intents that dialogues speak of, and those held out, drawn by the seed."""
    drawn = {intent.name for intent in random.Random(seed).sample(list(every), round(held_out * len(every)))}
    return [one for one in every if one.name not in drawn], [one for one in every if one.name in drawn]


def banking(path: Path) -> list[tuple[str, str]]:
    """The questions of a file of Banking77 with their intents."""
    with path.open(encoding="utf-8", newline="") as file:
        return [(" ".join(row["text"].split()), row["category"]) for row in csv.DictReader(file)]


def spoken(held: Iterable[Sequence[Said]]) -> list[Spoken]:
    """The turns as they are mined: nothing of what was planted is told."""
    return [
        Spoken(
            dialogue=turn.dialogue,
            index=turn.index,
            speaker=turn.speaker,
            text=turn.text,
            name=turn.name,
            at=int(turn.at.timestamp() * 1_000_000),
        )
        for dialogue in held
        for turn in dialogue
    ]


def main() -> None:
    """Write the rows, and beside them what was planted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, help="the folder of Banking77, for English")
    parser.add_argument("--language", choices=("en", "zh"), default="en")
    parser.add_argument("--pairs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--held-out", type=float, default=0.0, help="share of the intents that no dialogue speaks of")
    parser.add_argument("--out", type=Path, default=Path("dialogues.jsonl"))
    told = parser.parse_args()
    if told.language == "en" and told.data is None:
        parser.error("English needs the folder of Banking77")
    if told.language == "en":
        held = english(told.data, told.pairs, told.seed, told.held_out)
    else:
        held = chinese(told.pairs, told.seed, told.held_out)
    turns = [turn for dialogue in held for turn in dialogue]
    _write(told.out, ({**_row(turn), "text": turn.text} for turn in turns))
    planted = ({**_row(turn), "intent": turn.intent, "planted": turn.planted} for turn in turns if turn.intent)
    _write(told.out.with_suffix(".planted.jsonl"), planted)


def _row(turn: Said) -> dict[str, str]:
    at = turn.at.isoformat(timespec="seconds")
    return {"dialogue": turn.dialogue, "speaker": turn.speaker, "name": turn.name, "time": at}


def _write(path: Path, rows: Iterable[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


if __name__ == "__main__":
    main()
