"""Questions of customers with the best answer that a person gave; what robots said is never learnt from."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from argosy.assist.mining.courtesy import disputes, joined, said, said_anywhere, sentences, thanks
from argosy.assist.mining.lexical import lexical
from argosy.assist.mining.mined import Pair
from argosy.core.knowledge import Spoken
from argosy.data.near import similarity
from argosy.data.sketch import normal

_ASKS = re.compile(
    r"[?？]|[吗嗎呢][。！!]?$|什么|什麼|怎么|怎麼|怎样|如何|多少|多久|几[天个時时]|哪[里裡个些儿]|为什么|為什麼|能不能|可不可以|是不是|有没有"
    r"|^(?:how|what|where|when|why|who|which|can|could|do|does|did|is|are|will|would|should|may)\b",
    re.IGNORECASE,
)
_FOLLOWS = re.compile(
    r"^(?:and|but|so|or|then|also|what about|how about|what if|if so|ok(?:ay)? (?:and|but))\b"
    r"|^(?:那|那么|那麼|还有|還有|如果是|要是|换成|这个|這個|这种|它|他们|这样|這樣|然后|另外呢|多久呢|为什么呢)",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"^(?:(?:(?:hi|hello|hey)(?: there)?|good (?:morning|afternoon|evening)|please tell me|(?:a )?quick question"
    r"|excuse me|sorry to (?:bother|disturb) you"
    r"|(?:and )?(?:by the way|another (?:thing|question)|one more (?:thing|question)|also|btw))\s*[,:，：!]+\s*)+"
    r"|^(?:(?:[您你]好|请问|請問|麻烦问一?下|想?咨询一?下|想问一?下|打扰了|打擾了|[亲親]|另外|顺便问一?下"
    r"|對了|对了|还有个问题|再问一?下)[，,：:！!]*\s*)+",
    re.IGNORECASE,
)
_POINTS = re.compile(r"\b(?:it|that|this|they|them|those|these|one|there)\b|[它其此]|这个|那个|這個", re.IGNORECASE)
_FEW_WORDS, _FEW_HAN = 7, 9  # a question with a pronoun, so short, is about what was spoken of
_SAME = 0.85  # likeness of a question that is asked again
_LONGEST = 400  # characters of a question that was written in several turns


@dataclass(slots=True, kw_only=True)
class _Answer:
    text: str
    index: int
    agent: str
    at: int | None
    accepted: bool | None = None

    @property
    def asks_back(self) -> bool:
        """Whether it only asks for something."""
        return all(one.rstrip(" 。.!！").endswith(("?", "？", "吗", "呢")) for one in sentences(self.text))


@dataclass(slots=True, kw_only=True)
class _Open:
    """A question that waits for its answers."""

    text: str
    refers: str = ""
    answers: list[_Answer] = field(default_factory=list)

    @property
    def alone(self) -> str:
        """The question as it can be read without the dialogue."""
        return joined([self.refers, self.text]) if self.refers else self.text


def pairs_of(turns: Sequence[Spoken]) -> tuple[list[Pair], Counter[str]]:
    """The pairs of all dialogues, by dialogue and turn, and what was left out by reason."""
    left = Counter({"robot": 0, "unanswered": 0, "disputed": 0, "asked_back": 0, "said_anywhere": 0})
    ordered = sorted(set(turns), key=_order)
    left["robot"] = sum(turn.speaker == "robot" for turn in ordered)
    found: list[Pair] = []
    for name, dialogue in groupby(ordered, key=lambda turn: turn.dialogue):
        heard = [turn for turn in dialogue if turn.speaker in ("customer", "agent") and turn.text.strip()]
        for asked in _asked(heard):
            best, reason = _best(asked)
            if best is None:
                left[reason] += 1
            else:
                found.append(_pair(asked, best, name))
    kept = _without_set_phrases(found)
    left["said_anywhere"] = len(found) - len(kept)
    return kept, left


def follows_on(text: str) -> bool:
    """Whether a question needs the one before it to be understood.

    >>> [follows_on(one) for one in ("And how much is it?", "那要多少钱呢？", "How do I return a lamp?")]
    [True, True, False]
    """
    if _FOLLOWS.search(text):
        return True
    han = sum("\u3400" <= character <= "\u9fff" for character in text)
    short = han <= _FEW_HAN if han else len(text.split()) <= _FEW_WORDS
    return short and _POINTS.search(text) is not None


def _order(turn: Spoken) -> tuple[str, int, int, str, str, str]:
    return (turn.dialogue, turn.index, turn.at or 0, turn.speaker, turn.name, turn.text)


def _asked(turns: Iterable[Spoken]) -> list[_Open]:
    found: list[_Open] = []
    for (speaker, _), group in groupby(turns, key=lambda turn: (turn.speaker, turn.name * (turn.speaker == "agent"))):
        block = list(group)
        kept = [(turn, one) for turn in block if (one := said(turn.text))]
        text = joined([one for _, one in kept])
        if speaker == "agent":
            if found and text:
                first = kept[0][0]
                found[-1].answers.append(_Answer(text=text, index=first.index, agent=first.name, at=first.at))
        else:
            _hear(found, " ".join(turn.text for turn in block), text)
    return found


def _hear(found: list[_Open], whole: str, text: str) -> None:
    """What the customer says: a word on the last answer, something that was asked for, or another question."""
    current = found[-1] if found else None
    last = current.answers[-1] if current and current.answers else None
    if last is not None and disputes(whole):
        last.accepted = False
        return
    if last is not None and thanks(whole):
        last.accepted = True
    text = _BEFORE.sub("", text) or text
    if not text:
        return
    if current is None:
        found.append(_Open(text=text))
    elif last is None:
        current.text = joined([current.text, text])[:_LONGEST] if not _again(current, text) else current.text
    elif _again(current, text):
        last.accepted = False
    elif not last.asks_back or _ASKS.search(text):
        found.append(_Open(text=text, refers=current.alone if follows_on(text) else ""))


def _again(asked: _Open, text: str) -> bool:
    return similarity(asked.text, text) >= _SAME


def _best(asked: _Open) -> tuple[_Answer | None, str]:
    """The answer that was taken, else the last one that nobody disputed; or None and why."""
    told = [answer for answer in asked.answers if not answer.asks_back]
    kept = [answer for answer in told if answer.accepted is not False]
    if not kept:
        return None, "disputed" if told else "asked_back" if asked.answers else "unanswered"
    return next((answer for answer in reversed(kept) if answer.accepted), kept[-1]), ""


def _pair(asked: _Open, best: _Answer, dialogue: str) -> Pair:
    return Pair(
        question=asked.alone,
        answer=best.text,
        dialogue=dialogue,
        index=best.index,
        agent=best.agent,
        at=best.at,
        accepted=best.accepted,
        refers=asked.refers,
    )


def _without_set_phrases(pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs without the sentences that agents say whatever is asked; those whose answer was nothing else go."""
    parts = [sentences(pair.answer) for pair in pairs]
    forms = [normal(part) for part in parts]
    uses: dict[str, dict[str, int]] = {}
    for row, (pair, told) in enumerate(zip(pairs, forms, strict=True)):
        for form in told:
            uses.setdefault(form, {}).setdefault(pair.dialogue, row)
    rows = [sorted(of.values()) for of in uses.values()]
    everywhere = said_anywhere(rows, lexical([pair.question for pair in pairs]))
    set_phrases = {form for form, is_set in zip(uses, everywhere, strict=True) if is_set}
    kept = []
    for pair, part, told in zip(pairs, parts, forms, strict=True):
        rest = [one for one, form in zip(part, told, strict=True) if form not in set_phrases]
        if len(rest) == len(part):
            kept.append(pair)
        elif rest:
            kept.append(replace(pair, answer=joined(rest)))
    return kept
