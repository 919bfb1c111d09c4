"""Chinese ↔ English: one small model for both ways, told by the first words which one is wanted.

The sentences have one form, of a few dozen words; the test has sentences that training never saw, of words that it
did. That shows the way; translating real text takes a base model that knows both languages, or millions of pairs.

python examples/pairs/translate.py    # 25 seconds on one core
"""

import random
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from written import Pair, fitted, parted_by_answer

TEMPLATE = "{text}\n"
COUNT = 300  # sentences of the 600 that can be made
COLORS = {"red": "红色", "blue": "蓝色", "green": "绿色", "white": "白色", "black": "黑色"}
THINGS = {"book": "书", "cup": "杯子", "lamp": "台灯", "cat": "猫", "bag": "包", "hat": "帽子"}
PLACES = {
    "on the table": "桌子上",
    "under the bed": "床下",
    "in the room": "房间里",
    "near the door": "门旁边",
    "behind the chair": "椅子后面",
}
WHOSE = {"my": "我的", "your": "你的", "his": "他的", "her": "她的"}


def pairs(seed: int = 7) -> Iterator[Pair]:
    """Sentences drawn at random, each both ways."""
    made = list(product(WHOSE, COLORS, THINGS, PLACES))
    for whose, color, thing, place in random.Random(seed).sample(made, COUNT):
        english = f"{whose} {color} {thing} is {place}"
        chinese = f"{WHOSE[whose]}{COLORS[color]}{THINGS[thing]}在{PLACES[place]}"
        yield f"to Chinese: {english}", chinese
        yield f"译成英文：{chinese}", english


def main(folder: Path, epochs: int = 20) -> None:
    """Train on four in five sentences, choose on a tenth, measure on a tenth."""
    print(*fitted(parted_by_answer(list(pairs())), folder, template=TEMPLATE, epochs=epochs), sep="\n")


if __name__ == "__main__":
    with TemporaryDirectory() as aside:
        main(Path((sys.argv[1:] or [aside])[0]))
