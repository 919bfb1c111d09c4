"""Whether a sentence says no more, no less and nothing else than the sentence of a source that it was made from.

No model judges it: a strict test that refuses what it cannot be sure of. A sentence follows from its span if both are
the same words, numbers and signs in the same order, apart from

- what carries no meaning here: articles, "please", 的 and particles of courtesy, full stops and commas, spelling
  (full-width and traditional forms, capitals, contractions; 您 is 你);
- an English phrase that begins with a preposition, which may stand in front instead of at the end.

So no number, unit, name, negation, condition or modal verb can change, swap places, go or come, and no word is new.
The price: a paraphrase with other words is refused although it may be true, and so is a shortened sentence.
"""

import re
from itertools import chain

from argosy.assist.retrieval.words import fold

_CONTRACTIONS = (
    (re.compile(r"\bcan[’']t\b|\bcannot\b"), "can not"),
    (re.compile(r"\bwon[’']t\b"), "will not"),
    (re.compile(r"n[’']t\b"), " not"),
    (re.compile(r"(?<=\w)[’']re\b"), " are"),
    (re.compile(r"(?<=\w)[’']ll\b"), " will"),
    (re.compile(r"(?<=\w)[’']ve\b"), " have"),
    (re.compile(r"\b(it|that|there|here|what)[’']s\b"), r"\1 is"),
    (re.compile(r"\bi[’']m\b"), "i am"),
)
_TOKEN = re.compile(r"\d+(?:[.,:/-]\d+)*|[a-z]+(?:['’-][a-z]+)*|[^\s]")
_FREE = frozenset(["a", "an", "the", "please", "kindly", "的", "请", "哦", "呢", "呀", "啊", "亲", "哈"]) | frozenset(
    ".,;!。，、；！~…“”‘’\"'「」《》"
)
_FRONTED = frozenset(
    ["within", "after", "before", "from", "in", "on", "at", "for", "with", "during", "until", "upon", "by", "to"]
)
_ALIKE = {"您": "你", "￥": "¥", "？": "?"}


def follows(sentence: str, span: str) -> bool:
    """Whether the sentence follows from the span.

    >>> follows("Within 30 days you can return it.", "You can return it within 30 days.")
    True
    >>> follows("You must return it within 30 days.", "You may return it within 30 days.")
    False
    """
    said, source = tokens(sentence), tokens(span)
    if not said or len(said) != len(source):
        return False
    turns = chain([0], (place for place, token in enumerate(source) if place and token in _FRONTED))
    return any(said == source[place:] + source[:place] for place in turns)


def tokens(text: str) -> list[str]:
    """What a sentence says, in order: words, numbers, signs and Chinese characters, without what carries no meaning."""
    plain = fold(text)
    for form, full in _CONTRACTIONS:
        plain = form.sub(full, plain)
    found = (_ALIKE.get(token, token) for token in _TOKEN.findall(plain))
    return [token for token in found if token not in _FREE]
