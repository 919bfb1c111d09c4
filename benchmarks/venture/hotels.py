"""Reviews of hotels that do not exist, in two languages, with needs, feelings and kinds of guests planted in them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from argosy.venture.market.voices import Voice

BRANDS = ("Alder", "Birch", "Cedar", "Dogwood")
THINGS = {
    "breakfast": ("breakfast", "breakfast buffet", "coffee at breakfast", "早餐", "自助早餐", "早餐的咖啡"),
    "bed": ("bed", "mattress", "pillow on the bed", "床", "床垫", "枕头"),
    "staff": ("staff", "reception", "front desk", "服务员", "前台", "服务员的态度"),
    "location": ("location", "walk to the metro", "way to the centre", "位置", "地铁", "离地铁的距离"),
    "price": ("price", "room rate", "price of parking", "价格", "房价", "停车的价格"),
    "noise": ("noise from the street", "noise at night", "sound through the walls", "隔音", "噪音", "晚上的隔音"),
    "wifi": ("wifi", "internet connection", "wifi in the lobby", "网络", "无线网络", "大堂的网速"),
    "bathroom": ("bathroom", "shower", "towels in the bathroom", "卫生间", "淋浴", "浴室的毛巾"),
}
WORDS = {
    "breakfast": ("breakfast", "早餐"), "bed": ("bed", "mattress", "床", "枕头"),
    "staff": ("staff", "reception", "front desk", "服务员", "前台"),
    "location": ("location", "metro", "way to the centre", "位置", "地铁"), "price": ("price", "rate", "价格", "房价"),
    "noise": ("noise", "sound", "隔音", "噪音"), "wifi": ("wifi", "internet", "网络", "网速"),
    "bathroom": ("bathroom", "shower", "卫生间", "淋浴", "浴室"),
}  # fmt: skip
ENGLISH = 3  # things of each need that are English; the others are Chinese
FELT = {
    (1, 0): ("the {t} was excellent", "we loved the {t}", "the {t} is better than expected",
             "no complaints about the {t}", "{t} as good as it gets", "the {t} was a pleasant surprise"),
    (-1, 0): ("the {t} was awful", "we hated the {t}", "the {t} is worse than expected", "the {t} was not good",
              "{t} far below the standard", "the {t} was a disappointment"),
    (1, 1): ("{t}很好", "{t}让人满意", "{t}比想象中好", "{t}没得挑", "{t}真不错", "很喜欢这里的{t}"),
    (-1, 1): ("{t}很差", "{t}让人失望", "{t}比想象中差", "{t}不好", "{t}太糟糕", "受不了这里的{t}"),
}  # fmt: skip
ASIDES = (
    ("we stayed for {n} nights", "I came for a trade fair", "our flight was late", "it rained all week",
     "a colleague booked it", "we had a hire car"),
    ("住了{n}晚", "出差来的", "飞机晚点了", "一直下雨", "同事帮忙订的", "自己开车来的"),
)  # fmt: skip
GUESTS = {
    "business": {"wifi": 6.0, "location": 4.0, "staff": 2.0, "noise": 1.0},
    "families": {"breakfast": 6.0, "bathroom": 4.0, "staff": 2.0, "price": 1.0},
    "backpackers": {"price": 6.0, "bed": 4.0, "noise": 2.0, "location": 1.0},
}
NEEDS = tuple(THINGS)
_CHINESE, _ASIDE, _NOISE, _KNOWN = 0.45, 0.4, 0.5, 0.9
_START = datetime(2025, 1, 1)  # noqa: DTZ001 - all in one zone, which does not matter


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """Voices; ``spoken`` [voices, needs], ``felt`` [voices, needs] (0: not spoken of), ``met`` [brands, needs], kinds.

    ``met`` is the chance that a need is met; what is felt about it is 2 · met - 1 on the average.
    """

    voices: list[Voice]
    spoken: NDArray[np.bool_]
    felt: NDArray[np.float64]
    met: NDArray[np.float64]
    kinds: NDArray[np.int64]


def rated_alone(met: float) -> float:
    """The mean rating (-1 to 1) of texts that speak of one need alone, which is met with this chance.

    Ratings end at 5 stars, so that the happiest texts do not all reach them.
    """
    law = NormalDist(5, _NOISE)
    happiest = 5 - sum(law.cdf(stars + 0.5) for stars in range(1, 5))  # the mean of stars that are rounded and cut
    return (2 * met - 1) * (happiest - 3) / 2


def hotels(count: int, seed: int, *, shares: tuple[float, ...] = (0.4, 0.35, 0.25)) -> Planted:
    """Reviews by three kinds of guests with these shares; one share: all guests want the same."""
    rng = np.random.default_rng(seed)
    met = rng.uniform(0.15, 0.9, size=(len(BRANDS), len(NEEDS)))
    wants = np.array([[one.get(need, 0.25) for need in NEEDS] for one in GUESTS.values()])
    if len(shares) == 1:
        wants = wants.mean(axis=0, keepdims=True)
    wants /= wants.sum(axis=1, keepdims=True)
    kinds = rng.choice(len(shares), size=count, p=np.array(shares) / sum(shares))
    spoken, felt = np.zeros((count, len(NEEDS)), np.bool_), np.zeros((count, len(NEEDS)))
    voices = []
    for at in range(count):
        brand = int(rng.choice(len(BRANDS), p=(0.4, 0.3, 0.2, 0.1)))
        of = np.unique(rng.choice(len(NEEDS), size=rng.choice((1, 2, 3, 4)), p=wants[kinds[at]]))
        spoken[at, of] = True
        felt[at, of] = np.where(rng.random(len(of)) < met[brand, of], 1, -1)
        rated = float(np.clip(round(3 + 2 * felt[at, of].mean() + rng.normal(0, _NOISE)), 1, 5))
        kind = list(GUESTS)[kinds[at]] if rng.random() < _KNOWN else str(rng.choice(list(GUESTS)))
        voices.append(
            Voice(
                id=f"h{at}",
                text=_text(rng, rng.permutation(of), felt[at]),
                brand=BRANDS[brand],
                rating=rated,
                time=_START + timedelta(days=float(rng.uniform(0, 700))),
                customer={"trip": kind if len(shares) > 1 else str(rng.choice(list(GUESTS)))},
            )
        )
    return Planted(voices=voices, spoken=spoken, felt=felt, met=met, kinds=kinds)


def _text(rng: np.random.Generator, of: NDArray[np.int64], felt: NDArray[np.float64]) -> str:
    chinese = int(rng.random() < _CHINESE)
    parts = []
    for need in of:
        things = THINGS[NEEDS[need]][ENGLISH:] if chinese else THINGS[NEEDS[need]][:ENGLISH]
        parts.append(str(rng.choice(FELT[int(felt[need]), chinese])).format(t=rng.choice(things)))
    if rng.random() < _ASIDE:
        parts.insert(int(rng.integers(len(parts) + 1)), str(rng.choice(ASIDES[chinese])).format(n=rng.integers(2, 9)))
    return "，".join(parts) + "。" if chinese else ". ".join(one[:1].upper() + one[1:] for one in parts) + "."
