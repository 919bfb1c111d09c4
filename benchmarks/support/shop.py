"""Synthetic service dialogues, seeded: composed of phrases written for it; no customer is quoted.

What is planted is told beside each turn and is never part of what is learnt from: which intent a question has, and
whether its answer is one that was superseded, one that names a day, or one that the customer refused.
"""

import random
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

FROM, DAYS = datetime(2025, 11, 1, tzinfo=UTC), 365
CHANGED = FROM + timedelta(days=220)  # the day from which new policies hold
GONE = FROM + timedelta(days=100)  # the day up to which answers that name a day were given
_CHOICE = re.compile(r"\[([^\[\]]*)\]")

Speaker = Literal["customer", "agent", "robot"]
SMALL_TALK: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "hello": ("Hi", "Hello!", "Good morning", "Hello, is anybody there?", "Hey"),
        "before": ("", "", "", "Hi, ", "Hello, ", "Please tell me: ", "Quick question: ", "Sorry to bother you, "),
        "after": ("?", "?", "?", "", "? Thanks", "? I need to know today.", "??"),
        "greeting": ("Good morning, thank you for contacting us.", "Hello! How can I help you?", "Hi there!"),
        "moment": ("One moment please.", "Let me check that for you.", "Please hold on a second."),
        "back": ("Could you tell me the order number, please?", "May I have your order number?"),
        "given": ("It is {order}", "{order}", "The number is {order}."),
        "thanks": ("Thanks!", "Great, thank you", "Perfect, thanks a lot", "OK, got it"),
        "close": ("You're welcome. Have a nice day!", "My pleasure. Is there anything else I can help you with?"),
        "wrong": ("No, that is not what I asked.", "That is not right.", "You misunderstood me."),
        "robot": ("I am the robot of this shop. Everything can be returned for 99 days.",
                  "Please choose: 1 for orders, 2 for returns.", "I did not understand you."),
        "also": ("By the way, ", "Another thing: ", "And one more question, ", ""),
        "agents": ("Anna", "Ben", "Carla"),
    },
    "zh": {
        "hello": ("你好", "您好", "在吗", "有人吗？", "亲"),
        "before": ("", "", "", "你好，", "请问", "麻烦问一下，", "想咨询下，", "打扰了，"),
        "after": ("？", "？", "？", "", "呢？", "？谢谢", "？？"),
        "greeting": ("您好，很高兴为您服务。", "亲，您好！请问有什么可以帮您？", "您好，欢迎光临本店！"),
        "moment": ("请稍等。", "稍等，我帮您查一下。", "好的，请稍候。"),
        "back": ("请问您的订单号是多少？", "麻烦提供一下订单号好吗？"),
        "given": ("{order}", "订单号是{order}", "是{order}"),
        "thanks": ("好的，谢谢", "明白了，谢谢", "谢谢啦", "好的知道了"),
        "close": ("不客气，祝您生活愉快！", "不客气，请问还有其他可以帮您的吗？"),
        "wrong": ("不对，我问的不是这个", "你说错了吧", "不是这个意思"),
        "robot": ("我是智能机器人小助手，所有商品支持99天退货。", "请选择：1订单，2退货。", "抱歉，我没有听懂。"),
        "also": ("另外，", "还有个问题，", "顺便问下，", ""),
        "agents": ("小林", "小周", "小何"),
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What customers want to know: ``ask`` are phrases with choices, ``say`` one answer in several wordings."""

    name: str
    say: tuple[str, ...]
    ask: tuple[str, ...] = ()
    old: str = ""
    gone: str = ""
    then: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A turn; ``intent`` and ``planted`` (``now``, ``old``, ``gone``, ``wrong``) are told of questions and answers."""

    dialogue: str
    index: int
    speaker: Speaker
    name: str
    at: datetime
    text: str
    intent: str = ""
    planted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question that is to be asked."""

    intent: Intent
    text: str


def intents(path: Path) -> list[Intent]:
    """Those of a file, in its order."""
    told = tomllib.loads(path.read_text(encoding="utf-8"))["intents"]
    return [_intent(one) for one in told]


def phrasings(intent: Intent) -> list[str]:
    """All that its phrases come to, each once."""
    return list(dict.fromkeys(text for template in intent.ask for text in _expanded(template)))


def composed(draw: random.Random, language: str, intent: Intent) -> Asked:
    """A question put together of the intent's phrases and of what people say around them."""
    talk = SMALL_TALK[language]
    text = draw.choice(talk["before"]) + " ".join(draw.choice(phrasings(intent)).split()) + draw.choice(talk["after"])
    return Asked(intent=intent, text=text[0].upper() + text[1:])


def dialogues(
    draw: random.Random, language: str, questions: Sequence[Asked], others: Sequence[Intent], *, several: float = 0.5
) -> Iterator[list[Said]]:
    """Dialogues that ask all questions in their order, ``several`` of them two; over a year, in no order of time."""
    rest = list(questions)
    number = 0
    while rest:
        taken = [rest.pop(0) for _ in range(min(len(rest), 2 if draw.random() < several else 1))]
        number += 1
        yield _Dialogue(draw=draw, language=language, name=f"{language}{number:05d}", others=others).held(taken)


@dataclass(slots=True, kw_only=True)
class _Dialogue:
    draw: random.Random
    language: str
    name: str
    others: Sequence[Intent]
    turns: list[Said] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    at: datetime = FROM
    agent: int = 0

    def held(self, questions: Sequence[Asked]) -> list[Said]:
        draw, talk = self.draw, SMALL_TALK[self.language]
        self.at = FROM + timedelta(minutes=draw.randrange(DAYS * 24 * 60))
        self.agent = draw.randrange(len(talk["agents"]))
        self.values = _drawn(draw, self.at, self.language)
        if self._happens(0.4):
            self._say("customer", draw.choice(talk["hello"]))
        if self._happens(0.3):
            self._say("robot", draw.choice(talk["robot"]))
        for place, asked in enumerate(questions):
            polite = asked.text.lower().startswith(tuple(one.lower() for one in talk["before"] if one))
            self._asked(asked, draw.choice(talk["also"]) if place and not polite else "", greets=not place)
        if self._happens(0.5):
            self._say("agent", draw.choice(talk["close"]))
        return self.turns

    def _asked(self, asked: Asked, also: str, *, greets: bool) -> None:
        draw, talk, intent = self.draw, SMALL_TALK[self.language], asked.intent
        self._say("customer", also + self._filled(asked.text), intent=intent.name)
        if greets and self._happens(0.6):
            self._say("agent", draw.choice(talk["greeting"]))
        if self._happens(0.3):
            self._say("agent", draw.choice(talk["moment"]))
        if "{order}" in intent.say[0] and "{order}" not in asked.text:
            self._say("agent", draw.choice(talk["back"]))
            self._say("customer", self._filled(draw.choice(talk["given"])))
        if self._happens(0.05):
            other = draw.choice([one for one in self.others if one.name != intent.name])
            self._say("agent", self._filled(other.say[0]), intent=intent.name, planted="wrong")
            self._say("customer", draw.choice(talk["wrong"]))
        self._answer(intent)
        for question, answer in intent.then:
            if self._happens(0.5):
                name = f"{intent.name}/then"
                self._say("customer", question + "？?"[self.language == "en"], intent=name)
                self._say("agent", answer, intent=name, planted="now")
        if self._happens(0.6):
            self._say("customer", draw.choice(talk["thanks"]))

    def _answer(self, intent: Intent) -> None:
        planted, text = "now", intent.say[self.agent % len(intent.say)]
        if intent.old and self.at < CHANGED:
            planted, text = "old", intent.old
        if intent.gone and self.at < GONE:
            planted, text = "gone", intent.gone
        text = self._filled(text)
        parts = re.split(r"(?<=[.!]) (?=[A-Z])|(?<=。)", text) if self._happens(0.3) else [text]
        for part in filter(None, parts):
            self._say("agent", part, intent=intent.name, planted=planted)

    def _say(self, speaker: Speaker, text: str, *, intent: str = "", planted: str = "") -> None:
        self.at += timedelta(seconds=self.draw.randint(5, 90))
        name = SMALL_TALK[self.language]["agents"][self.agent] if speaker == "agent" else ""
        self.turns.append(
            Said(
                dialogue=self.name,
                index=len(self.turns),
                speaker=speaker,
                name=name,
                at=self.at,
                text=text,
                intent=intent,
                planted=planted,
            )
        )

    def _happens(self, share: float) -> bool:
        return self.draw.random() < share

    def _filled(self, text: str) -> str:
        for name, value in self.values.items():
            text = text.replace(f"{{{name}}}", value)
        return text


def _drawn(draw: random.Random, at: datetime, language: str) -> dict[str, str]:
    """Values of one customer's case."""
    day = at - timedelta(days=draw.randint(1, 6))
    amount = f"{draw.randint(500, 30000) / 100:.2f}"
    return {
        "order": str(draw.randint(10_000_000, 99_999_999)),
        "tracking": f"SF{draw.randint(10**12, 10**13 - 1)}",
        "date": f"{day.month}月{day.day}日" if language == "zh" else f"{day.day} {day:%B}",
        "amount": f"{amount}元" if language == "zh" else f"${amount}",
    }


def _intent(told: dict[str, Any]) -> Intent:
    return Intent(
        name=told["name"],
        say=tuple(told["say"]),
        ask=tuple(told.get("ask", ())),
        old=told.get("old", ""),
        gone=told.get("gone", ""),
        then=tuple((one[0], one[1]) for one in told.get("then", ())),
    )


def _expanded(template: str) -> Iterator[str]:
    found = _CHOICE.search(template)
    if found is None:
        yield template
        return
    for choice in found[1].split("|"):
        yield from _expanded(template[: found.start()] + choice + template[found.end() :])
