"""What readers did in a bookshop, simulated: books in two languages, readers with tastes, half a year of events.

Read by ``samples.py``. No such shop, book or reader exists. A reader looks at books of the genres that they like, at
what many look at, and at what is new, and buys some of them; a few books came last week, and nobody knows them yet.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

BOOKS = 130  # a language
READERS = 320  # a language
DAYS = 180
UNPRICED = 0.03  # share of books without a price
NEW = 8  # books a language that came in the last week
END = datetime(2026, 11, 1, tzinfo=UTC)
BOOK, EVENT = ("item", "title", "description", "tags", "price", "added"), ("user", "item", "type", "time")
GENRES = {
    "en": {
        "cooking": ("bread", "noodles", "a small kitchen", "spices", "soups"),
        "gardening": ("roses", "a balcony garden", "fruit trees", "herbs", "a pond"),
        "crime": ("the night train", "a missing judge", "the harbour", "a cold case", "the forger"),
        "travel": ("the coast", "slow trains", "mountain huts", "islands", "old towns"),
        "programming": ("databases", "compilers", "small services", "testing", "networks"),
        "history": ("the canal", "silk", "forgotten queens", "the first maps", "salt"),
        "children": ("a brave hedgehog", "the moon bus", "a whale", "two foxes", "the snow day"),
        "business": ("pricing", "a first hire", "cash flow", "negotiation", "a small team"),
    },
    "zh": {
        "烹饪": ("面包", "面条", "小厨房", "香料", "汤"),
        "园艺": ("月季", "阳台花园", "果树", "香草", "池塘"),
        "推理": ("夜行列车", "失踪的法官", "海港", "悬案", "伪造者"),
        "旅行": ("海岸线", "慢火车", "山间小屋", "群岛", "古镇"),
        "编程": ("数据库", "编译器", "微服务", "软件测试", "网络"),
        "历史": ("运河", "丝绸", "被遗忘的王后", "最早的地图", "盐"),
        "童书": ("勇敢的刺猬", "月亮巴士", "鲸鱼", "两只狐狸", "下雪天"),
        "商业": ("定价", "第一位员工", "现金流", "谈判", "小团队"),
    },
}
FORMS = {
    "en": ("The book of {t}", "{t}, step by step", "A year with {t}", "Everything about {t}", "{t}: stories and notes"),
    "zh": ("{t}之书", "{t}入门", "与{t}共度一年", "关于{t}的一切", "{t}：故事与笔记"),
}
ABOUT = {
    "en": (
        "For readers who like {g}: {t}, told calmly and with many pictures.",
        "A new look at {t}, for evenings.",
        "What there is to know about {t}, from the beginning.",
    ),
    "zh": (
        "写给喜欢{g}的读者：关于{t}，娓娓道来，配有大量插图。",
        "重新认识{t}，适合晚上阅读。",
        "从头讲起，了解{t}的一切。",
    ),
}


def books(draw: random.Random) -> list[dict[str, str]]:
    """The books of both languages; their order says nothing."""
    made = [book for language in GENRES for book in _books(draw, language)]
    draw.shuffle(made)
    return made


def events(draw: random.Random, shelf: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """What all readers did, in the order of time."""
    made = [event for language in GENRES for event in _events(draw, language, shelf)]
    return sorted(made, key=lambda event: (event["time"], event["user"], event["item"]))


def _books(draw: random.Random, language: str) -> Iterator[dict[str, str]]:
    genres = list(GENRES[language])
    titles = {g: draw.sample([(t, form) for t in GENRES[language][g] for form in FORMS[language]], 25) for g in genres}
    for number in range(BOOKS):
        genre = genres[number % len(genres)]
        thing, form = titles[genre].pop()
        title = form.format(t=thing)
        days = draw.uniform(0, 7) if number < NEW else draw.uniform(8, DAYS + 400)
        added = END - timedelta(days=days)
        yield {
            "item": f"{language}{number + 1:03}",
            "title": f"{title[:1].upper()}{title[1:]}",
            "description": draw.choice(ABOUT[language]).format(g=genre, t=thing),
            "tags": genre,
            "price": "" if draw.random() < UNPRICED else f"{draw.choice((19, 29, 39, 49, 59)) - 0.1:.2f}",
            "added": added.date().isoformat(),
        }


def _events(draw: random.Random, language: str, known: Sequence[dict[str, str]]) -> Iterator[dict[str, str]]:
    shelf = [book for book in known if book["item"].startswith(language)]
    loved = {book["item"]: draw.paretovariate(1.4) for book in shelf}
    genres = list(GENRES[language])
    for number in range(READERS):
        taste = dict.fromkeys(genres, 0.05) | dict.fromkeys(draw.sample(genres, 2), 1.0)
        at = END - timedelta(days=draw.uniform(2, DAYS))
        had: set[str] = set()
        for _ in range(min(60, int(draw.paretovariate(0.9)) + 2)):
            there = [book for book in shelf if book["added"] <= at.date().isoformat() and book["item"] not in had]
            book = draw.choices(there, [taste[one["tags"]] * loved[one["item"]] for one in there])[0]
            bought = draw.random() < (0.45 if taste[book["tags"]] == 1.0 else 0.15)
            told = {"user": f"{language}-reader-{number + 1}", "item": book["item"]}
            yield {**told, "type": "view", "time": at.isoformat(timespec="seconds")}
            if bought:
                had.add(book["item"])
                later = at + timedelta(minutes=draw.uniform(1, 20))
                yield {**told, "type": "purchase", "time": later.isoformat(timespec="seconds")}
            at += timedelta(days=draw.expovariate(0.15))
            if at >= END:
                break
