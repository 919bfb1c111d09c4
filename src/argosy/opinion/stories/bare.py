"""What a repost adds to a text, taken away again: links, mentions, marks of a repost, sources, trailing hashtags."""

import re

from argosy.data.sketch import SHORT

_HAN = "\u3400-\u9fff"
_LINK = re.compile(
    r"(?:https?://|www\.)[!-~]+|\b(?:t\.cn|t\.co|bit\.ly|dlvr\.it|buff\.ly|ow\.ly|goo\.gl|tinyurl\.com|youtu\.be"
    r"|pic\.twitter\.com)/[!-~]+|O?网页链接|\S{1,20}的(?:微博|秒拍)视频",
    re.IGNORECASE,
)
_MARK = re.compile(
    r"\b(?:RT|MT|QT)\b\s*[:\uff1a]?\s*[\"“]?@[\w-]{1,30}\s*[:\uff1a]?|\bRT\b[:\uff1a]?"
    r"|(?://|回[复覆])\s*@[^:\uff1a\s]{1,30}\s*[:\uff1a]|\b(?:via|h/t|cc)\s*[:\uff1a]?\s*@[\w-]{1,30}|^\s*[\"“]@[\w-]{1,30}:"
    r"|转发微博|轉發微博|[（(\[【]\s*[转轉](?:发|發|载|載)?\s*[）)\]】]",
    re.IGNORECASE,
)
_MENTION = re.compile(r"(?<![\w.])@[\w-]{1,30}\s*[:\uff1a]?")
_AGENCY = (
    r"Reuters|AP|AFP|Bloomberg|Xinhua|UPI|CNN|BBC(?: News)?|CNBC|The Guardian|The New York Times|WSJ|Yahoo[!]?"
    r"(?: \w+)?|MarketWatch|Forbes"
)
_PAPER = (
    rf"[{_HAN}]{{1,8}}"
    r"(?:网|網|报|報|社|新闻|新聞|财经|財經|卫视|衛視|电视台|在线|客户端|周刊|头条|頭條|通讯社|日报|杂志)"
)
_TAGS = re.compile(r"(?:\s*[#\uff03]\w+){2,}")
_HEADING = re.compile(
    rf"\s*(?:(?-i:[A-Z][\w ,.]{{0,30}}\s)?\((?:{_AGENCY})\)\s*[-\u2013\u2014]+"
    rf"|(?:新华社|中新社|中新网|人民网|央视网)[^，。\s]{{0,14}}[电讯]"
    r"|(?:breaking(?: news)?|just in|icymi|update(?: \d+)?|video|watch|repost(?:ed)?|fwd?)\s*[:\uff1a|-]"
    r"|[【\[]?(?:快讯|快訊|突发|突發|转发|轉發|转|轉|转载|轉載|扩散|推荐|分享|速看|最新)[】\]]?\s*[:\uff1a]"
    r"|【(?:快讯|快訊|突发|突發|转发|轉發|转|轉|扩散|最新)】"
    r"|(?:来源|來源|转自|轉自|文)\s*[:\uff1a]\s*\S{2,12}\s"
    r"|[^\w#@$]+)",
    re.IGNORECASE,
)
_FRONT = re.compile(r"\s*(?:#[^#\s]{1,30}#|[#\uff03]\w+\s)")
_BEHIND = re.compile(
    rf"(?:[（(\[【]\s*(?:(?:来源|來源|转自|轉自|图源|编辑|編輯|责编|责任编辑|记者|記者|文|via|source|from|credit|h/t)"
    rf"\W?[^）)\]】]{{0,40}}|{_AGENCY}|{_PAPER})\s*[）)\]】]"
    rf"|\b(?:via|source|from)\s*:\s*\S[^.!?。！？]{{0,30}}|\bvia\s+(?-i:[A-Z][\w.]{{1,20}}(?:\s[A-Z][\w.]{{1,20}}){{0,2}})"
    r"|(?:来源|來源|转自|轉自|摘自|图源)\s*[:\uff1a]\s*\S[^。！？]{0,20}"
    rf"|\s[-\u2013\u2014|]+\s*(?:{_AGENCY}|(?-i:(?:[A-Z][\w.&'\u2019]*\s?){{1,4}}))|[-\u2013\u2014|_]+\s*{_PAPER}"
    r"|\b(?:read more|full story|learn more|more info|click here|read the full story)(?:\s(?:at|here|on))?"
    r"|查看全文|阅读全文|展开全文|[.\u2026]{1,6}\s*(?:全文|展开|more)|收起"
    r"|\s*[#\uff03]\w+|#[^#\s]{1,30}#|\[\s*\d{1,10}\s*\]|[(（【]\s*\d{3,10}\s*[)）】]|(?<=[.!?。！？\u2026])\s*\d{5,}"
    r"|\s(?=[a-z\d]*(?:\d[a-z]+\d|[a-z]\d+[a-z]))[a-z\d]{6,12}"
    r"|\s*[^\w\s.\u2026。]+)\s*$",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"(?:\.{2,}|\u2026+)\s*[\])）】]?\s*(?:(?:展开|查看|阅读)?全文|展开|(?:read )?more)?(?:\s*#\w+)*\W*$", re.IGNORECASE
)
_LETTER = re.compile(r"[^\W_]")
_WIDE = re.compile(rf"[{_HAN}]")
_FAR = 60  # characters from the end, where a source or what else was put behind may begin
_ROUNDS = 8  # of taking something away from an end
_REMAIN = 2 * SHORT  # letters and digits that must remain, a Chinese character being two


def bare(text: str) -> str:
    """The text without links, mentions and marks of a repost, and where it is long without the ends that reposts add.

    A short text keeps its ends: in "I hate #this" they are what it says. So does a text of which nothing would remain.

    >>> bare("RT @x: Rates rise again, says the central bank of the country - Reuters https://t.co/a #news")
    'Rates rise again, says the central bank of the country'
    >>> bare("I hate #rain"), bare("@air thanks"), bare("转发微博")
    ('I hate #rain', '@air thanks', '转发微博')
    """
    inner = _MARK.sub(" ", _LINK.sub(" ", " ".join(text.split()))).strip()
    if not _LETTER.search(inner):
        return text
    inner = _without_ends(inner)
    for pattern, least in ((_MENTION, SHORT), (_TAGS, _REMAIN)):
        less = " ".join(pattern.sub(" ", inner).split())
        inner = less if _long(less, least) else inner
    return inner


def cut(text: str) -> bool:
    """Whether the text was cut at its end, by what it leaves there: dots, or the offer to show all of it."""
    return any(_CUT.search(" ".join(one[-_FAR:].split())) for one in (bare(text), _LINK.sub("", text)))


def _without_ends(text: str) -> str:
    for _ in range(_ROUNDS):
        front = _HEADING.match(text)
        less = text[front.end() if front and _LETTER.search(text, front.end()) else 0 :].strip()
        ends = _FRONT.match(less), _BEHIND.search(less, max(len(less) - _FAR, 0))
        shorter = less[ends[0].end() if ends[0] else 0 : ends[1].start() if ends[1] else len(less)].strip()
        less = shorter if _long(shorter) else less
        if less == text:
            break
        text = less
    return text


def _long(text: str, least: int = _REMAIN) -> bool:
    return len(_LETTER.findall(text)) + len(_WIDE.findall(text)) >= least
