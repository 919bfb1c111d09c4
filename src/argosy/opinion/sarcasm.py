"""Marks of possible sarcasm, in English and Chinese: by them a slice is reported, and no label is ever changed.

They are marks that writers set, or praise beside a failure. Most sarcasm bears none, and some that bear one mean it.
"""

import re

_MARK = re.compile(
    r"(?:^|\s)/s\b|#\s?(?:sarcasm|sarcastic|irony|ironic|not)\b|\byeah,? right\b|\bthanks a lot for nothing\b"
    r"|\b(?:oh,? )?(?:great|lovely|wonderful|fantastic|brilliant|perfect|awesome),? (?:another|yet another|just what)\b"
    r"|\bjust what (?:i|we) (?:needed|wanted)\b|\bas if\b[.!]|\bgood luck with that\b|\bslow clap\b"
    r"|\bthanks for nothing\b|\bhow (?:very )?(?:nice|kind|lovely) of (?:you|them)\b|🙄|🙃"
    r"|(?:^|[。！？!?\n])\s*呵呵|可真行|真行啊|真有你的|我谢谢(?:你|您|啊)|谢谢(?:你|您)(?:全家|八辈)"
    r"|好一个|太[“\"「『]|真是太?[“\"「『]|(?:可真|真)[“\"「『]"
    r"|不愧是(?:你|您)|高,实在是高|高，实在是高|厉害了.{0,6}(?:我的哥|呵)|阴阳怪气|\[微笑\]|\[二哈\]|\[doge\]|狗头",
    re.IGNORECASE,
)
_PRAISED = re.compile(
    r"[“\"'‘「『](?:great|good|best|amazing|love|excellent|quality|premium|smart|helpful|service|support|genius|expert"
    r"|好|优质|良心|贴心|专业|完美|优秀|高端|服务|厉害|先进|负责|惊喜|周到)[”\"'’」』]",
    re.IGNORECASE,
)
_PRAISE = re.compile(
    r"\b(?:love|loving|great|awesome|thanks|thank you|nice|brilliant|fantastic|wonderful|perfect|congrats|well done)\b"
    r"|太好了|真棒|真好|厉害|感谢|恭喜|棒极了|优秀|完美",
    re.IGNORECASE,
)
_FAILURE = re.compile(
    r"\b(?:(?:cancel|delay|crash|ignor|charg|los)(?:led|ed|t)|down again|broke(?:n)?|hours? (?:late|on hold|waiting)"
    r"|on hold|stopped working|not working|for the (?:\w+ )?time|waiting for \d+|third time)\b"
    r"|又(?:崩|坏|延误|取消|宕机|死机|涨价)|崩了|坏了|等了.{0,6}(?:小时|个月|天)|没人(?:理|管|接)"
    r"|丢了|退不了|闪退|第[三四五六七八九十]次",
    re.IGNORECASE,
)
_BESIDE = 40  # characters between a praise and a failure


def sarcastic(text: str) -> bool:
    """Whether the text bears a mark of possible sarcasm.

    >>> sarcastic("Great, another update that broke it"), sarcastic("呵呵，服务真好"), sarcastic("a good phone")
    (True, True, False)
    """
    if _MARK.search(text) or _PRAISED.search(text):
        return True
    praised = [hit.end() for hit in _PRAISE.finditer(text)]
    return any(abs(hit.start() - end) <= _BESIDE for hit in _FAILURE.finditer(text) for end in praised)
