"""An assistant's log and queue in memory: for the tests of the channels and of the desk."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from argosy.core.errors import MissingError, ProjectError
from argosy.core.knowledge import Entry, Found
from argosy.core.support import Asked, Citation, Conversation, Correction, Reply, State, Turn

SENT = "Parcels leave within two days."
CITED = f"{SENT}[1]\n\nSources:\n[1] Shipping, Delivery › Times"
ENTRY = Entry(
    id="ent_1",
    kind="piece",
    text=SENT,
    keys=("When is my parcel sent?",),
    document="docs/shipping.md",
    title="Shipping",
    where="Delivery › Times",
    end=len(SENT),
    language="en",
)
SHARE = {"value": 0.75, "low": 0.6, "high": 0.85, "count": 30, "n": 40}
NUMBERS: dict[str, Any] = {
    "conversations": 40,
    "questions": 61,
    "decisions": {"stored": 40, "hand_over": 8, "unknown": 3},
    "deflection": SHARE,
    "containment": SHARE,
    "resolution": {**SHARE, "unsaid": 12, "alone": SHARE},
    "hand_overs": {**SHARE, "reasons": {"angry": 3, "wants_person": 5}},
    "first_answer": {"n": 4, "median_seconds": 75.0, "p90_seconds": 4000.0},
    "consistency": {"value": None, "low": None, "high": None, "count": 0, "n": 0},
    "ratings": SHARE,
    "wrong": {"of_answers": SHARE, "of_judged": SHARE, "accepted": 0.05},
    "guarantee": {
        "state": "steady",
        "alarm": False,
        "sentence": "The promised rate covers the questions that come in.",
        "max_wrong": 0.05,
        "confidence": 0.95,
        "curve": [
            {"coverage": part / 10, "error": {"value": part / 100, "low": part / 200, "high": part / 70}}
            for part in range(1, 11)
        ],
    },
    "cost": {
        "currency": "CNY",
        "resolved": 30,
        "per_resolved": 0.7312345,
        "by_person": 4.0,
        "machine": {"sum": 0.000123, "seconds": 3.2, "per_hour": 0.5},
        "people": {"sum": 32.0, "conversations": 8, "minutes": 4.0, "per_minute": 1.0},
    },
}
ANSWERS: tuple[dict[str, Any], ...] = (
    {
        "id": "ans_1",
        "text": "Your order {order} is on its way.",
        "keys": ["Where is my order?", "my parcel did not come"],
        "slots": ["order"],
        "approved": None,
        "agents": ["小李", "Ann", "Bo"],
        "given": 12,
        "last": 1_700_000_000_000_000,
        "conflicts": [
            {
                "question": "Where is my order?",
                "kept": "ans_1",
                "kept_text": "Your order {order} is on its way.",
                "kept_at": None,
                "dropped": "ans_9",
                "dropped_text": "It was <b>lost</b>.",
                "dropped_at": None,
                "difference": "different",
            }
        ],
        "expired": [{"id": "ans_1", "text": "…", "reason": "past_date", "told": "2024-01-01"}],
    },
    {
        "id": "ans_2",
        "text": "十五天内可以退货。",
        "keys": ["可以退货吗？"],
        "slots": [],
        "approved": None,
        "agents": ["Ann"],
        "given": 2,
        "last": None,
        "conflicts": [],
        "expired": [],
    },
)


class InMemory:
    """Answers every question with the same sentence of a document, unless ``says`` names another text.

    Threads may call it at once; ``asked`` counts the messages that were really answered.
    """

    def __init__(self, says: str = SENT) -> None:
        self.says = says
        self.lock = threading.RLock()
        self.clear()

    def clear(self) -> None:
        """As at the beginning."""
        self.asked = 0
        self.told: dict[str, Conversation] = {}
        self.log: dict[str, list[Turn]] = {}
        self.once: dict[tuple[str, str], Turn] = {}
        self.corrections: list[Correction] = []
        self.decided: list[tuple[str, bool | None, str, str]] = []
        self.stored = [dict(one) for one in ANSWERS]

    def ask(self, asked: Asked) -> Turn:
        """The same turn for the same id."""
        with self.lock:
            if known := self.once.get((asked.channel, asked.id)):
                return known
            self.asked += 1
            found = self._open(asked)
            turn = self._add(found.id, "user", asked.text)
            if found.state not in {"taken", "waiting"}:
                turn = self._add(found.id, "assistant", self.says, reply=self._reply())
            self.once[asked.channel, asked.id] = turn
            return turn

    def conversation(self, name: str) -> Conversation:
        """One of them."""
        if name not in self.told:
            raise MissingError("There is no conversation {name!r}.", where="here", mend="Look again.", name=name)
        return self.told[name]

    def turns(self, conversation: str, *, after: int = -1) -> Sequence[Turn]:
        """Those after an index."""
        self.conversation(conversation)
        return [turn for turn in self.log[conversation] if turn.index > after]

    def conversations(self, *states: State, limit: int = 200) -> Sequence[Conversation]:
        """Those in these states."""
        found = [one for one in self.told.values() if not states or one.state in states]
        return sorted(found, key=lambda one: one.changed)[:limit]

    def request_person(self, conversation: str) -> Conversation:
        """Into the queue."""
        return self._change(conversation, state="waiting", reason="wants_person", summary="Asks about a parcel.")

    def take(self, conversation: str, by: str) -> Conversation:
        """Refused where another one has it."""
        found = self.conversation(conversation)
        if found.state == "taken" and found.by != by:
            raise ProjectError("Somebody else has this conversation.", where="queue", mend="Take another one.")
        return self._change(conversation, state="taken", by=by)

    def say(self, conversation: str, text: str, by: str) -> Turn:
        """A person's message."""
        self.conversation(conversation)
        return self._add(conversation, "person", text, by=by)

    def close(self, conversation: str, by: str, *, resolved: bool | None) -> Conversation:
        """The end."""
        return self._change(conversation, state="closed", by=by, resolved=resolved)

    def suggestions(self, conversation: str) -> Sequence[Found]:
        """One."""
        self.conversation(conversation)
        return [Found(entry=ENTRY, score=0.83, key=ENTRY.keys[0])]

    def correct(self, turn: str, answer: str, by: str) -> Correction:
        """Noted."""
        found = self._turn(turn)
        made = Correction(
            id=f"cor_{len(self.corrections)}",
            conversation=found.conversation,
            question="?",
            answer=answer,
            instead=ENTRY.id,
            by=by,
            at=_now(),
        )
        self.corrections.append(made)
        return made

    def rate(self, turn: str, *, helped: bool) -> Turn:
        """Noted on the turn."""
        found = self._turn(turn)
        rated = replace(found, helped=helped)
        self.log[found.conversation][found.index] = rated
        return rated

    def answers(
        self, *, approved: bool | None = None, about: str = "", limit: int = 200
    ) -> Sequence[Mapping[str, Any]]:
        """Those in this state about something."""
        found = [one for one in self.stored if one["approved"] is approved]
        return [one for one in found if about.lower() in (one["text"] + " ".join(one["keys"])).lower()][:limit]

    def decide(self, entry: str, *, approved: bool | None, text: str, by: str) -> None:
        """Noted."""
        (found,) = [one for one in self.stored if one["id"] == entry]
        found |= {"approved": approved, "text": text}
        self.decided.append((entry, approved, text, by))

    def numbers(self, days: int = 30) -> Mapping[str, Any]:
        """As they are."""
        return {**NUMBERS, "days": days}

    def _open(self, asked: Asked) -> Conversation:
        for one in self.told.values():
            if (one.channel, one.peer) == (asked.channel, asked.peer) and one.state != "closed":
                return one
        name = f"cnv_{len(self.told)}"
        made = Conversation(
            id=name, channel=asked.channel, peer=asked.peer, state="open", opened=_now(), changed=_now()
        )
        self.told[name], self.log[name] = made, []
        return made

    def _add(self, name: str, role: Any, text: str, **more: Any) -> Turn:
        index = len(self.log[name])
        turn = Turn(id=f"{name}_{index}", conversation=name, index=index, role=role, text=text, at=_now(), **more)
        self.log[name].append(turn)
        return turn

    def _reply(self) -> Reply:
        cited = Citation(
            begin=0,
            stop=len(self.says),
            entry=ENTRY.id,
            document=ENTRY.document,
            title=ENTRY.title,
            where=ENTRY.where,
            start=0,
            end=len(self.says),
        )
        return Reply(decision="composed", text=self.says, citations=(cited,), entries=(ENTRY.id,), chance=0.97)

    def _turn(self, name: str) -> Turn:
        for turns in self.log.values():
            for turn in turns:
                if turn.id == name:
                    return turn
        raise MissingError("There is no turn {name!r}.", where="here", mend="Look again.", name=name)

    def _change(self, name: str, **values: Any) -> Conversation:
        changed = replace(self.conversation(name), changed=_now(), **values)
        self.told[name] = changed
        return changed


def _now() -> int:
    return time.time_ns() // 1000
