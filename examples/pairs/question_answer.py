"""Question → answer: a shop's facts, asked in many ways, in two languages.

Each fact is asked in training in all ways but some, which are held out: the model must know the fact from other ways
of asking. It cannot know a fact that it was never told, and says something wrong then instead of nothing: for answers
from documents that change, look the document up and answer from that.

python examples/pairs/question_answer.py    # 20 seconds on one core
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from written import Pair, fitted, parted

TEMPLATE = "{text}\n"
GOODS = {
    "lamp": ("台灯", 45, 3, "wood", "木头"),
    "kettle": ("水壶", 80, 2, "steel", "钢"),
    "chair": ("椅子", 120, 7, "oak", "橡木"),
    "mirror": ("镜子", 60, 4, "glass", "玻璃"),
    "carpet": ("地毯", 210, 9, "wool", "羊毛"),
    "basket": ("篮子", 25, 1, "straw", "稻草"),
    "clock": ("闹钟", 35, 5, "brass", "黄铜"),
    "shelf": ("书架", 150, 8, "pine", "松木"),
}
ASKED_EN = {
    "price": ("what does the {} cost?", "how much is the {}?", "price of the {}?", "tell me the price of the {}"),
    "days": (
        "when will the {} arrive?",
        "how long does the {} take?",
        "delivery of the {}?",
        "how many days for the {}?",
    ),
    "stuff": ("what is the {} made of?", "which material is the {}?", "material of the {}?", "what stuff is the {}?"),
}
ASKED_ZH = {
    "price": ("{}多少钱？", "{}的价格是多少？", "请问{}卖多少钱？", "我想知道{}的价钱"),
    "days": ("{}几天能到？", "{}要送多久？", "请问{}什么时候送到？", "我想知道{}的送货时间"),
    "stuff": ("{}是什么做的？", "{}用什么材料？", "请问{}是什么材质？", "我想知道{}的材料"),
}


def pairs() -> Iterator[Pair]:
    """Every fact in every way of asking."""
    for name, (zh, price, days, stuff, stuff_zh) in GOODS.items():
        en = {"price": f"{price} yuan", "days": f"in {days} days", "stuff": f"it is made of {stuff}"}
        cn = {"price": f"{price}元", "days": f"{days}天送到", "stuff": f"是{stuff_zh}做的"}
        for fact, answer in en.items():
            yield from ((way.format(name), answer) for way in ASKED_EN[fact])
            yield from ((way.format(zh), cn[fact]) for way in ASKED_ZH[fact])


def main(folder: Path, epochs: int = 30) -> None:
    """Train on four in five questions, choose on a tenth, measure on a tenth."""
    print(*fitted(parted(list(pairs())), folder, template=TEMPLATE, epochs=epochs), sep="\n")


if __name__ == "__main__":
    with TemporaryDirectory() as aside:
        main(Path((sys.argv[1:] or [aside])[0]))
