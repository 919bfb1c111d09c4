"""Write reviews of a made-up support assistant and its four made-up rivals: ``examples/venture/reviews.csv``.

    python scripts/sample_market.py

All is synthetic: no product of these names is meant, nobody is quoted, nothing was collected. Three kinds of customers
are planted, each with needs of its own, and each product pleases in some needs and fails in others, so that the pages
of a market have something to find. The draw is seeded, and a test holds what is stored against it.
"""

import csv
import io
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

SEED, REVIEWS = 20261123, 1_200
DAYS, END = 720, datetime(2026, 11, 1, tzinfo=UTC)
FILE = Path(__file__).parents[1] / "examples" / "venture" / "reviews.csv"
COLUMNS = ("id", "product", "rating", "date", "company size", "industry", "text")
CHINESE = 0.45  # of the reviews
NOISE = 0.45  # of a rating, in stars

# By need: what is said when it is met (1) and when it is not (-1), in English and in Chinese.
SAID = {
    "answers": {
        1: (("the answers are right nearly every time", "it gives correct answers about our products",
             "wrong answers are rare, and it admits what it does not know", "answers quote the manual, very accurate"),
            ("回答很准确", "产品问题基本都能答对", "答案都有出处，准确率高", "很少答错，不懂的会直说")),
        -1: (("half of the answers are wrong", "it invents answers about products we never sold",
              "answers are inaccurate and sound sure of themselves", "customers complain about wrong answers"),
             ("经常答错", "回答不准确，还很自信", "答案是编的，产品都没有", "准确率太低，客户都来投诉答案不对")),
    },
    "speed": {
        1: (("replies come within a second", "response time is excellent even on sale days",
             "fast replies, nobody waits any more", "the reply speed is impressive"),
            ("回复速度很快", "响应时间不到一秒，满意", "大促当天响应也快", "秒回，客户不用等")),
        -1: (("replies take half a minute", "slow response whenever the shop is busy",
              "response time is terrible on sale days", "customers leave because replies are slow"),
             ("回复速度太慢", "响应时间要半分钟", "一到大促响应就卡", "回复慢，客户等不及就走了")),
    },
    "price": {
        1: (("the price is fair for a small shop", "cheap plan, we pay less than before",
             "good value, the monthly price is easy to plan", "pricing is clear and affordable"),
            ("价格很实惠", "套餐便宜，小店也用得起", "性价比高，月费清楚", "费用比以前少了一半")),
        -1: (("the price went up twice this year", "far too expensive for a small shop",
              "hidden fees on top of the monthly price", "pricing is confusing and the plan costs too much"),
             ("价格太贵了", "套餐一年涨了两次价", "隐藏收费多，月费不透明", "费用高，小店用不起")),
    },
    "setup": {
        1: (("setup took one afternoon", "installation was simple, no developer needed",
             "we were running the same day, setup is easy", "import of our catalogue during setup just worked"),
            ("安装配置很简单", "半天就接入好了，不用技术人员", "上手容易，当天就能配置完", "接入文档清楚，安装顺利")),
        -1: (("setup took three weeks and a developer", "installation is a nightmare",
              "could not finish the setup without help", "the setup wizard loses our settings"),
             ("安装配置太复杂", "接入花了三个星期", "没有技术人员根本配置不了", "接入文档过时，安装总失败")),
    },
    "languages": {
        1: (("Spanish and German customers get good translations", "it speaks every language our buyers write in",
             "switching language inside one chat works well", "translation quality is great for our export shop"),
            ("多语言支持很好", "英语和西班牙语翻译都自然", "小语种客户也能聊", "翻译质量高，适合外贸")),
        -1: (("translations into German are embarrassing", "it answers in the wrong language",
              "only two languages, useless for export", "language detection fails and translation is poor"),
             ("多语言支持很差", "翻译生硬，外国客户看不懂", "小语种完全不行", "经常用错语言回复外贸客户")),
    },
    "handover": {
        1: (("handover to a human agent is smooth", "hard cases reach our agents with the whole chat",
             "it knows when to pass the chat to a person", "our human agents get a helpful summary at handover"),
            ("转人工很顺畅", "复杂问题会及时转给人工客服", "转人工时会附上聊天摘要", "人工客服接手很方便")),
        -1: (("customers cannot reach a human agent", "handover loses the whole chat",
              "it never passes angry customers to a person", "agents start from zero after the handover"),
             ("转人工太难了", "想找人工客服根本找不到", "转人工后聊天记录丢了", "客户发火也不转人工")),
    },
    "privacy": {
        1: (("customer data stays on our own server", "privacy is handled well, our auditor was pleased",
             "data protection is clearly documented", "encryption and access rights are solid for our data"),
            ("数据安全做得好", "客户隐私有保障，审计也过了", "数据存在自己服务器上，放心", "权限和加密都很规范")),
        -1: (("we were not told where customer data is stored", "privacy rules are unclear, our lawyer said no",
              "a data leak, and nobody told us", "data protection is missing, audit failed"),
             ("数据安全没有保障", "客户隐私泄露过一次", "数据存在哪里都说不清", "审计没通过，隐私条款含糊")),
    },
}  # fmt: skip
ASIDE = (
    ("we run two shops", "my brother recommended it", "I write this after our busiest week", "we switched last spring",
     "second product of this kind for us", "our office has five people", "tried it over the holidays",
     "I read many reviews before", "used since last year", "our old tool was shut down"),
    ("我们开了两家店", "朋友推荐的", "刚过完最忙的一周来评价", "去年换过来的", "这是我们用的第二款",
     "办公室一共五个人", "放假期间试用的", "买之前看了很多评论", "用了一年多了", "以前的工具停了"),
)  # fmt: skip
OVERALL = {
    1: (("happy with {b}", "recommended", "{b} was a good choice"), ("总体满意", "推荐{b}", "选{b}选对了")),
    0: (("{b} is okay", "mixed feelings", "some good, some bad"), ("{b}还行", "一般般", "有好有坏")),
    -1: (("disappointed by {b}", "not recommended", "we will leave {b}"), ("很失望", "不推荐{b}", "准备换掉{b}")),
}


class Kind(NamedTuple):
    """Customers of one kind: their share at the beginning and the end, how often they speak of what, who they are."""

    share: tuple[float, float]
    needs: dict[str, float]
    sizes: dict[str, float]
    industries: dict[str, float]


KINDS = (
    Kind((0.5, 0.36), {"price": 5, "setup": 5, "answers": 2, "speed": 1, "languages": 0.3, "handover": 0.4,
                       "privacy": 0.2},
         {"1-9": 8, "10-49": 2, "50-249": 0.5}, {"fashion": 4, "food": 4, "electronics": 2, "finance": 0.2}),
    Kind((0.25, 0.4), {"languages": 6, "speed": 4, "answers": 2, "price": 0.6, "setup": 0.5, "handover": 0.5,
                       "privacy": 0.3},
         {"1-9": 3, "10-49": 6, "50-249": 2}, {"fashion": 3, "electronics": 6, "food": 0.5, "finance": 0.2}),
    Kind((0.25, 0.24), {"privacy": 6, "handover": 5, "answers": 2, "speed": 0.8, "price": 0.4, "setup": 0.4,
                        "languages": 0.3},
         {"10-49": 1, "50-249": 4, "250+": 6}, {"finance": 6, "health": 5, "electronics": 1}),
)  # fmt: skip
# By product: its share of the reviews, its Chinese spelling, and the chance that each need is met.
PRODUCTS = {
    "Harbour Desk": (0.16, "港湾台", {"answers": 0.85, "speed": 0.8, "price": 0.6, "setup": 0.5, "languages": 0.85,
                                   "handover": 0.7, "privacy": 0.6}),
    "Quillo": (0.3, "奎洛", {"answers": 0.7, "speed": 0.75, "price": 0.25, "setup": 0.45, "languages": 0.35,
                           "handover": 0.8, "privacy": 0.75}),
    "Tidemark": (0.24, "泰码", {"answers": 0.45, "speed": 0.6, "price": 0.8, "setup": 0.75, "languages": 0.3,
                              "handover": 0.3, "privacy": 0.35}),
    "Benchbird": (0.18, "本奇", {"answers": 0.6, "speed": 0.35, "price": 0.5, "setup": 0.4, "languages": 0.55,
                               "handover": 0.6, "privacy": 0.3}),
    "Sorrel": (0.12, "索瑞尔", {"answers": 0.5, "speed": 0.65, "price": 0.65, "setup": 0.8, "languages": 0.25,
                              "handover": 0.35, "privacy": 0.4}),
}  # fmt: skip


def rows(count: int = REVIEWS, seed: int = SEED) -> Iterator[dict[str, str]]:
    """The reviews, in the order of their days."""
    draw = random.Random(seed)
    days = sorted(draw.uniform(0, 1) ** 0.7 for _ in range(count))  # more of them as time goes on
    for number, day in enumerate(days, start=1):
        at = END - timedelta(days=DAYS * (1 - day))
        yield {"id": f"r{number}", "date": at.date().isoformat(), **_review(draw, day)}


def _review(draw: random.Random, day: float) -> dict[str, str]:
    kind = draw.choices(KINDS, [one.share[0] * (1 - day) + one.share[1] * day for one in KINDS])[0]
    product = draw.choices(list(PRODUCTS), [share for share, _, _ in PRODUCTS.values()])[0]
    _, spelled, met = PRODUCTS[product]
    spoken = list(dict.fromkeys(_one(draw, kind.needs) for _ in range(draw.choice((1, 2, 2, 3, 3)))))
    felt = {need: 1 if draw.random() < met[need] else -1 for need in spoken}
    zh = int(draw.random() < CHINESE)
    mean = sum(felt.values()) / len(felt)
    parts = [draw.choice(SAID[need][way][zh]) for need, way in felt.items()]
    if draw.random() < 0.4:  # noqa: PLR2004 - four of ten tell something beside
        parts.insert(draw.randrange(len(parts) + 1), draw.choice(ASIDE[zh]))
    if draw.random() < 0.5:  # noqa: PLR2004 - half of them sum it up
        parts.append(draw.choice(OVERALL[(mean > 0) - (mean < 0)][zh]).format(b=spelled if zh else product))
    stars = min(5, max(1, round(3 + 2 * mean + draw.gauss(0, NOISE))))
    known = draw.random() < 0.85  # noqa: PLR2004 - the others do not say who they are
    return {
        "product": spelled if zh and draw.random() < 0.5 else product,  # noqa: PLR2004 - one product, two spellings
        "rating": str(stars),
        "company size": _one(draw, kind.sizes) if known else "",
        "industry": _one(draw, kind.industries) if known else "",
        "text": "，".join(parts) + "。" if zh else ". ".join(one[:1].upper() + one[1:] for one in parts) + ".",
    }


def _one(draw: random.Random, weights: dict[str, float]) -> str:
    return draw.choices(list(weights), list(weights.values()))[0]


def table() -> str:
    """The whole file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows())
    return text.getvalue()


if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(table(), encoding="utf-8")
