"""Past conversations as a test: each question again, over a new model and what is known now, better or worse.

What is right is known where a person wrote an answer: a correction of this turn, the words of the person who took over
right after it, an answer that the customer said helped. A reply is right where it says the same: its words, apart from
their order and signs, are those of that answer to nine tenths (``token_sort_ratio`` of RapidFuzz; of characters where a
text has Chinese ones), and no figure, day or negation differs. Where nobody said what is right, a change is told and
not judged.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from rapidfuzz import fuzz

from argosy.assist.mining.facts import difference, facts
from argosy.core.knowledge import Spoken
from argosy.core.records import Message
from argosy.core.support import Assistant, Conversation, Correction, Reply, Turn
from argosy.data.sketch import normal
from argosy.evaluate.intervals import matched
from argosy.project.supporting.numbers import ANSWERS, share
from argosy.project.supporting.said import context

Outcome = Literal["same", "changed", "answered", "silent", "first"]
"""The same words; other words; answered where it was not; not answered where it was; never asked before."""
Verdict = Literal["better", "worse", "even", "unjudged"]
_ALIKE = 90.0
_HAN = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A question in its context with what was said then, if anything was, and what would be right, if it is known."""

    id: str
    messages: Sequence[Message]
    before: Reply | None
    right: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What became of a case."""

    id: str
    question: str
    before: str
    after: str
    decision_before: str
    decision_after: str
    outcome: Outcome
    verdict: Verdict
    right: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A logged reply said again by its own version over its own state of the knowledge.

    ``result`` is ``same`` (byte for byte), ``different``, ``purged`` (different, but something of what was known then
    was removed for good), or ``other_version`` (another model is here than the one that said it).
    """

    id: str
    question: str
    version: str
    generation: int
    result: Literal["same", "different", "purged", "other_version"]


def cases(log: Iterable[tuple[Conversation, Sequence[Turn]]], corrections: Sequence[Correction]) -> Iterator[Case]:
    """The questions of logged conversations, in order."""
    right = {(one.conversation, one.question): one.answer for one in corrections}
    for conversation, turns in log:
        for place, turn in enumerate(turns):
            if turn.reply is None or not place:
                continue
            asked = turns[place - 1]
            gold = right.get((conversation.id, asked.text)) or _said_right(turns, place)
            yield Case(id=turn.id, messages=context(conversation, turns[:place]), before=turn.reply, right=gold)


def cases_of(turns: Sequence[Spoken]) -> Iterator[Case]:
    """The questions that people answered in service dialogues, each to be understood alone."""
    from argosy.assist.mining.pairs import pairs_of

    for pair in pairs_of(turns)[0]:
        message = Message(role="user", content=pair.question)
        yield Case(id=f"{pair.dialogue}/{pair.index}", messages=[message], before=None, right=pair.answer)


def replay(asked: Iterable[Case], assistant: Assistant) -> list[Replayed]:
    """Every case again, in order."""
    return [_replayed(case, assistant.reply(case.messages)) for case in asked]


def summary(found: Sequence[Replayed]) -> dict[str, Any]:
    """The counts, what share is right now (of all, and of those answered), better less worse with its interval.

    The difference is that of matched pairs (Bonett and Price 2012) over the judged cases that have a before.
    """
    outcomes, verdicts = (Counter(getattr(one, name) for one in found) for name in ("outcome", "verdict"))
    judged = [one for one in found if one.right is not None]
    compared = [one for one in judged if one.decision_before]
    gap = matched(verdicts["better"], verdicts["worse"], len(compared)) if compared else None
    answered = [one for one in judged if one.decision_after in ANSWERS]
    right = sum(_is_right(one.decision_after, one.after, one.right) for one in judged)
    return {
        "questions": len(found),
        "outcomes": {name: outcomes[name] for name in ("same", "changed", "answered", "silent", "first")},
        "verdicts": {name: verdicts[name] for name in ("better", "worse", "even", "unjudged")},
        "right": share(right, len(judged)),
        "right_of_answered": share(right, len(answered)),
        "difference": asdict(gap) | {"n": len(compared)} if gap else None,
    }


def compare(
    log: Iterable[tuple[Conversation, Sequence[Turn]]],
    assistants: Mapping[str, Assistant],
    purged: Callable[[int], bool],
) -> list[Compared]:
    """Every logged reply again, by the assistant of its version; ``purged`` tells of what generations something is."""
    found = []
    for conversation, turns in log:
        for place, turn in enumerate(turns):
            reply = turn.reply
            if reply is None or not place:
                continue
            found.append(
                Compared(
                    id=turn.id,
                    question=turns[place - 1].text,
                    version=reply.version,
                    generation=reply.generation,
                    result=_compared(context(conversation, turns[:place]), reply, assistants, purged),
                )
            )
    return found


def alike(first: str, second: str) -> bool:
    """Whether two texts say the same, as far as their words tell.

    >>> alike("You can return it within 15 days.", "you can return it, within 15 days")
    True
    >>> alike("Shipping costs 3 EUR to all of France.", "Shipping costs 5 EUR to all of France.")
    False
    """
    one, other = normal([first, second])
    if difference(facts(first), facts(second), alike=True) is not None:
        return False
    if _HAN.search(one + other):
        return fuzz.ratio(one.replace(" ", ""), other.replace(" ", "")) >= _ALIKE
    return fuzz.token_sort_ratio(one, other) >= _ALIKE


def _said_right(turns: Sequence[Turn], place: int) -> str | None:
    """What is known to be right in the place of a turn: its own text, or that of the person who followed."""
    turn = turns[place]
    if turn.helped:
        return turn.text
    after = next((one for one in turns[place + 1 :] if one.role != "assistant"), None)
    handed = turn.reply is not None and turn.reply.decision in {"hand_over", "unknown"}
    return after.text if handed and after is not None and after.role == "person" else None


def _replayed(case: Case, after: Reply) -> Replayed:
    before = case.before
    was = _is_right(before.decision, before.text, case.right) if before else False
    now = _is_right(after.decision, after.text, case.right)
    return Replayed(
        id=case.id,
        question=case.messages[-1].content,
        before=before.text if before else "",
        after=after.text,
        decision_before=before.decision if before else "",
        decision_after=after.decision,
        outcome=_outcome(before, after),
        verdict=_verdict(was=was, now=now) if case.right is not None and before else "unjudged",
        right=case.right,
    )


def _outcome(before: Reply | None, after: Reply) -> Outcome:
    if before is None:
        return "first"
    was, now = before.decision in ANSWERS, after.decision in ANSWERS
    if was != now:
        return "answered" if now else "silent"
    return "same" if before.text == after.text else "changed"


def _verdict(*, was: bool, now: bool) -> Verdict:
    return "even" if was == now else "better" if now else "worse"


def _is_right(decision: str, text: str, right: str | None) -> bool:
    return right is not None and decision in ANSWERS and alike(text, right)


def _compared(
    messages: Sequence[Message], reply: Reply, assistants: Mapping[str, Assistant], purged: Callable[[int], bool]
) -> Literal["same", "different", "purged", "other_version"]:
    assistant = assistants.get(reply.version)
    if assistant is None:
        return "other_version"
    if assistant.reply(messages, reply.generation) == reply:
        return "same"
    return "purged" if purged(reply.generation) else "different"
