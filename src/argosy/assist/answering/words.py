"""What the assistant says of itself, in both languages, and how its own words are known again in a conversation."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "zh"]
Said = Literal["unknown", "between", "slot"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The texts of one language; what stands in braces is filled in.

    ``slots`` are the names of values, ``courtesies`` the answers to what is no question. A clarifying question begins
    with ``between`` or ``whether`` and holds its options, an unknown answer with ``unknown``.
    """

    unknown: str
    unknown_about: str
    offer: str
    between: str
    whether: str
    pick: str
    slot: str
    angry: str
    wants_person: str
    not_helped: str
    disputed: str
    empty: str
    courtesies: Mapping[str, str]
    slots: Mapping[str, str]
    sources: str
    summary: str
    gap: str
    list_gap: str


WORDS: Mapping[Language, Words] = {
    "en": Words(
        unknown="I don't have an answer to that.",
        unknown_about="I don't have an answer to “{question}”.",
        offer="Would you like a person to help? Just say “agent”.",
        between="Do you mean:",
        whether="Do you mean “{option}”?",
        pick="Please reply with a number, or put it another way.",
        slot="I can look at that with you. What is your {slot}?",
        angry="I'm sorry about this. I'm handing you over to a colleague, who can see what you wrote here.",
        wants_person="I'm handing you over to a colleague, who can see what you wrote here.",
        not_helped="I haven't been of help so far. I'm handing you over to a colleague, who can see our conversation.",
        disputed="I'm sorry that this didn't help. Please put your question another way, or say “agent” for a person.",
        empty="How can I help? Please put your question in a few words.",
        courtesies={
            "greeting": "Hello! How can I help?",
            "thanks": "You're welcome. Is there anything else?",
            "bye": "Goodbye, and thank you.",
            "nod": "All right. Is there anything else?",
            "who": "I'm an automatic assistant and answer out of what is written down here. Say “agent” for a person.",
        },
        slots={
            "order": "order number",
            "date": "date",
            "amount": "amount",
            "tracking": "tracking number",
            "phone": "phone number",
            "email": "e-mail address",
            "name": "name",
        },
        sources="Sources:",
        summary="The customer asks: {asked}\nTold so far: {slots}\nTried: {tried}\nHanded over because: {reason}",
        gap=" ",
        list_gap="; ",
    ),
    "zh": Words(
        unknown="这个问题我暂时没有答案。",
        unknown_about="关于“{question}”，我暂时没有答案。",
        offer="需要人工帮助吗？回复“人工”即可。",
        between="您想问的是：",
        whether="您想问的是“{option}”吗？",
        pick="请回复序号，或换一种说法。",
        slot="我来帮您看看，请告诉我您的{slot}。",
        angry="非常抱歉给您带来不便。我这就为您转接人工客服，同事能看到您在这里写的内容。",
        wants_person="我这就为您转接人工客服，同事能看到您在这里写的内容。",
        not_helped="前面没能帮到您。我这就为您转接人工客服，同事能看到我们的对话。",
        disputed="抱歉没能帮到您。请换一种说法再问一次，或回复“人工”转接人工客服。",
        empty="请问有什么可以帮您？请用一两句话描述您的问题。",
        courtesies={
            "greeting": "您好！请问有什么可以帮您？",
            "thanks": "不客气。还有其他问题吗？",
            "bye": "再见，感谢您的咨询。",
            "nod": "好的。还有其他问题吗？",
            "who": "我是智能客服，根据现有资料为您解答。回复“人工”可转接人工客服。",
        },
        slots={
            "order": "订单号",
            "date": "日期",
            "amount": "金额",
            "tracking": "运单号",
            "phone": "手机号",
            "email": "邮箱",
            "name": "姓名",
        },
        sources="来源：",
        summary="客户的问题：{asked}\n已提供：{slots}\n已尝试：{tried}\n转人工原因：{reason}",
        gap="",
        list_gap="；",
    ),
}
WHY: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "angry": "the customer is angry",
        "wants_person": "the customer asks for a person",
        "not_helped": "two answers in a row did not help",
        "none": "nothing",
    },
    "zh": {"angry": "客户情绪激动", "wants_person": "客户要求人工", "not_helped": "连续两次未能解决", "none": "无"},
}
_OPTION = re.compile(r"^(\d)\. (.+)$", re.MULTILINE)
_LABEL = 120  # characters of an option
_NUMBERED = re.compile(
    r"\s*(?:the |no\.? ?|number |第)?\(?([1-9])\)?(?:st|nd|rd|th|[个個项項])?(?: one)?[.。!！)）]?\s*", re.IGNORECASE
)
_ORDINALS = (("first", "one", "一"), ("second", "two", "二", "两"), ("third", "three", "三"))
_ORDINAL = re.compile(
    r"\s*(?:the )?(?:第)?(first|second|third|one|two|three|一|二|两|三)(?: one|[个個项項])?[.。!！]?\s*", re.IGNORECASE
)
_YES = re.compile(
    r"\s*(?:yes|yep|yeah|y|right|correct|exactly|sure|ok(?:ay)?|that one"
    r"|是|是的|对|對|对的|對的|没错|沒錯|嗯|嗯嗯|好的?)"
    r"(?:[ ,，]*(?:please|that'?s (?:it|right)|谢谢|謝謝))?[.。!！~]*\s*",
    re.IGNORECASE,
)


def label(text: str) -> str:
    """A question as an option, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _LABEL else f"{line[: _LABEL - 1]}…"


def ask_between(words: Words, options: Sequence[str]) -> str:
    """The clarifying question: which of these, or whether this one."""
    if len(options) == 1:
        return words.whether.format(option=options[0])
    listed = "\n".join(f"{number}. {option}" for number, option in enumerate(options, 1))
    return f"{words.between}\n{listed}\n{words.pick}"


def said_before(text: str) -> Said | None:
    """Which of the assistant's own words a message of its holds; None for an answer."""
    for words in WORDS.values():
        if words.unknown in text or words.disputed in text or _inside(words.unknown_about, text):
            return "unknown"
        if text.startswith(words.between) or _inside(words.whether, text):
            return "between"
    return "slot" if slot_asked(text) else None


def slot_asked(text: str) -> str | None:
    """The name of the value that a message of the assistant's asks for.

    >>> slot_asked("I can look at that with you. What is your order number?")
    'order'
    """
    asked = ((name, words.slot.format(slot=shown)) for words in WORDS.values() for name, shown in words.slots.items())
    return next((name for name, question in asked if question in text), None)


def options_of(text: str) -> list[str]:
    """The options that a clarifying question named."""
    for words in WORDS.values():
        if text.startswith(words.between):
            return [found[2] for found in _OPTION.finditer(text)]
        before, after = words.whether.split("{option}")
        if text.startswith(before) and text.endswith(after):
            return [text[len(before) : len(text) - len(after)]]
    return []


def picked(options: Sequence[str], answer: str) -> str | None:
    """The option that a customer's answer picks: by its number, in words, or by saying yes to the only one.

    >>> picked(["A", "B"], "the second one"), picked(["A", "B"], "第1个"), picked(["A"], "Yes, please")
    ('B', 'A', 'A')
    """
    number = None
    if found := _NUMBERED.fullmatch(answer):
        number = int(found[1]) - 1
    elif found := _ORDINAL.fullmatch(answer):
        number = next(place for place, names in enumerate(_ORDINALS) if found[1].lower() in names)
    elif len(options) == 1 and _YES.fullmatch(answer):
        number = 0
    if number is not None:
        return options[number] if number < len(options) else None
    return next((option for option in options if option.casefold() == answer.strip().casefold()), None)


def _inside(template: str, text: str) -> bool:
    """Whether a text holds what stands around the brace of a template, in this order."""
    before, after = re.split(r"\{\w+\}", template)
    start = text.find(before)
    return start >= 0 and text.find(after, start + len(before)) >= 0
