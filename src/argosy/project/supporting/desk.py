"""An assistant with its log, its queue and the people behind it: what channels and the desk's pages ask."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from argosy.assist.answering.engine import shown
from argosy.core.errors import BusyError, ProjectError
from argosy.core.knowledge import Found
from argosy.core.records import Message
from argosy.core.support import Asked, Assistant, Conversation, Correction, Reply, State, Turn
from argosy.project.supporting import numbers as counted
from argosy.project.supporting.numbers import Ground
from argosy.project.supporting.order import InOrder
from argosy.project.supporting.reading import Read, storable
from argosy.project.supporting.said import messages
from argosy.project.supporting.teaching import Teaching
from argosy.store.support.conversations import (
    Clock,
    Exchange,
    OvertakenError,
    SqlConversations,
    new_id,
    now,
)
from argosy.store.support.events import Event

_DAY = 86_400_000_000  # microseconds
_PAUSE = _DAY  # after so long a silence a message of the same peer begins another conversation
_TRIES = 50  # of an answer that others overtake: each time somebody else's turn was written
_WISH = {"en": "I would like to talk to a person.", "zh": "我想转人工客服。"}  # what the button says for a customer
_LONGEST_REASON = 2_000  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """Where events go: ``target`` is the digest of the address, empty where none is named."""

    target: str = ""

    def event(self, kind: str, conversation: Conversation, at: int, **more: Any) -> Event | None:
        """An event of a conversation."""
        if not self.target:
            return None
        names = ("channel", "peer", "state", "language", "reason", "summary")
        data = {name: getattr(conversation, name) for name in names}
        told = {"type": kind, "at": at, "conversation": conversation.id, "data": {**data, **more}}
        return Event(id=new_id("evt"), target=self.target, told=told, due=at)


@dataclass(slots=True, eq=False, kw_only=True)
class SupportDesk:
    """Answers, logs, queues and learns; several threads and several processes may at once.

    ``assistant`` is asked anew for each message, so that a model that is replaced answers from the next one on.
    """

    assistant: Callable[[], Assistant]
    log: SqlConversations
    teaching: Teaching
    read: Read
    ground: Ground
    outgoing: Outgoing = field(default_factory=Outgoing)
    promise: Callable[[], Mapping[str, Any] | None] = field(default=lambda: None)
    clock: Clock = now
    _order: InOrder = field(default_factory=InOrder)

    def ask(self, asked: Asked) -> Turn:
        """What the assistant said, logged before it is returned; the same turn again for the same channel and id."""
        known = self.log.answered(asked)
        if known is not None:
            return known
        text = self.read(asked.text)
        with self._order.turn(asked.conversation or f"{asked.channel} {asked.peer}"):
            for _ in range(_TRIES):
                try:
                    return self._answer(asked, text)
                except OvertakenError:
                    continue
        raise BusyError("Others write into this conversation all the time.", mend="Send the message again.")

    def conversation(self, name: str) -> Conversation:
        """A conversation."""
        return self.log.conversation(name)

    def turns(self, conversation: str, *, after: int = -1) -> Sequence[Turn]:
        """Its turns of an index above ``after``, in order."""
        return self.log.turns(self.log.conversation(conversation).id, after=after)

    def conversations(self, *states: State, limit: int = 200) -> Sequence[Conversation]:
        """Those in these states: who waits longest first, then the last changed first."""
        return self.log.listed(states, limit)

    def request_person(self, conversation: str) -> Conversation:
        """Put it into the queue; the customer's wish is logged as a message, and so is what was answered."""
        for _ in range(_TRIES):
            seen = self.log.conversation(conversation)
            if seen.state in {"waiting", "taken"}:
                return seen
            asked = Asked(id="", channel=seen.channel, peer=seen.peer, text=_WISH[_language(seen.language)])
            try:
                exchange = self._exchange(asked, asked.text, seen, wished=True)
                self.log.log(exchange, self._since())
            except OvertakenError:
                continue
            return exchange.after
        raise BusyError("Others write into this conversation all the time.", mend="Ask for a person again.")

    def take(self, conversation: str, by: str) -> Conversation:
        """Let this person answer from now on."""
        return self.log.change(conversation, lambda seen: _taken(seen, by, self.clock()))

    def say(self, conversation: str, text: str, by: str) -> Turn:
        """A person's message to the customer; who writes has the conversation from then on."""
        at = self.clock()
        turn = Turn(
            id=new_id("trn"), conversation=conversation, index=0, role="person", text=self.read(text), at=at, by=by
        )
        seen = self.log.conversation(conversation)

        def told(placed: Turn) -> Event | None:
            if seen.channel != "webhook":
                return None
            return self.outgoing.event(
                "support.message", seen, at, turn=placed.id, index=placed.index, text=placed.text
            )

        return self.log.add(turn, lambda before: replace(_taken(before, by, at), changed=at), told)

    def close(self, conversation: str, by: str, *, resolved: bool | None) -> Conversation:
        """End it."""
        at = self.clock()
        return self.log.change(
            conversation, lambda seen: replace(seen, state="closed", resolved=resolved, by=by, changed=at)
        )

    def suggestions(self, conversation: str) -> Sequence[Found]:
        """What may be answered to the customer's last message that is more than a wish for a person, best first."""
        turns = self.turns(conversation)
        asked = [place for place, turn in enumerate(turns) if turn.role == "user"]
        questions = [place for place in asked if not _is_wish(turns[place + 1 : place + 2])]
        last = max(questions or asked, default=-1)
        return self.assistant().suggest(messages(turns[: last + 1])) if last >= 0 else []

    def correct(self, turn: str, answer: str, by: str) -> Correction:
        """What should have been said in the place of the assistant's ``turn``; it is known from now on."""
        said = self._said(turn)
        before = [one for one in self.log.turns(said.conversation) if one.index < said.index and one.role == "user"]
        reply = said.reply
        correction = Correction(
            id=new_id("cor"),
            conversation=said.conversation,
            question=before[-1].text if before else "",
            answer=_worded(answer),
            instead=reply.entries[0] if reply and reply.entries else "",
            by=by,
            at=self.clock(),
        )
        self.teaching.correct(correction)
        return correction

    def rate(self, turn: str, *, helped: bool) -> Turn:
        """What the customer says of the assistant's ``turn``."""
        return self.log.rate(self._said(turn).id, helped=helped)

    def answers(
        self, *, approved: bool | None = None, about: str = "", limit: int = 200
    ) -> Sequence[Mapping[str, Any]]:
        """Stored answers as JSON; those approved, refused (False) or neither (None)."""
        return self.teaching.answers(approved=approved, about=about, limit=limit)

    def decide(self, entry: str, *, approved: bool | None, text: str, by: str) -> None:
        """Approve a stored answer as ``text`` says it, refuse it, or leave it open again."""
        self.teaching.decide(entry, approved=approved, text=text, by=by, at=self.clock())

    def note(self, messages: Sequence[Message], reply: Reply, began: int) -> None:
        """Log what was said to somebody who keeps the conversation and sends all of it each time, by what was said."""
        history = [message for message in messages if message.role != "system"]
        asked = Asked(id="", channel="api", peer=_digest(history[:-1]), text="")
        for _ in range(_TRIES):
            seen = self.log.current("api", asked.peer, self._since()) if len(history) > 1 else None
            try:
                self.log.log(self._noted(asked, seen, history, reply, began), self._since())
            except OvertakenError:
                continue
            return
        raise BusyError("Others write into this conversation all the time.", mend="Send the message again.")

    def numbers(self, days: int = 30) -> Mapping[str, Any]:
        """What the assistant achieved in the last ``days``, as JSON."""
        at = self.clock()
        corrections = self.teaching.decisions.corrections(at - days * _DAY)
        return counted.numbers(
            self.log.between(at - days * _DAY, at + 1), corrections, self.ground, days, self.promise()
        )

    def _said(self, turn: str) -> Turn:
        """A turn of the assistant's."""
        found = self.log.turn(turn)
        if found.role != "assistant":
            raise ProjectError("The turn {turn} is not the assistant's.", mend="Name one of those it said.", turn=turn)
        return found

    def _answer(self, asked: Asked, text: str) -> Turn:
        if asked.conversation:
            seen: Conversation | None = self.log.conversation(asked.conversation)
        else:
            seen = self.log.current(asked.channel, asked.peer, self._since()) if asked.peer else None
        return self.log.log(self._exchange(asked, text, seen), self._since())

    def _exchange(self, asked: Asked, text: str, seen: Conversation | None, *, wished: bool = False) -> Exchange:
        """The message with what the assistant says to it, in the conversation as it becomes."""
        at = self.clock()
        before = self.log.turns(seen.id) if seen else []
        name = seen.id if seen else new_id("con")
        index = before[-1].index + 1 if before else 0
        turn = Turn(id=new_id("trn"), conversation=name, index=index, role="user", text=text, at=at)
        opened = seen or Conversation(
            id=name, channel=asked.channel, peer=asked.peer, state="open", opened=at, changed=at
        )
        if opened.state == "taken":
            return Exchange(asked=asked, seen=seen, after=replace(opened, changed=at), turns=[turn])
        reply = self.assistant().reply(messages([*before, turn]))
        done = self.clock()
        said = Turn(
            id=new_id("trn"),
            conversation=name,
            index=index + 1,
            role="assistant",
            text=reply.text,
            at=done,
            reply=reply,
        )
        after = _after(opened, reply, done, wished=wished)
        needed = after.state == "waiting" and opened.state != "waiting"
        event = self.outgoing.event("support.person_needed", after, done, turn=said.id) if needed else None
        return Exchange(asked=asked, seen=seen, after=after, turns=[turn, said], event=event)

    def _noted(
        self, asked: Asked, seen: Conversation | None, history: Sequence[Message], reply: Reply, began: int
    ) -> Exchange:
        """The newest message with its answer; all of them where the conversation is not known."""
        done, name = self.clock(), seen.id if seen else new_id("con")
        fresh = history[-1:] if seen else history
        first = len(history) - 1 if seen else 0
        turns = [
            Turn(
                id=new_id("trn"),
                conversation=name,
                index=first + place,
                role="user" if message.role == "user" else "assistant",
                text=self.read(message.content),
                at=began,
            )
            for place, message in enumerate(fresh)
        ]
        told = Turn(
            id=new_id("trn"),
            conversation=name,
            index=first + len(fresh),
            role="assistant",
            text=reply.text,
            at=done,
            reply=reply,
        )
        peer = _digest([*history, Message(role="assistant", content=shown(reply))])
        opened = seen or Conversation(id=name, channel="api", peer=peer, state="open", opened=began, changed=done)
        after = replace(opened, peer=peer, changed=done, language=_language(reply.language), reason=reply.reason)
        return Exchange(asked=asked, seen=seen, after=after, turns=[*turns, told])

    def _since(self) -> int:
        return self.clock() - _PAUSE


def _after(seen: Conversation, reply: Reply, at: int, *, wished: bool) -> Conversation:
    """The conversation after a reply; of one that waits ``changed`` says since when it does."""
    language = _language(reply.language)
    if reply.decision == "hand_over" or wished:
        since = seen.changed if seen.state == "waiting" else at
        reason = reply.reason[:_LONGEST_REASON] if reply.decision == "hand_over" else "wants_person"
        return replace(
            seen, state="waiting", changed=since, language=language, reason=reason, summary=reply.summary, resolved=None
        )
    if seen.state == "waiting":
        return seen
    return replace(seen, state="open", changed=at, language=language, resolved=None)


def _is_wish(answered: Sequence[Turn]) -> bool:
    """Whether a message was nothing but the wish for a person, by what was answered to it."""
    return any(turn.reply is not None and turn.reply.reason == "wants_person" for turn in answered)


def _taken(seen: Conversation, by: str, at: int) -> Conversation:
    if seen.state == "closed":
        raise ProjectError("This conversation is over.", mend="Wait until the customer writes again.")
    if seen.state == "taken" and seen.by != by:
        raise ProjectError("Another person has this conversation.", mend="Leave it to them, or talk to them.")
    return replace(seen, state="taken", by=by, changed=at if seen.state != "taken" else seen.changed)


def _digest(history: Sequence[Message]) -> str:
    """What a conversation is known by whose whole text is sent each time."""
    said = json.dumps([(message.role, message.content.strip()) for message in history])
    return sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _language(name: str) -> str:
    return "zh" if name.startswith("zh") else "en"


def _worded(answer: str) -> str:
    text = storable(answer).strip()
    if not text:
        raise ProjectError("The answer is empty.", mend="Write what should have been said.")
    return text
