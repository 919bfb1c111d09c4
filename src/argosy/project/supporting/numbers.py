"""What an assistant achieved, counted from its log, each share by a definition of its own and with its interval.

- **Deflection**: conversations in which no person wrote anything, of all conversations. One that waits in the queue for
  nothing is deflected all the same, so that this is the most flattering of the three.
- **Containment**: conversations that the assistant had alone from their beginning to now, of all conversations: nobody
  was called, nobody took it, no person wrote. Each contained conversation is deflected; not each deflected one is
  contained. A customer who gave up is contained too.
- **Resolution**: conversations of which somebody said that they were resolved, of those of which anything was said: by
  the person who closed it, else by the customer's last rating of an answer in it. ``unsaid`` counts the others, about
  which nothing is known. ``alone`` is the same among contained conversations.
- **Wrong**: answers (stored or composed) that a customer said did not help, or that a person corrected. ``of_answers``
  divides by all answers, which is too little where nobody looked; ``of_judged`` by those that somebody judged, which is
  too much as a rule, since people speak up about what is wrong.
- **Consistency**: of questions that began a conversation and came in the same words more than once, those that always
  got the same text, as long as model and knowledge were the same.

Shares come with a 95 % score interval (Wilson 1927) and ``n``, what they are shares of.
"""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from argosy.config.schema import Project
from argosy.core.support import Conversation, Correction, Turn
from argosy.data.sketch import normal
from argosy.evaluate.intervals import wilson

_SECOND = 1_000_000
ANSWERS = ("stored", "composed")
"""The decisions that answer a question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What sums are reckoned with: the prices of the project file, which are assumptions until the owner names them."""

    currency: str
    machine_per_hour: float
    person_per_minute: float
    minutes: float
    max_wrong: float

    @classmethod
    def of(cls, project: Project) -> "Ground":
        """Those of a project."""
        cost, support = project.cost, project.support
        return cls(
            currency=cost.currency,
            machine_per_hour=cost.machine_per_hour,
            person_per_minute=support.person_per_minute,
            minutes=support.minutes,
            max_wrong=support.max_wrong,
        )


@dataclass(slots=True)
class _Count:
    """What is added up over conversations."""

    conversations: int = 0
    deflected: int = 0
    contained: int = 0
    called: int = 0
    said: list[tuple[bool, bool]] = field(default_factory=list)  # contained, resolved
    reasons: Counter[str] = field(default_factory=Counter)
    decisions: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)  # s until a person's first message
    rated: list[bool] = field(default_factory=list)
    judged: list[bool] = field(default_factory=list)  # of answers: wrong
    answers: int = 0
    questions: int = 0
    machine: float = 0.0  # s
    alike: dict[tuple[str, str, int], list[str]] = field(default_factory=dict)


def numbers(
    log: Iterable[tuple[Conversation, Sequence[Turn]]],
    corrections: Sequence[Correction],
    ground: Ground,
    days: int,
    guarantee: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The figures of some conversations, as JSON; a share of nothing has the value None."""
    corrected = {(one.conversation, one.question) for one in corrections}
    count = _Count()
    for conversation, turns in log:
        _add(count, conversation, turns, corrected)
    resolved = [done for _, done in count.said]
    alone = [done for contained, done in count.said if contained]
    repeated = [texts for texts in count.alike.values() if len(texts) > 1]
    return {
        "days": days,
        "conversations": count.conversations,
        "questions": count.questions,
        "decisions": dict(count.decisions.most_common()),
        "deflection": share(count.deflected, count.conversations),
        "containment": share(count.contained, count.conversations),
        "resolution": {
            **share(sum(resolved), len(resolved)),
            "unsaid": count.conversations - len(resolved),
            "alone": share(sum(alone), len(alone)),
        },
        "hand_overs": {**share(count.called, count.conversations), "reasons": dict(count.reasons.most_common())},
        "first_answer": _waits(count.waits),
        "consistency": share(sum(len(set(texts)) == 1 for texts in repeated), len(repeated)),
        "ratings": share(sum(count.rated), len(count.rated)),
        "wrong": {
            "of_answers": share(sum(count.judged), count.answers),
            "of_judged": share(sum(count.judged), len(count.judged)),
            "accepted": ground.max_wrong,
        },
        "guarantee": guarantee,
        "cost": _cost(count, ground),
    }


def share(some: int, of: int) -> dict[str, Any]:
    """A share with its interval and what it is a share of."""
    if not of:
        return {"value": None, "low": None, "high": None, "count": 0, "n": 0}
    found = wilson(some, of)
    return {"value": found.value, "low": found.low, "high": found.high, "count": some, "n": of}


def questions_of(turns: Sequence[Turn]) -> list[tuple[Turn, Turn]]:
    """Each question with what the assistant said to it."""
    return [(before, turn) for before, turn in pairwise(turns) if turn.role == "assistant" and before.role == "user"]


def _add(count: _Count, conversation: Conversation, turns: Sequence[Turn], corrected: set[tuple[str, str]]) -> None:
    count.conversations += 1
    person = any(turn.role == "person" for turn in turns)
    called = person or conversation.state in {"waiting", "taken"} or any(_calls(turn) for turn in turns)
    count.deflected += not person
    count.contained += not called
    count.called += called
    rated = [turn.helped for turn in turns if turn.helped is not None]
    count.rated += rated
    said = conversation.resolved if conversation.resolved is not None else (rated[-1] if rated else None)
    if said is not None:
        count.said.append((not called, said))
    count.waits += _until_person(turns)
    for asked, told in questions_of(turns):
        _add_question(count, asked, told, wrong=(conversation.id, asked.text) in corrected)


def _add_question(count: _Count, asked: Turn, told: Turn, *, wrong: bool) -> None:
    reply = told.reply
    if reply is None:
        return
    count.questions += 1
    count.decisions[reply.decision] += 1
    count.machine += max(told.at - asked.at, 0) / _SECOND
    if reply.decision == "hand_over":
        count.reasons[reply.reason] += 1
    if asked.index == 0:
        words = normal([asked.text])[0]
        count.alike.setdefault((words, reply.version, reply.generation), []).append(reply.text)
    if reply.decision in ANSWERS:
        count.answers += 1
        if wrong or told.helped is not None:
            count.judged.append(wrong or told.helped is False)


def _calls(turn: Turn) -> bool:
    return turn.reply is not None and turn.reply.decision == "hand_over"


def _until_person(turns: Sequence[Turn]) -> list[float]:
    """Seconds from the call for a person to the first message of one; empty where there is no such pair."""
    first = next((turn for turn in turns if turn.role == "person"), None)
    calls = [turn.at for turn in turns if _calls(turn) and first and turn.index < first.index]
    return [(first.at - calls[0]) / _SECOND] if first and calls else []


def _waits(waits: Sequence[float]) -> dict[str, Any]:
    if not waits:
        return {"n": 0, "median_seconds": None, "p90_seconds": None}
    ordered = sorted(waits)
    return {
        "n": len(waits),
        "median_seconds": statistics.median(ordered),
        "p90_seconds": ordered[min(len(ordered) - 1, int(0.9 * len(ordered)))],
    }


def _cost(count: _Count, ground: Ground) -> dict[str, Any]:
    """What a question costs that was answered and not said to be wrong, against a person's for the same question."""
    machine = count.machine / 3600 * ground.machine_per_hour
    people = count.called * ground.minutes * ground.person_per_minute
    resolved = count.answers - sum(count.judged)
    return {
        "currency": ground.currency,
        "resolved": resolved,
        "per_resolved": (machine + people) / resolved if resolved else None,
        "by_person": ground.minutes * ground.person_per_minute,
        "machine": {"sum": machine, "seconds": count.machine, "per_hour": ground.machine_per_hour},
        "people": {
            "sum": people,
            "conversations": count.called,
            "minutes": ground.minutes,
            "per_minute": ground.person_per_minute,
        },
        "sources": {
            "machine.seconds": "measured",
            "people.conversations": "measured",
            "resolved": "measured",
            "machine.per_hour": "assumption: [cost] machine_per_hour",
            "people.minutes": "assumption: [support] minutes",
            "people.per_minute": "assumption: [support] person_per_minute",
        },
    }
