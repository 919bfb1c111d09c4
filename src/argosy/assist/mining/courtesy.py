"""Turns that say nothing of the matter: greetings, thanks, good-byes, "one moment please", in English and Chinese."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_SENTENCE = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])\s*|\n+")
_WORD = r"[\w'’\[\]:-]+"
_LAST = rf"(?:[ ,]+{_WORD}){{0,3}}"  # a name and the like
_REST = rf"(?:[ ,]+{_WORD}){{0,9}}"
_ENGLISH = re.compile(
    rf"(?:hi+|hello|hey|hiya|good (?:morning|afternoon|evening|day)|greetings|dear){_LAST}"
    rf"|(?:many )?(?:thanks?|thank you|thx|ty|cheers)(?: (?:so|very) much| a lot)?(?:[ ,]+(?:for|and"
    rf"|again){_REST}|{_LAST})"
    rf"|(?:ok(?:ay)?|sure|yes|yep|no|nope|great|perfect|alright|fine|got it|i see|certainly|of course"
    rf"|understood|absolutely"
    r"|no problem|no worries|that'?s all|wonderful|excellent|cool|right|will do)"
    r"(?:[ ,]+(?:then|thanks?|thank you|great|perfect|sir|madam|that'?s all|i see|got it|so much|very much))*"
    rf"|(?:you(?:'re| are) (?:very |most )?welcome|(?:it was )?my pleasure|any ?time|not at all"
    rf"|glad (?:i could|to){_REST}"
    rf"|happy to (?:help|assist){_REST})"
    rf"|(?:(?:just )?(?:one|a) (?:moment|second|minute|sec)|(?:please )?(?:hold|bear|wait)){_REST}"
    rf"|(?:i(?:'ll| will| am going to)|let me|i'm going to) (?:just )?(?:check|look|have a look|see"
    rf"|find out|take a look){_REST}"
    rf"|i(?:'d| would)(?: be)? (?:(?:very )?happy|glad|love) to (?:help|assist){_REST}"
    rf"|(?:how|what) (?:can|may|could) (?:i|we) (?:help|assist|do for){_REST}"
    rf"|is there anything (?:else|more){_REST}|(?:can|may) i (?:help|assist|do)(?: you)? (?:with )?anything else{_REST}"
    rf"|(?:have|enjoy) (?:a|an|the|your) (?:\w+ )?(?:day|evening|weekend|one|time|night){_REST}"
    rf"|(?:good ?)?bye(?:[ -]bye)?{_LAST}|see you{_LAST}|take care{_LAST}"
    rf"|(?:my name is|this is|i am|i'm) {_WORD}(?: (?:from|with|of|at) {_REST}|(?: and)? (?:i am|i'm"
    rf"|i'll be|i will be){_REST})?"
    rf"|(?:(?:i am|i'm|we are|we're) )?(?:so |very )?sorry (?:for|about) (?:the|your|keeping|any){_REST}"
    rf"|(?:welcome to|you(?:'ve| have) reached|you are (?:now )?(?:connected|chatting)){_REST}"
    rf"|are you (?:still )?there{_LAST}"
    rf"|(?:i )?(?:really )?appreciate {_REST}|that (?:helps|helped|was helpful|is helpful|works){_LAST}",
    re.IGNORECASE,
)  # fmt: skip
_HAN = "[\u4e00-\u9fff\\w]"
_CHINESE = re.compile(
    r"(?:[亲親哈喂嗨]|(?:[您你]|大家)好[呀啊哦]?|早上好|上午好|下午好|晚上好|早安|在[的吗嗎呢]?|在不在|有人[吗嗎在]*|hi|hello)+[亲親呀啊哦呢]?"
    r"|(?:亲亲?|親)?(?:[您你]好)?[，,]?(?:[请請])?(?:[您你])?(?:稍等|稍候|等一下|等等|稍等片刻|等一会)(?:一下|片刻|哦|呢|下)?"
    rf"|(?:好[的嘞吧]?|嗯+|行|可以|哦+|噢|收到|明白|明白了|知道|知道了|了解|了解了|没事|沒事|没[问问]题|沒問題|不用了?|没有了?|沒有了?|是的?|对的?|ok)"
    r"(?:[的了吧呢哦啊呀哈]|[，,]?(?:好的|知道了|明白了|了解了|谢谢[您你啦了]?|謝謝[您你啦了]?|没有了|沒有了|多谢))*"
    rf"|(?:好的?|嗯|那|行)?[，,]?(?:非常|十分|太|很|多)?(?:感[谢謝激]|[谢謝]{{1,2}}|多[谢謝]|辛苦)(?:[您你]?的?(?:咨询|諮詢|来电|來電|耐心"
    rf"|等待|支持|理解|配合|光临|光臨|惠顾|反馈|关注){_HAN}{{0,10}}|[您你啦了啊哦呀]{{0,2}})?"
    r"|(?:不客气|不客氣|不用[谢謝]|没关系|沒關係|[应應][该該]的|不用客气|不谢)(?:的|哦|呢|亲|啦)?"
    r"|(?:再[见見]|拜拜|88|回见|下次见)[啦了哦]?"
    rf"|(?:[那也]?)?(?:祝|预祝)[您你]{_HAN}{{1,14}}|欢迎(?:[您你])?(?:再次|随时|下次|光临|来到|咨询){_HAN}{{0,12}}|歡迎{_HAN}{{0,12}}"
    rf"|(?:[请請][问問])?[您你]?(?:还|還)?有(?:没有)?(?:什么|什麼|啥|其他|其它|别的|別的){_HAN}{{0,4}}"
    rf"(?:帮|幫|问题|問題|需要|疑问|疑問){_HAN}{{0,8}}"
    rf"|(?:很高[兴興]|竭[诚誠]|[乐樂]意)?[为為][您你]{{1,2}}(?:服[务務]|解答|[处處]理){_HAN}{{0,4}}"
    rf"|很高[兴興]{_HAN}{{0,14}}|(?:这[边里]|這[邊裡]|我)?(?:先|来|這|这边|马上|立即|现在)?(?:帮|幫|给|給|为|為)[您你](?:查|看|核实|核實"
    rf"|确认|確認|了解){_HAN}{{0,6}}"
    rf"|(?:让|讓|劳|勞)?[您你]?久等了?|(?:非常|很|十分)?(?:抱歉|不好意思|[对對]不起)[，,]?(?:让[您你]|讓[您你]|给您|給您|久等){_HAN}{{0,8}}"
    rf"|(?:我是|[这這]里是|[这這][边邊]是){_HAN}{{0,10}}(?:客服|专员|專員|工号|人工){_HAN}{{0,12}}|客服{_HAN}{{0,6}}(?:为|為)[您你]服[务務]",
    re.IGNORECASE,
)  # fmt: skip
_EDGES = " \t.,!?~…。，！？～、;；:：)(（）😊🙏👍❤🌹"
_LONGEST = 80  # characters of a courtesy
_DISPUTED = re.compile(
    r"\b(?:that(?:'s| is)(?: just)? (?:not (?:right|true|correct|what|helpful)|wrong|incorrect|nonsense)"
    r"|you(?:'re| are) wrong|this is wrong(?=[.,!]|$)|not what i (?:asked|meant)|you misunderst"
    r"|(?:that|this|it) (?:still )?(?:does|did)(?:n't| not) (?:work|help))"
    r"|[这這]?不[对對](?![应應])|不是[这這][样樣个個]|不是我[问問要]|[说說][错錯]|^你?们?[错錯]了|[没沒]用[。！!]?$|答非所[问問]|你[没沒]明白"
    r"|[还還]是不行|不是[这這]个?意思",
    re.IGNORECASE,
)
_CURT = 60  # characters: a longer text tells more than that the answer is wrong
_THANKS = re.compile(
    r"\b(?:thanks?|thank you|thx|great|perfect|got it|that (?:helps|helped|works)|cheers|appreciate"
    r"|wonderful|excellent)\b"
    r"|[谢謝]|[好行](?:的|嘞|吧)|明白|知道了|了解|收到|太好了|解[决決]了|辛苦",
    re.IGNORECASE,
)
_FEWEST, _SHARE = 10, 0.01  # dialogues that a sentence must stand in, and their share, to be one for all occasions
_VARIED = 0.3  # mean likeness of questions above which all of them ask the same
_NEARLY = 1.5  # times the likeness of any two questions: those that a sentence stands under are as mixed


def sentences(text: str) -> list[str]:
    """The sentences of a turn, in their order, none empty."""
    return [one for part in _SENTENCE.split(text) if (one := part.strip())]


def courteous(sentence: str) -> bool:
    """Whether a sentence is a courtesy and nothing more.

    >>> [courteous(one) for one in ("One moment please.", "您好，请稍等", "You can return it.", "七天内可以退货")]
    [True, True, False, False]
    """
    if len(sentence) > _LONGEST:
        return False
    parts = [part.strip(_EDGES) for part in re.split(r"[,，!！~～;；]", sentence)]
    whole = sentence.strip(_EDGES)
    return _matched(whole) or all(map(_matched, filter(None, parts)))


def said(text: str) -> str:
    """A turn without its courtesies; "" where it is nothing else.

    >>> said("Hello Ann! You can return it within 30 days. Have a nice day!")
    'You can return it within 30 days.'
    """
    kept = [one for one in sentences(text) if not courteous(one)]
    return joined(kept)


def joined(parts: Sequence[str]) -> str:
    """Sentences as one text: a space between them, none after a Chinese mark or before a Chinese character."""
    text = ""
    for part in parts:
        tight = not text or text[-1] in "。！？，；…" or (text[-1] > "\u2e80" and part[:1] > "\u2e80")
        text += part if tight else f" {part}"
    return text


def disputes(text: str) -> bool:
    """Whether a customer says that the answer is wrong or of no use."""
    return len(text) <= _CURT and _DISPUTED.search(text) is not None


def thanks(text: str) -> bool:
    """Whether a customer takes the answer."""
    return _THANKS.search(text) is not None and not disputes(text)


def said_anywhere(uses: Sequence[Sequence[int]], vectors: NDArray[np.float32]) -> list[bool]:
    """Which sentences stand under questions of all kinds, given the rows of each one's questions.

    The mean cosine of two questions under such a sentence is about that of any two questions [questions, width].
    """
    usual, fewest = _likeness(vectors), max(_FEWEST, _SHARE * len(vectors))
    if usual > _VARIED:
        return [False] * len(uses)
    return [len(rows) >= fewest and _likeness(vectors[list(rows)]) <= _NEARLY * usual + 0.01 for rows in uses]


def _likeness(vectors: NDArray[np.float32]) -> float:
    """Mean cosine of two different rows; 1 for fewer than two."""
    count = len(vectors)
    if count < 2:  # noqa: PLR2004 - a pair
        return 1.0
    total = vectors.sum(axis=0, dtype=np.float64)
    return float((total @ total - count) / (count * (count - 1)))


def _matched(text: str) -> bool:
    return not text or _ENGLISH.fullmatch(text) is not None or _CHINESE.fullmatch(text) is not None
