"""Synthetic texts about two of ten entities each, with what is felt about both: seeded, composed, no real text.

They are for the rules of grammar, not for how people write. A quarter of the comparisons and some of the others say it
in ways that the rules do not know. Predicates are those of reviews of shops, airlines and hotels.
"""

import random
from typing import NamedTuple

NAMES = {
    "en": ["Northwind", "Contoso", "Initech", "Globex", "Hooli", "Vandelay", "Tyrell", "Acme", "Wonka", "Cyberdyne"],
    "zh": ["北风", "海天", "远山", "云岭", "长河", "金桥", "东湖", "星野", "白鹿", "青松"],
}
UP, DOWN = "positive", "negative"
SAID = {
    "en": {
        UP: [
            "was quick and friendly",
            "has great staff",
            "fixed it within minutes, thank you",
            "is wonderful",
            "made our trip a pleasure",
            "is amazing and cheap",
            "gave us a lovely room",
            "is the best I have tried",
            "has awesome service",
            "is simply excellent",
        ],
        DOWN: [
            "was slow and rude",
            "lost my bag again",
            "never answers the phone",
            "is terrible",
            "cancelled our trip without a word",
            "is a waste of money",
            "gave us a dirty room",
            "is the worst I have tried",
            "has horrible service",
            "is simply useless",
        ],
    },
    "zh": {
        UP: [
            "服务很好",
            "非常不错，值得推荐",
            "质量很棒",
            "环境舒适，房间干净",
            "送货很快，很满意",
            "性价比很高",
            "客服很热情",
            "特别喜欢",
            "做得很用心",
            "用起来很方便",
        ],
        DOWN: [
            "服务太差",
            "非常失望，不推荐",
            "质量很差",
            "环境嘈杂，房间又脏又旧",
            "送货太慢，很生气",
            "根本不值这个价",
            "客服态度恶劣",
            "后悔买了",
            "做得很粗糙",
            "用了两天就坏了",
        ],
    },
}
CONTRAST = {
    "en": [
        "{a} {x}, but {b} {y}.",
        "{a} {x}. However, {b} {y}.",
        "While {a} {x}, {b} {y}.",
        "{a} {x} whereas {b} {y}",
        "{a} {x}; {b} {y}",
        "{a} {x} and {b} {y}",
        "I can say that {a} {x} though {b} {y}",
        "{a} {x} - {b} {y}",
    ],
    "zh": [
        "{a}{x}，但{b}{y}。",
        "{a}{x}，然而{b}{y}",
        "虽然{a}{x}，可是{b}{y}",
        "{a}{x}，而{b}{y}",
        "{a}{x}，反而{b}{y}",
        "{a}{x}；{b}{y}",
        "{a}{x} {b}{y}",
        "{a}{x}，{b}就不一样了，{y}",
    ],
}
COMPARED = {
    "en": [
        "{a} is better than {b}",
        "I prefer {a} to {b}",
        "{b} is worse than {a}",
        "{a} beats {b}",
        "{a} is far more reliable than {b}",
        "I would choose {a} over {b} any day",
        "{b} cannot hold a candle to {a}",
        "After {b} I was glad to be back with {a}",
    ],
    "zh": [
        "{a}比{b}好",
        "{b}不如{a}",
        "{a}比{b}可靠多了",
        "{a}完胜{b}",
        "和{b}相比，{a}更好",
        "宁可选{a}也不选{b}",
        "{b}跟{a}没法比",
        "用过{b}才知道{a}的好",
    ],
}
ALIKE = {
    "en": ["{a} and {b} are alike: each {x}", "Both {a} and {b}: their service {x}", "{a}, {b}, it is all one, it {x}"],
    "zh": ["{a}和{b}都{x}", "{a}、{b}，两家都{x}", "无论{a}还是{b}，{x}"],
}
GOES_ON = {
    "en": [
        "I booked with {a}. It {x}. Then I tried {b}. It {y}.",
        "First {a}: everything {x}, next time {b}, which {y}",
    ],
    "zh": ["先在{a}买的，{x}。后来换了{b}，{y}。", "昨天去了{a}，{x}，今天去了{b}，{y}"],
}


KINDS = {"contrast": CONTRAST, "comparison": COMPARED, "alike": ALIKE, "goes_on": GOES_ON}


class Composed(NamedTuple):
    """A text, its kind, what is felt about each entity that it names, and that said of it alone, where it is said."""

    text: str
    kind: str
    felt: dict[str, str]
    alone: dict[str, str]


def composed(language: str, each: int, seed: int) -> list[Composed]:
    """``each`` texts of every kind, no two the same."""
    chance = random.Random(f"{seed} {language}")
    found: dict[str, Composed] = {}
    for kind, frames in KINDS.items():
        full = len(found) + each
        while len(found) < full:
            one = _one(kind, chance.choice(frames[language]), language, chance)
            found.setdefault(one.text, one)
    return list(found.values())


def _one(kind: str, frame: str, language: str, chance: random.Random) -> Composed:
    first, second = chance.sample(NAMES[language], 2)
    feelings = {"comparison": [UP, DOWN], "alike": [chance.choice([UP, DOWN])] * 2}.get(kind)
    felt, other = feelings or chance.sample([UP, DOWN], 2)
    said, told = (chance.choice(SAID[language][one]) for one in (felt, other))
    between = " " if language == "en" else ""
    alone = {} if kind == "comparison" else {first: f"{first}{between}{said}"}
    if kind in {"contrast", "goes_on"}:
        alone[second] = f"{second}{between}{told}"
    return Composed(frame.format(a=first, b=second, x=said, y=told), kind, {first: felt, second: other}, alone)
