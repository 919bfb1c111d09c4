"""What the widget and webhooks send, and what they are told."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from argosy.core.support import Conversation, State, Turn
from argosy.serve.channels.telling import sources_of
from argosy.serve.wire.parse import STRICT

_ANSWERS = ("stored", "composed")
_ID = r"^[A-Za-z0-9._:-]{1,128}$"
Id = Annotated[str, Field(pattern=_ID)]


class SupportMessage(BaseModel):
    """A customer's message: its ``id`` is made by the sender, who sends it again with the same one.

    ``conversation`` is the one that it belongs to, once there is one; turns after the index ``after`` are answered.
    """

    model_config = STRICT
    id: Id = Field(description="1 to 128 letters, digits or ._:-", examples=["5d7c…"])
    text: str = Field(description="a text", examples=["Where is my order?"])
    conversation: Id | None = Field(None, description="the id of a conversation")
    after: int = Field(-1, ge=-1, description="an index")


class SupportRating(BaseModel):
    """What a customer says of an answer."""

    model_config = STRICT
    conversation: Id = Field(description="the id of a conversation")
    turn: Id = Field(description="the id of a turn")
    helped: bool = Field(description="true or false")


class SupportPerson(BaseModel):
    """A customer's wish to speak with a person."""

    model_config = STRICT
    conversation: Id = Field(description="the id of a conversation")


class SupportHook(BaseModel):
    """A customer's message by way of another system, which names the customer as it likes: ``customer``."""

    model_config = STRICT
    id: Id = Field(description="1 to 128 letters, digits or ._:-")
    customer: Annotated[str, Field(min_length=1, max_length=200)] = Field(description="1 to 200 characters")
    text: str = Field(description="a text")


class Source(BaseModel):
    """Where characters ``begin`` to ``stop`` of an answer stand."""

    begin: int
    stop: int
    title: str
    where: str


class TurnTold(BaseModel):
    """One message of a conversation, as the customer is shown it; ``answers``: it answers a question."""

    id: str
    index: int
    role: Literal["user", "assistant", "person"]
    text: str
    at: int
    answers: bool
    helped: bool | None
    sources: list[Source]


class SupportTold(BaseModel):
    """A conversation: its state, and its turns after the index that was named."""

    conversation: str
    state: State
    turns: list[TurnTold]


BODIES = (SupportMessage, SupportRating, SupportPerson, SupportHook)
"""Bodies that the routes read themselves."""


def told(conversation: Conversation, turns: Sequence[Turn]) -> SupportTold:
    """What a customer is shown of a conversation; who wrote for the house is not said."""
    return SupportTold(
        conversation=conversation.id, state=conversation.state, turns=[turn_told(turn) for turn in turns]
    )


def turn_told(turn: Turn) -> TurnTold:
    """A turn with its sources."""
    return TurnTold(
        id=turn.id,
        index=turn.index,
        role=turn.role,
        text=turn.text,
        at=turn.at,
        answers=turn.reply is not None and turn.reply.decision in _ANSWERS,
        helped=turn.helped,
        sources=[
            Source(begin=one.begin, stop=one.stop, title=one.title or one.document, where=one.where)
            for one in sources_of(turn)
        ],
    )
