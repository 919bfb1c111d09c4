"""What is mined from synthetic dialogues whose questions, answers, changes and slips are known (``dialogues``).

Three hundred to ten thousand questions, English ones those of Banking77. A pair is right where the answer is one that
an agent gave to that very question and the customer did not refuse. Purity: the share of pairs whose stored answer is
mostly of their intent. Of the answers that were changed, or that name a day gone by, the share is told that no longer
answers anybody; and of the answers that still hold, the share that was taken out by mistake.
"""

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.measuring import note, tell
from benchmarks.support.dialogues import chinese, english, spoken
from benchmarks.support.shop import DAYS, FROM, Said

from argosy.assist.mining.mine import mine
from argosy.assist.mining.mined import Mined
from argosy.data.sketch import normal

_TAIL = 8  # characters of a question's end that tell it from another one
SIZES = (300, 1_500, 10_000)
NOW = int((FROM + timedelta(days=DAYS + 20)).timestamp() * 1e6)
Planted = Mapping[tuple[str, int], tuple[str, str]]
"""By dialogue and turn: the intent, and whether it holds ``now``, is ``old``, ``gone`` or ``wrong``."""


def main(folder: Path, sizes: Sequence[int]) -> None:
    """Mine dialogues of each language and size."""
    found: dict[str, Any] = {}
    for size in sizes:
        for language in ("en", "zh"):
            held = english(folder, size) if language == "en" else chinese(size)
            found[f"{language} {size}"] = measured(held)
            note(f"{language} {size}: {found[f'{language} {size}']}")
    tell("mining", {"runs": found, "largest": {name: found[f"{name} {max(sizes)}"] for name in ("en", "zh")}})


def measured(held: Sequence[Sequence[Said]]) -> dict[str, float]:
    """What was found of what was planted."""
    turns = spoken(held)
    begun = time.perf_counter()
    mined = mine(turns, now=NOW)
    seconds = time.perf_counter() - begun
    planted = {
        (said.dialogue, said.index): (said.intent, said.planted)
        for one in held
        for said in one
        if said.intent and said.speaker == "agent"
    }
    asked = sum(bool(said.intent) and said.speaker == "customer" for one in held for said in one)
    right = _right(mined, held, planted)
    return {
        "questions": asked,
        "precision": round(right / len(mined.pairs), 4),
        "recall": round(right / asked, 4),
        **_clusters(mined, planted),
        "seconds": round(seconds, 2),
    }


def _right(mined: Mined, held: Sequence[Sequence[Said]], planted: Planted) -> int:
    """Pairs whose answer was given to their question and not refused."""
    turns = {one[0].dialogue: one for one in held}
    count = 0
    for pair in mined.pairs:
        intent, how = planted.get((pair.dialogue, pair.index), ("", "wrong"))
        asked = [said.text for said in turns[pair.dialogue] if said.speaker == "customer" and said.intent == intent]
        question, *texts = normal([pair.question, *asked])
        count += how != "wrong" and any(question[-_TAIL:] in text or question.endswith(text) for text in texts)
    return count


def _clusters(mined: Mined, planted: Planted) -> dict[str, float]:
    of: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for pair in mined.pairs:
        of[pair.answer_id][planted.get((pair.dialogue, pair.index), ("", ""))] += 1
    intents = {name: _summed(told) for name, told in of.items()}
    mostly = {name: told.most_common(1)[0][0] for name, told in of.items()}
    expired = {one.id for one in mined.expired}
    living = [told for name, told in mostly.items() if name not in expired]
    over = {told for told in planted.values() if told[1] in ("old", "gone")} & _given(of)
    holding = {told[0] for told in planted.values()}
    return {
        "answers": len(living),
        "intents": len(holding),
        "purity": round(sum(told.most_common(1)[0][1] for told in intents.values()) / len(mined.pairs), 4),
        "over": len(over),
        "over_found": round(1 - len(over & set(living)) / max(1, len(over)), 4),
        "lost": round(1 - len(holding & {intent for intent, _ in living}) / len(holding), 4),
        "conflicts": len(mined.conflicts),
    }


def _summed(told: Counter[tuple[str, str]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for (intent, _), times in told.items():
        found[intent] += times
    return found


def _given(of: Mapping[str, Counter[tuple[str, str]]]) -> set[tuple[str, str]]:
    return {planted for told in of.values() for planted in told}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of Banking77")
    parser.add_argument("--quick", action="store_true", help="only the smaller sizes")
    given = parser.parse_args()
    main(given.data, SIZES[:2] if given.quick else SIZES)
