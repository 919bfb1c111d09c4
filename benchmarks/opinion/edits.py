"""What reposts do to a text, and what is no repost however alike it looks: seeded edits of real texts, and frames.

A repost has one to three of: marks and case, spaces, emoji, one to three typos, a link, a mark of a repost, a source,
hashtags, a heading, a remark of a word or two that no list holds, a word left out, two neighbours exchanged, a cut end
with dots (55 to 90 % of the text are left) or without (the last twentieth to eighth is gone), and in Chinese the other
script. Its numbers and negations stay, but for those that are cut off. No repost: a frame with other facts, a real text
with another number, a quote under a comment that is at least a third as long, and halves of two texts.
"""

import random
import re
from collections.abc import Callable

from benchmarks.data.near_duplicates import CHANGES, cut

Edit = Callable[[str, str, random.Random], str]
_LEAST_KEPT, _MOST_KEPT = 0.55, 0.9
_GONE = (0.05, 0.125)
_COMMENT = 3  # a comment is at least one in so many letters of what it quotes
_TRIES = 20
_NUMBER = re.compile(r"(?<![\w@/.#])\d{1,5}(?![\w/])")
_TURNS = re.compile(r"\d+(?:[.,:/-]\d+)*|\bnot\b|\bno\b|n't\b|\bnever\b|[不没未无非]", re.IGNORECASE)
NAMES = {
    "en": ["Northwind", "Contoso", "Initech", "Globex", "Umbrella", "Hooli", "Vandelay", "Stark", "Wayne", "Acme"],
    "zh": [
        "北风汽车",
        "海天科技",
        "远山银行",
        "云岭药业",
        "长河证券",
        "金桥地产",
        "东湖食品",
        "星野航空",
        "白鹿传媒",
        "青松电力",
    ],
}
FRAMES = {
    "en": [
        "Shares of {name} {moved} {number}% on {day} after the company {did} its forecast for the year",
        "{name} will open {number} new stores in {place} by the end of next year, its chief executive said",
        "Weather for {place}: {number} degrees and light winds on {day}, with a small chance of rain later",
        "I just scored {number} points in the weekly quiz about {name}, can you beat me? Play now for free",
        "The court in {place} ordered {name} to pay {number} million dollars in a case about faulty brakes",
        "We are hiring in {place}! {name} is looking for {number} engineers, apply on our page before {day}",
        "Final score from {place}: {name} {number}, visitors {other}. The next match will be played on {day}",
        "Flight {other} of {name} from {place} is delayed by {number} minutes, passengers were told on {day}",
    ],
    "zh": [
        "{name}{day}股价{moved}{number}%，此前公司{did}了全年业绩预期，成交额较前一日明显放大",
        "{name}首席执行官表示，公司将于明年年底前在{place}新开{number}家门店，并扩大物流中心",
        "{place}天气预报：{day}最高气温{number}度，微风，午后有小雨，出行请注意携带雨具",
        "我在{name}每周知识竞赛中得了{number}分，快来挑战我吧，免费参加还有机会赢取奖品",
        "{place}法院判决{name}因刹车故障一案赔偿{number}万元，该公司表示将在期限内提起上诉",
        "{name}在{place}招聘{number}名工程师，待遇优厚，请于{day}之前在官网投递简历报名",
        "{place}比赛结束，{name}队以{number}比{other}取胜，下一场比赛将于{day}在主场进行",
        "{name}由{place}起飞的{other}次航班延误{number}分钟，航空公司{day}已通知全部旅客",
    ],
}
_WORDS = {
    "en": {
        "moved": ["rose", "fell"],
        "did": ["raised", "cut"],
        "day": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"],
        "place": ["Leeds", "Lyon", "Osaka", "Denver", "Quito", "Perth", "Oslo", "Turin"],
    },
    "zh": {
        "moved": ["上涨", "下跌"],
        "did": ["上调", "下调"],
        "day": ["周一", "周二", "周三", "周四", "周五"],
        "place": ["杭州", "成都", "大连", "厦门", "昆明", "兰州", "合肥", "长沙"],
    },
}
_ADDED = {
    "en": {
        "mark": [
            "RT @{u}: {t}",
            "{t} via @{u}",
            "MT @{u} {t}",
            "RT @{u} RT @x_{u}: {t}",
            '"@{u}: {t}"',
            "{t} (via @{u})",
        ],
        "source": [
            "{t} - Reuters",
            "{t} | BBC News",
            "{t} (Source: Bloomberg)",
            "LONDON (Reuters) - {t}",
            "{t} via CNN",
        ],
        "tags": ["{t} #news", "{t} #fail #travel", "#breaking {t}", "{t} #{u}"],
        "heading": ["BREAKING: {t}", "ICYMI: {t}", "Video: {t}", "UPDATE: {t}"],
        "remark": ["{t} smh", "so {t}", "{t} lol", "omg {t}", "this: {t}", "{t} wow"],
        "link": ["{t} http://t.co/{u}", "{t} https://ex.am/{u}?utm_source=x&id=7", "http://bit.ly/{u} {t}"],
    },
    "zh": {
        "mark": ["//@{u}:{t}", "转发微博 {t}", "转发：{t}", "RT @{u}: {t}", "{t}（转）", "回复@{u}:{t}"],
        "source": [
            "{t}（来源：新华网）",
            "{t} - 新浪财经",
            "新华社北京10月1日电 {t}",
            "{t}【人民日报】",
            "来源：央视新闻 {t}",
        ],
        "tags": ["{t} #热点#", "#今日新闻# {t}", "{t} #旅行 #生活"],
        "heading": ["【快讯】{t}", "快讯：{t}", "突发：{t}", "【最新】{t}"],
        "remark": ["{t} 唉", "围观 {t}", "看看：{t}", "{t} 哈哈", "马克 {t}", "{t}。真的"],
        "link": ["{t} http://t.cn/{u}", "{t} https://ex.am/{u}?from=wb", "{t} O网页链接"],
    },
}


def _added(kind: str) -> Edit:
    def add(text: str, language: str, chance: random.Random) -> str:
        user = "".join(chance.choices("abcdefghijkmnpqrstuvwxyz", k=6))
        return chance.choice(_ADDED[language][kind]).replace("{u}", user).replace("{t}", text)

    return add


def _known(kind: str, most: int = 1) -> Edit:
    def change(text: str, language: str, chance: random.Random) -> str:
        for _ in range(chance.randint(1, most)):
            if len(cut(text, language)) > 1 and any(mark.isalpha() for mark in text):
                edited = (CHANGES[kind](text, language, chance, [text]) for _ in range(_TRIES))
                text = next((one for one in edited if _turns(one) == _turns(text)), text)
        return text

    return change


def _turns(text: str) -> list[str]:
    """The numbers and negations of a text, which a repost keeps."""
    return sorted(_TURNS.findall(text.lower()))


def _left_out(text: str, language: str, chance: random.Random) -> str:
    """Without one word that is no number and no negation."""
    words = cut(text, language)
    places = [at for at, word in enumerate(words) if not _TURNS.search(word)]
    at = chance.choice(places or [0])
    return ("" if language == "zh" else " ").join(words[:at] + words[at + 1 :])


def _cut(text: str, _: str, chance: random.Random) -> str:
    kept = chance.uniform(_LEAST_KEPT, _MOST_KEPT)
    return text[: int(len(text) * kept)].rstrip() + chance.choice(["…", "...", "……", "… "])


def _shortened(text: str, _: str, chance: random.Random) -> str:
    return text[: len(text) - int(len(text) * chance.uniform(*_GONE))]


def _traditional(text: str, language: str, _: random.Random) -> str:
    if language == "en":
        return text.upper()
    from opencc import OpenCC

    return str(OpenCC("s2t").convert(text))


EDITS: dict[str, Edit] = {
    "marks_case": _known("marks_case"),
    "spaces": _known("spaces"),
    "emoji": _known("emoji"),
    "typos": _known("character", 3),
    "word_left_out": _left_out,
    "words_exchanged": _known("word_exchanged"),
    **{kind: _added(kind) for kind in ("mark", "source", "tags", "heading", "remark", "link")},
    "cut": _cut,
    "shortened": _shortened,
    "script": _traditional,
}
BOT: dict[str, Edit] = {
    "typo": _known("character"),
    **{kind: EDITS[kind] for kind in ("emoji", "mark", "tags", "link", "heading", "marks_case", "spaces")},
}
LAST = (
    "mark",
    "source",
    "tags",
    "heading",
    "remark",
    "link",
    "emoji",
)  # they are added to the edited text, and stay whole


def repost(text: str, language: str, chance: random.Random, first: str) -> tuple[str, tuple[str, ...]]:
    """A repost with the edit ``first`` and up to two others, and the names of all, in the order they were made."""
    others = [kind for kind in EDITS if kind not in {first, "cut", "shortened"}]
    kinds = [first, *chance.sample(others, chance.choice([0, 0, 1, 2]))]
    kinds.sort(key=LAST.count)
    for kind in kinds:
        text = EDITS[kind](text, language, chance)
    return text, tuple(kinds)


def frames(language: str, each: int, chance: random.Random) -> list[str]:
    """Different texts of the same frames, ``each`` of every frame: no two have the same facts."""
    found: dict[str, None] = {}
    for frame in FRAMES[language]:
        full = len(found) + each
        while len(found) < full:
            words = {name: chance.choice(some) for name, some in _WORDS[language].items()}
            number, other = chance.randint(2, 99), chance.randint(2, 99)
            found[frame.format(name=chance.choice(NAMES[language]), number=number, other=other, **words)] = None
    return list(found)


def renumbered(text: str, chance: random.Random) -> str:
    """The text with another number in the place of one; the same where there is none."""
    hits = list(_NUMBER.finditer(text))
    if not hits:
        return text
    hit = chance.choice(hits)
    return text[: hit.start()] + str(int(hit[0]) + chance.randint(1, 8)) + text[hit.end() :]


def quoted(comment: str, text: str, language: str) -> str:
    """The text under a comment of a third to half of its length, however often that says it."""
    size = len(text) // _COMMENT + 1
    whole = comment * (size // max(len(comment), 1) + 1)
    return whole[: max(size, min(len(comment), len(text) // 2))] + (": " if language == "en" else "：") + text


def halves(one: str, other: str) -> str:
    """The beginning of one text and the end of another."""
    return one[: len(one) // 2] + other[len(other) // 2 :]
