"""What a conversation says about itself: what the assistant asked back, and how often it was of no help."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from argosy.assist.answering.words import options_of, picked, said_before, slot_asked
from argosy.assist.mining.courtesy import disputes
from argosy.core.records import Message
from argosy.data.slots import values

_CODE = re.compile(r"[A-Za-z0-9][\w./-]*", re.ASCII)
_DAY = re.compile(r"\d|today|yesterday|今天|昨天|前天", re.IGNORECASE)
_CODED = frozenset({"order", "tracking", "phone", "amount"})
_SHORT = 40  # characters of a message that is no more than a value


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Where a conversation stands at its last message.

    ``said`` is the assistant's message before it. ``failures`` is how many of the assistant's last answers in a row
    were of no help, as far as the messages show; ``disputed`` says that the last message says so. ``chosen`` is the
    option that it picks, ``resumed`` the question that a value in it was asked for, ``slots`` all values so asked for.
    """

    said: str = ""
    failures: int = 0
    disputed: bool = False
    chosen: str = ""
    resumed: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)


def state_of(messages: Sequence[Message]) -> State:
    """The state of a conversation; system messages say nothing."""
    told = [message for message in messages if message.role != "system"]
    last = told[-1].content if told and told[-1].role == "user" else ""
    before = told[-2] if len(told) > 1 and told[-2].role == "assistant" else None
    if before is None:
        return State()
    options, slots = options_of(before.content), _told(told)
    return State(
        said=before.content,
        failures=_failures(told),
        disputed=disputes(last),
        chosen=(picked(options, last) or "") if options else "",
        resumed=_asked(told) if slot_asked(before.content) in slots else "",
        slots=slots,
    )


def _told(told: Sequence[Message]) -> dict[str, str]:
    """The values that the assistant asked for and was told, also such as only the question makes one."""
    found: dict[str, str] = {}
    for asking, answer in pairwise(told):
        name = slot_asked(asking.content) if asking.role == "assistant" else None
        if name is not None and answer.role == "user":
            found |= {slot.name: slot.value for slot in values(answer.content)} or _bare(name, answer.content.strip())
    return found


def _bare(name: str, answer: str) -> dict[str, str]:
    """A short answer as the value that was asked for: the first code with a digit, or a day."""
    if len(answer) > _SHORT:
        return {}
    if name == "date":
        return {name: answer} if _DAY.search(answer) else {}
    codes = (code for code in _CODE.findall(answer) if any(map(str.isdigit, code)))
    code = next(codes, None) if name in _CODED else None
    return {} if code is None else {name: code.rstrip("./-")}


def _failures(told: Sequence[Message]) -> int:
    """The assistant's last answers that said nothing, or that the customer disputed."""
    count = 0
    for place in range(len(told) - 1, -1, -1):
        if told[place].role != "assistant":
            continue
        said = said_before(told[place].content)
        answer = told[place + 1].content if place + 1 < len(told) else ""
        if said in {"unknown", "between"} or disputes(answer):
            count += 1
        elif said is None:
            break
    return count


def _asked(told: Sequence[Message]) -> str:
    """What the customer asked before the assistant began to ask for values."""
    place = len(told) - 2
    while place >= 2 and said_before(told[place - 2].content) == "slot":  # noqa: PLR2004 - a turn of each
        place -= 2
    return told[place - 1].content if place else ""
