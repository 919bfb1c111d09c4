"""Greetings, thanks, farewells and nods: what is answered with a courtesy, and taken off a question beside it."""

import re
from types import MappingProxyType

_AGAIN = (
    r"(?:(?:[\s,.!~，。！～、]|ok|okay|oh|so|very|much|a lot|again|there|everyone|team|all|亲|呀|啊|哦"
    r"|哈|啦|了|的|呢|~)*)"
)
_FORMS = MappingProxyType(
    {
        "who": (
            r"(?:are you|am i (?:talking|speaking|chatting) (?:to|with)) (?:a )?(?:real )?(?:ro)?(?:bot|human"
            r"|person|machine|ai)|who are you|what are you|what(?:'s| is) your name|what can you do|你是(?:谁"
            r"|机器人|人工|真人|ai|什么)(?:吗|么)?|你叫什么(?:名字)?|你(?:能|会)做什么|你有什么功能"
        ),
        "greeting": (
            r"(?:hi+|hello+|hey+|hiya|yo|howdy|greetings|good (?:morning|afternoon|evening|day)|dear (?:sir|madam"
            r"|team|support)|how are you(?: doing)?(?: today)?|how(?:'s| is) it going|what'?s up|nice to meet you"
            r"|is (?:any(?:one|body)|someone) there|are you there)|(?:你|您|妳)们?好|大家好|在吗|在么|在不在"
            r"|有人吗|有人在吗|嗨|哈喽|哈啰|哈囉|早上好|上午好|中午好|下午好|晚上好|早安|晚安|早|客服|亲"
        ),
        "thanks": (
            r"(?:many |ok |okay |great |perfect )?(?:thanks?(?: you)?|thx|ty|tysm|cheers|much appreciated"
            r"|i appreciate (?:it|that|your help))(?: (?:so |very )?much| a lot| a bunch| again| in advance"
            r"| for (?:your|the|all your) (?:help|time|assistance|support|info|information|reply|answer))*|(?:非常"
            r"|十分|太|真是|好的)?(?:谢谢|多谢|感谢|谢了|谢啦|谢过)(?:你|您|你们|您的(?:帮助|解答|耐心|回复)"
            r"|你的(?:帮助|解答|耐心|回复))?|辛苦(?:你|您)?了|麻烦(?:你|您)?了"
        ),
        "bye": (
            r"(?:good)?bye(?: bye)?|see (?:you|ya)(?: later| soon)?|have a (?:nice|good|great) (?:day|one|evening"
            r"|weekend)|take care|good night|再见|拜拜|回见|下次见|88|没(?:别的)?事了|没有?(?:其他|别的)?问题了"
        ),
        "nod": (
            r"ok(?:ay)?|k|yes|yep|yeah|no|nope|sure|great|good|perfect|cool|nice|awesome|fine|alright|all right"
            r"|right|got it|i see|understood|i understand|makes sense|no problem|no worries|never ?mind"
            r"|(?:no,? )?that(?:'s| is| will be) all|that(?:'s| is) (?:it|great|good|fine|clear|helpful)|(?:this"
            r"|that) (?:is |was )?(?:very )?help(?:ful|s|ed)|lol|haha+|hmm+|oh|wow|好的?|嗯+|行|可以|知道|明白"
            r"|了解|清楚|懂|收到|没事|没问题|没关系|哦+|噢|哈哈+|呵呵|对|是的?|不用了?|不客气|算了|好吧|好滴|对的"
            r"|没有"
        ),
    }
)
_WHOLE = MappingProxyType(
    {kind: re.compile(rf"{_AGAIN}(?:{form}){_AGAIN}[?？吗]?{_AGAIN}", re.IGNORECASE) for kind, form in _FORMS.items()}
)
_OPENING = re.compile(
    rf"(?:(?:{_FORMS['greeting']})(?:\s+(?:there|team|all|everyone|guys))?|{_FORMS['thanks']}|ok(?:ay)?"
    rf"|well|oh|sorry|excuse me"
    r"|好的|嗯+|不好意思|打扰(?:一下)?|抱歉)\s*[,.!~:，。！～：、\s]\s*",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"(?:please )?(?:(?:can|could|would) (?:you|i|u) (?:please )?(?:tell me|ask(?: you)?)|i(?:'d"
    r"| would) like to (?:know|ask)|i(?:'m| am| was) wondering"
    r"|i (?:want|need|wanted) to (?:know|ask)|(?:just "
    r"|quick )?(?:a )?(?:quick )?question[:,]?)(?: something)?[\s:,]+(?=\w)"
    r"|(?:我)?(?:想|要)?(?:请问|請問|问|咨询|请教)(?:一?下|一?个问题|您|你|个事)*[\s，,：:、]*",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    rf"[\s,，。.!！]+(?:{_FORMS['thanks']}|{_FORMS['bye']}|please)[\s.!~！。～]*$",
    re.IGNORECASE,
)
_LONGEST = 80  # characters of a courtesy


def courtesy(text: str) -> str:
    """``who`` (are you), ``greeting``, ``thanks``, ``bye`` or ``nod`` where the text is no more than that, else empty.

    >>> courtesy("Thanks a lot!"), courtesy("您好，"), courtesy("thanks for nothing, where is it")
    ('thanks', 'greeting', '')
    """
    text = text.strip()
    if len(text) > _LONGEST:
        return ""
    return next((kind for kind, form in _WHOLE.items() if form.fullmatch(text)), "")


def without(text: str) -> str:
    """The text less the courtesies that it opens and ends with, and less the announcement of a question.

    >>> without("Hi there, can you tell me where my parcel is? Thanks!"), without("你好，请问怎么退货")
    ('where my parcel is?', '怎么退货')
    """
    for form in (_OPENING, _OPENING, _ASKING):
        found = form.match(text)
        if found and found.end() < len(text):
            text = text[found.end() :]
    found = _CLOSING.search(text)
    if found and found.start():
        mark = "?" if "?" in found[0] else ""
        text = text[: found.start()] + mark
    return text.strip(" ,，、:：~～")
