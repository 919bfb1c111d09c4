"""What the public says of three makers of kitchen machines, composed: labelled sentences, and posts of four weeks.

Read by ``samples.py``. The makers do not exist. In the last hours of the posts complaints about quality surge, and some
days before one story was reposted many times, which is no surge of opinion.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

LABELLED = 300  # a language, of each of the two tables
DAYS = 28
A_DAY = 16.0  # posts of each topic
SURGE_HOURS, A_SURGE_HOUR = 9, 7
REPOSTS = 90
END = datetime(2026, 11, 1, 12, tzinfo=UTC)
BRANDS = {"en": ("Luma", "Tarn", "Ostrea"), "zh": ("露玛", "塔恩", "欧思特")}
THINGS = {
    "en": ("kettle", "toaster", "coffee machine", "blender", "rice cooker", "scale"),
    "zh": ("电水壶", "烤面包机", "咖啡机", "搅拌机", "电饭煲", "厨房秤"),
}
SAID = {
    "en": {
        "delivery": {
            "positive": ("the {b} {t} came two days early, lovely", "courier brought the {b} {t} upstairs, very kind"),
            "neutral": ("my {b} {t} is due on Thursday", "{b} ships the {t} from the northern warehouse now"),
            "negative": ("still no {t} from {b} after {n} days, awful", "{b} lost my {t} and nobody answers, terrible"),
        },
        "quality": {
            "positive": ("the {b} {t} works perfectly after {n} weeks", "well made {t}, {b} did a great job"),
            "neutral": ("the {b} {t} has a steel body and weighs {n} kilos", "{b} lists three versions of the {t}"),
            "negative": ("the {b} {t} broke after {n} days, useless", "my {b} {t} leaks and smells burnt, dangerous"),
        },
        "price": {
            "positive": ("{b} cut the price of the {t}, a bargain", "the {b} {t} is worth every cent, happy"),
            "neutral": ("the {b} {t} costs {n}9 at the corner shop", "{b} announces prices of the {t} on Monday"),
            "negative": ("{b} wants {n}9 for a {t}, a rip-off", "{b} raised the price of the {t} again, shameful"),
        },
        "service": {
            "positive": (
                "{b} support fixed my {t} in minutes, thank you",
                "friendly people at {b}, they replaced the {t}",
            ),
            "neutral": ("{b} support for the {t} is open from nine to five", "I asked {b} for the manual of the {t}"),
            "negative": (
                "{b} support hung up on me about the {t}, rude",
                "{b} refuses to take the {t} back, a disgrace",
            ),
        },
    },
    "zh": {
        "delivery": {
            "positive": ("{b}的{t}提前两天送到，开心", "快递员把{b}{t}送上楼，服务真好"),
            "neutral": ("我的{b}{t}预计周四到", "{b}的{t}现在从北方仓发货"),
            "negative": ("{b}的{t}等了{n}天还没到，太差了", "{b}把我的{t}弄丢了，没人管，气死"),
        },
        "quality": {
            "positive": ("{b}{t}用了{n}周，非常好用", "{b}的{t}做工扎实，很满意"),
            "neutral": ("{b}{t}是不锈钢机身，重{n}公斤", "{b}的{t}有三个型号"),
            "negative": ("{b}的{t}用了{n}天就坏了，垃圾", "{b}{t}漏水还有糊味，太危险了"),
        },
        "price": {
            "positive": ("{b}{t}降价了，真划算", "{b}的{t}很值这个价，喜欢"),
            "neutral": ("{b}{t}在街角的店卖{n}9元", "{b}周一公布{t}的价格"),
            "negative": ("{b}一个{t}要{n}9元，太坑了", "{b}的{t}又涨价了，吃相难看"),
        },
        "service": {
            "positive": ("{b}客服几分钟就解决了{t}的问题，感谢", "{b}的客服很热情，给我换了{t}"),
            "neutral": ("{b}{t}的客服时间是九点到五点", "我向{b}要了{t}的说明书"),
            "negative": ("问{b}客服{t}的事，直接挂我电话，没礼貌", "{b}不给退{t}，差评"),
        },
    },
}
ASIDE = {
    "en": ("I bought it for my mother's birthday", "we cook for five people at home every day", "second one this year",
           "I read about forty reviews before I ordered", "the box stood in the rain outside", "my flatmate chose it",
           "it was a wedding present from my colleagues", "we moved house last month", "I live in the mountains",
           "the old one had lasted since my student days", "ordered it on the train with my phone", "for our office",
           "my neighbour has the same one in green", "just in time for the holidays", "I write this at breakfast"),
    "zh": ("给我妈过生日买的", "家里五口人天天做饭", "今年已经是第二台了", "下单前看了四十多条评价", "箱子在外面淋了雨",
           "室友挑的款式", "同事送的结婚礼物", "我们上个月刚搬家", "我住在山里", "旧的那台从上学用到现在",
           "在火车上用手机下的单", "放在办公室给大家用", "邻居家也有一台绿色的", "正好赶上放假", "一边吃早饭一边写的"),
}  # fmt: skip
AFTER = {"en": ("", ".", " #kitchen"), "zh": ("", "。", " #厨房")}
EDITS = {
    "en": ("RT @{a}: {x}", "{x} https://example.org/{k}", "{x} (via {a})"),
    "zh": ("转发：{x}", "//@{a}: {x}", "{x} 转自{a}"),
}
STORY = {
    "en": "Ostrea recalls its rice cooker of last year's series: the lid may open under pressure, says the maker",
    "zh": "欧思特宣布召回去年生产的电饭煲，厂家称锅盖在压力下可能弹开，请消费者停止使用",
}
MIX = (("negative", 0.3), ("neutral", 0.4), ("positive", 0.3))


def sentence(draw: random.Random, language: str, topic: str, sentiment: str, brand: int | None = None) -> str:
    """Something that is said on a topic."""
    said = draw.choice(SAID[language][topic][sentiment])
    b = BRANDS[language][draw.randrange(3) if brand is None else brand]
    text = said.format(b=b, t=draw.choice(THINGS[language]), n=draw.randint(2, 9))
    aside = draw.choice(ASIDE[language])
    parts = [text, aside] if draw.random() < 0.5 else [aside, text]  # noqa: PLR2004 - as often before as after
    said = "，".join(parts) if language == "zh" else ". ".join(one[:1].upper() + one[1:] for one in parts)
    return f"{said}{draw.choice(AFTER[language])}"


def labelled(draw: random.Random, wanted: str) -> list[tuple[str, str]]:
    """(text, label) in both languages, labelled by ``topic`` or by ``sentiment``."""
    rows = []
    for language, topics in SAID.items():
        kinds = [(topic, sentiment) for topic, some in topics.items() for sentiment in some]
        for number in range(LABELLED):
            topic, sentiment = kinds[number % len(kinds)]
            rows.append((sentence(draw, language, topic, sentiment), topic if wanted == "topic" else sentiment))
    draw.shuffle(rows)
    return rows


def posts(draw: random.Random) -> list[dict[str, str]]:
    """Posts in the order of their times: id, time, author and text."""
    found = sorted([*_usual(draw), *_surge(draw), *_story(draw)], key=lambda one: one[0])
    return [
        {"id": f"p{number}", "time": at.isoformat(), "author": f"u{draw.randrange(400)}", "text": text}
        for number, (at, text) in enumerate(found, start=1)
    ]


def _usual(draw: random.Random) -> Iterator[tuple[datetime, str]]:
    sentiments, shares = [name for name, _ in MIX], [share for _, share in MIX]
    for hour in range(DAYS * 24):
        at = END - timedelta(hours=DAYS * 24 - hour)
        busy = (0.4 if at.hour < 7 else 1.2) * (0.7 if at.weekday() > 4 else 1.1)  # noqa: PLR2004 - Saturday
        for topic in SAID["en"]:
            for _ in range(_count(draw, A_DAY / 24 * busy)):
                language = draw.choice(("en", "zh"))
                moment = at + timedelta(seconds=draw.randrange(3600))
                yield moment, sentence(draw, language, topic, draw.choices(sentiments, shares)[0])


def _surge(draw: random.Random) -> Iterator[tuple[datetime, str]]:
    for hour in range(SURGE_HOURS):
        for _ in range(A_SURGE_HOUR):
            moment = END - timedelta(hours=SURGE_HOURS - hour, seconds=-draw.randrange(3600))
            yield moment, sentence(draw, draw.choice(("en", "zh")), "quality", "negative", brand=1)


def _story(draw: random.Random) -> Iterator[tuple[datetime, str]]:
    for number in range(REPOSTS):
        language = "en" if number % 2 else "zh"
        text = STORY[language]
        if number > 1:
            edit = draw.choice(EDITS[language])
            text = edit.format(x=text, a=f"u{draw.randrange(400)}", k=draw.randrange(1000))
        yield END - timedelta(days=5, minutes=-number * 4), text


def _count(draw: random.Random, mean: float) -> int:
    """A draw of a Poisson law whose mean scatters, by waiting times."""
    mean *= draw.gammavariate(6, 1 / 6)
    count, waited = 0, draw.expovariate(1)
    while waited < mean:
        count, waited = count + 1, waited + draw.expovariate(1)
    return count
