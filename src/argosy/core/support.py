"""The nouns of an assistant that answers customers: what it understands, what it replies, and who takes over."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol, Self

from argosy.core.knowledge import Found
from argosy.core.records import Message

Decision = Literal["stored", "composed", "clarify", "hand_over", "unknown", "small_talk"]
"""A stored answer as it is; sentences of sources; a question back; a person; no answer here; a courtesy."""
Mood = Literal["calm", "angry", "wants_person"]
Channel = Literal["api", "widget", "webhook", "wecom", "dingtalk", "feishu", "desk"]
State = Literal["open", "waiting", "taken", "closed"]
"""Of a conversation: with the assistant; in the queue for a person; with a person; over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What a customer's last message asks, in the light of those before it.

    ``questions`` are what it asks, each to be understood alone, in order; none for a message that asks nothing (emoji,
    a greeting). ``intents`` are the likeliest cluster of each question with its chance, ``known`` the chance that
    something here is about it at all. ``slots`` are values such as ``order`` and ``date`` of the whole conversation.
    """

    text: str
    questions: tuple[str, ...]
    language: Literal["zh", "en"]
    mood: Mood = "calm"
    intents: tuple[tuple[str, float], ...] = ()
    known: tuple[float, ...] = ()
    slots: Mapping[str, str] = field(default_factory=dict)
    follows: bool = False
    courtesy: str = ""


class Understanding(Protocol):
    """Reads conversations; threads may call it at once."""

    def understand(self, messages: Sequence[Message]) -> Understood:
        """What the last message of the user asks; it never fails, whatever the text."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Where characters ``begin`` to ``stop`` of a reply stand: at ``start`` to ``end`` of a document's text."""

    begin: int
    stop: int
    entry: str
    document: str
    title: str
    where: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the assistant says, and why: ``chance`` that it is right, ``threshold`` what was asked for.

    ``entries`` are the ids of what it answers with, ``summary`` is for the person who takes over. ``generation`` and
    ``version`` name the knowledge and the model that said it: with the same conversation they say the same bytes.
    """

    decision: Decision
    text: str
    citations: tuple[Citation, ...] = ()
    entries: tuple[str, ...] = ()
    chance: float = 0.0
    threshold: float = 0.0
    reason: str = ""
    summary: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"
    generation: int = 0
    version: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """What ``to_json`` told."""
        citations = tuple(Citation(**one) for one in told["citations"])
        return cls(**{**told, "citations": citations, "entries": tuple(told["entries"])})


class Assistant(Protocol):
    """Answers conversations: the same conversation over the same knowledge gets the same bytes."""

    def reply(self, messages: Sequence[Message], generation: int | None = None) -> Reply:
        """The answer to the last message; over an earlier state of the knowledge where one is named."""
        ...

    def suggest(self, messages: Sequence[Message], most: int = 3) -> Sequence[Found]:
        """What a person may answer with, whatever the chance."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message of a logged conversation: ``text`` as the assistant read it, without personal data.

    ``reply`` is set on what the assistant said, ``helped`` on what somebody rated, ``by`` is the key of the person who
    wrote it.
    """

    id: str
    conversation: str
    index: int
    role: Literal["user", "assistant", "person"]
    text: str
    at: int
    reply: Reply | None = None
    helped: bool | None = None
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A conversation of a channel; ``peer`` is whose it is there, as a digest. ``resolved`` None: nobody said."""

    id: str
    channel: Channel
    peer: str
    state: State
    opened: int
    changed: int
    language: str = "en"
    reason: str = ""
    summary: str = ""
    by: str = ""
    resolved: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a person would have answered to a question: it becomes an entry, and a row of the next build.

    ``instead`` is the id of the entry that was wrong there, if the assistant had answered.
    """

    id: str
    conversation: str
    question: str
    answer: str
    instead: str
    by: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A customer's message; ``id`` is the channel's own, and a second one of the same id changes nothing."""

    id: str
    channel: Channel
    peer: str
    text: str
    conversation: str = ""
