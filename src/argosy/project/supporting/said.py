"""What was said in a conversation, as the assistant was given it."""

from collections.abc import Sequence

from argosy.assist.answering.engine import shown
from argosy.core.records import Message
from argosy.core.support import Conversation, Turn

LAST = 40
"""Turns that the assistant is given at most, the last ones."""


def messages(turns: Sequence[Turn]) -> list[Message]:
    """The last turns as messages; a person's are the assistant's."""
    return [Message(role="user" if turn.role == "user" else "assistant", content=turn.text) for turn in turns[-LAST:]]


def context(conversation: Conversation, turns: Sequence[Turn]) -> list[Message]:
    """What the assistant was given of these turns: by who keeps the conversation himself, all of it as it was shown."""
    if conversation.channel != "api":
        return messages(turns)
    return [
        Message(
            role="user" if turn.role == "user" else "assistant",
            content=shown(turn.reply) if turn.reply else turn.text,
        )
        for turn in turns
    ]
