"""Cuts a message into what it asks, keeping together what depends on each other."""

import re
from collections.abc import Iterator

from argosy.assist.understanding.courtesies import courtesy, without
from argosy.assist.understanding.forms import any_of
from argosy.assist.understanding.orders import without_orders
from argosy.assist.understanding.script import says

MOST, LONGEST = 6, 600  # questions of a message; characters of one
_SENTENCE = re.compile(r"(?:[^.?!。！？…;；\n]|(?<!\s)\.(?=\w))+(?:[.?!。！？…;；]+|\n+|$)")
_SOMEBODY = "i|you|we|they|he|she|it|there|the|my|your|our|an?|this|that|these|those|any(?:one|body)?|some(?:one|body)?"
_BEGINS = (
    r"(?:(?:how|what|when|where|why|which|who|whose)(?:'s)?\b"
    r"|(?:can|could|do|does|did|is|are|was|were|will|would|should|may|has|have)(?:n't)? "
    rf"(?:{_SOMEBODY}|[A-Z]\w+)\b"
    r"|i (?:also |still )?(?:want|need|wish) |i(?:'d| would) (?:also )?(?:like|love) |please\b|tell me\b|help me\b)"
)
_MORE = (  # 还有 that is no "also" but "is there still"
    "还有(?!货|多少|多久|几|没|什么|吗|机会|库存|剩|效|优惠|活动|其他|别的|哪)"
)
_ASKS = any_of(
    rf"[?？]|^{_BEGINS}",
    r"\b(?:i (?:want|need|wish) to|i(?:'d| would) like|how (?:do|can|to)|please|wonder|help me)\b",
    r"吗|[么呢][。!！\s]*$|怎么|怎样|如何|咋|多少|多久|多长|多大|什么|啥|哪|为何|谁|几[天个点号时次]",
    "能不能|能否|可不可以|可否|是不是|是否|有没有|要不要|会不会|我(?:还|也)?(?:要|想|需要)|帮我|帮忙|麻烦|^请",
)
_ALSO = any_of(
    r"^(?:and )?(?:also|plus|another (?:thing|question)|one more (?:thing|question)|besides|additionally|in addition"
    r"|separately|second(?:ly)?|on another note|by the way|btw|next|finally|lastly)\b[,:\s]*",
    rf"^(?:{_MORE}(?:一个问题|一点|个问题)?|另外|此外|再有|再问(?:一?下)?|再请问|顺便(?:问一?下|再?问)?|还想问(?:一?下)?"
    r"|我?还(?:想|要)问(?:一?下)?|对了|其次|第[二三四]|最后)[，,：:、\s]*",
)
_TOO = any_of(r"\b(?:too|as well)[.!?\s]*$", "^(?:也|同时)")
_JOINT = any_of(
    rf"(?:\s*[,;]\s*|\s+)(?:and|also|plus|and also|and then|as well as)\s+(?:also\s+)?(?={_BEGINS})",
    r"\s*,\s+(?=(?:how|what|when|where|why|which|who)\b)",
    rf"[，,、；;\s]+(?=(?:{_MORE}|另外|此外|顺便|再问|还想问|我?还要问|对了|以及))",
    r"以及(?=.{3})",
)
_CONDITION = any_of(r"^(?:if|when|once|after|before|since|because|while|as|although|though|unless|until)\b")
_LEANS = any_of(
    r"\b(?:it|its|that|this|they|them|those|these|one|ones|so|then|there)\b(?<!is there)(?<!are there)",
    "^[它那这其]|它",
)
_VAGUE = any_of(
    r"(?:please |can you |could you |i need |i really need |i hope you can )?(?:help|assist|advise|fix|check|explain)"
    r"(?: me)?(?: out)?(?: with| into)?(?: this| that| it)?(?: please| asap| now| right now| immediately)?",
    r"(?:so )?wh(?:at|y)(?:'s| is| has been|'s been)? (?:this |it )?(?:going on|happening|happened|wrong|up"
    r"|the (?:problem|issue|matter))(?: here)?",
    "what happened|how come|why(?: is (?:that|this|it))?|any (?:ideas?|help|advice)",
    r"what (?:should|can|do|must|could) (?:i|we) do(?: now| about (?:it|this|that))?",
    "(?:这|到底)?是?怎么回事|(?:这)?(?:该|要)?怎么办|什么情况|为什么|帮帮我|帮我看看|求助|急+|在线等|怎么解决|如何解决",
)
_MARKS, _EDGES = ("?", "？"), " .,!?。，！？"
_FEWEST_WORDS, _FEWEST_SIGNS = 3, 4  # of a question that stands alone, by the words of English and the signs of Chinese


def parted(text: str) -> tuple[str, ...]:
    """The questions of a message, each with what is told for its sake, without courtesies and announcements.

    >>> parted("Hi! My parcel never came. Where is it? Also, how do I change my address? Thanks")
    ('My parcel never came. Where is it?', 'how do I change my address?')
    >>> parted("你好，怎么退货？另外，发票怎么开，谢谢"), parted("Can I return it and get my money back?")
    (('怎么退货？', '发票怎么开'), ('Can I return it and get my money back?',))
    """
    found = [one for one in _gathered(list(_units(text))) if says(one)]
    return tuple(map(_short, found if len(found) <= MOST else [*found[: MOST - 1], found[-1]]))


def _short(text: str) -> str:
    """A long question without its middle."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} … {text[-LONGEST // 2 :]}"


def asks(text: str) -> bool:
    """Whether a sentence asks or requests something, rather than tells."""
    return _ASKS.search(text) is not None


def _units(text: str) -> Iterator[tuple[bool, str]]:
    """Each sentence, or each question of one that holds several: whether it begins anew, and its text."""
    sentences = [found[0].strip() for found in _SENTENCE.finditer(text)]
    asked = [kept for kept in map(without_orders, sentences) if kept] or sentences
    for sentence in asked:
        for part in _split(sentence):
            if courtesy(part):
                continue
            new = _ALSO.match(part)
            rest = without(part[new.end() :] if new and new.end() < len(part) else part)
            if says(rest) and not courtesy(rest):
                yield new is not None or _TOO.search(part) is not None, rest


def _split(sentence: str) -> list[str]:
    """A sentence at the joints between whole questions."""
    parts, begin = [], 0
    for joint in _JOINT.finditer(sentence):
        left, right = sentence[begin : joint.start()], sentence[joint.end() :]
        hangs = _CONDITION.match(left) or _LEANS.search(right)
        if _whole(without(left)) and _whole(_ALSO.sub("", right)) and not hangs:
            parts.append(left.strip())
            begin = joint.end()
    return [*parts, sentence[begin:].strip()]


def _whole(text: str) -> bool:
    """Whether it is a question by itself."""
    long = len(text.split()) >= _FEWEST_WORDS or sum("\u4e00" <= one <= "\u9fff" for one in text) >= _FEWEST_SIGNS
    return long and asks(text)


def _gathered(units: list[tuple[bool, str]]) -> list[str]:
    """Questions with the statements around them: before them, or behind the last one."""
    out: list[str] = []
    told: list[str] = []
    for new, unit in units:
        if new and told:
            out.append(_joined(told))
            told = []
        if out and not told and not new and _belongs(unit, out[-1]):
            out[-1] = _joined([out[-1], unit])
        elif asks(unit) and not _vague(unit):
            out.append(_joined([*told, unit]))
            told = []
        else:
            told.append(unit)
    if told and out and not any(new for new, unit in units if unit in told):
        out[-1] = _joined([out[-1], *told])
    elif told:
        out.append(_joined(told))
    return out


def _belongs(unit: str, question: str) -> bool:
    """Whether a sentence is part of the question before: names nothing, or leans on a wish or as one."""
    wish = not (unit.endswith(_MARKS) and question.endswith(_MARKS))
    return _vague(unit) or (wish and asks(unit) and _LEANS.search(unit) is not None)


def _vague(unit: str) -> bool:
    return _VAGUE.fullmatch(unit.strip(_EDGES)) is not None


def _joined(parts: list[str]) -> str:
    """Sentences in one text, a blank between Latin ones."""
    text = parts[0]
    for part in parts[1:]:
        text += (
            part
            if "\u3000" <= text[-1] <= "\uffef"
            else (" " if text[-1] in ".!?;" else "，" if "\u4e00" <= part[0] <= "\u9fff" else ". ") + part
        )
    return text
