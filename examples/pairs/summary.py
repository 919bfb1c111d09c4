"""Text → summary: a customer's letter becomes one line of what it is about.

Letters are put together from sentences written for this example; those of the test are combinations that training
never saw. Letters in free words need a base model that was trained on much text: the way is the same, the rows and
`base=` are yours.

python examples/pairs/summary.py    # 25 seconds on one core
"""

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from written import Pair, fitted, parted_by_answer

TEMPLATE = "{text}\n"
COUNT = 600
OPENINGS = ("Hello,", "Dear team,", "Good day.", "I write again.")
THINGS = ("lamp", "kettle", "chair", "clock", "mirror", "carpet")
BOUGHT = ("the {}", "my new {}", "this {}")
FAULTS = {"came too late": "late", "is broken": "broken", "has the wrong color": "color", "makes a noise": "noise"}
WISHES = {"I want my money back": "refund", "Please send another": "exchange", "Can you repair it": "repair"}
OPENINGS_ZH = ("你好，", "客服您好，", "又来麻烦了，", "请看一下，")
THINGS_ZH = ("台灯", "水壶", "椅子", "闹钟", "镜子", "地毯")
BOUGHT_ZH = ("我买的{}", "新{}", "你们的{}")
FAULTS_ZH = {"送得太晚了": "迟到", "是坏的": "损坏", "颜色不对": "颜色", "一直有响声": "异响"}
WISHES_ZH = {"请把钱退给我": "退款", "麻烦换一个": "换货", "能修一下吗": "维修"}


def pairs(seed: int = 7) -> Iterator[Pair]:
    """Letters with their lines, half of them Chinese; fault and wish come in either order."""
    draw = random.Random(seed)
    for number in range(COUNT):
        zh = number % 2 == 0
        thing, bought = draw.choice(THINGS_ZH if zh else THINGS), draw.choice(BOUGHT_ZH if zh else BOUGHT)
        fault, why = draw.choice(list((FAULTS_ZH if zh else FAULTS).items()))
        wish, want = draw.choice(list((WISHES_ZH if zh else WISHES).items()))
        stop, blank = ("。", "") if zh else (".", " ")
        parts = [f"{bought.format(thing)}{blank}{fault}{stop}", f"{wish}{stop}"]
        draw.shuffle(parts)
        opening = draw.choice(OPENINGS_ZH if zh else OPENINGS)
        yield blank.join([opening, *parts]), f"{thing}：{why}，{want}" if zh else f"{thing}: {why}, {want}"


def main(folder: Path, epochs: int = 16) -> None:
    """Train on the letters of four in five summaries, choose on a tenth of them, measure on a tenth."""
    print(*fitted(parted_by_answer(list(pairs())), folder, template=TEMPLATE, epochs=epochs), sep="\n")


if __name__ == "__main__":
    with TemporaryDirectory() as aside:
        main(Path((sys.argv[1:] or [aside])[0]))
