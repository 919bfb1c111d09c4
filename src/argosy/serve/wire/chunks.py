"""The two shapes of a text on the wire: a chat's turn and a completion, whole and in pieces."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel

from argosy.serve.wire.marking import Marked
from argosy.serve.wire.text import (
    ChatChoice,
    ChatCompletion,
    ChatReply,
    Completion,
    CompletionChoice,
    Finish,
    TextUsage,
)

More = Mapping[str, Any] | None
"""What an assistant tells of its answer, as JSON; None where a model only writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What every piece of an answer repeats; ``usage`` says that its last piece tells what it cost."""

    event: str
    created: int
    model: str
    fingerprint: str
    marked: Marked
    usage: bool = False


class Shape(Protocol):
    """How an answer is written; pieces are JSON."""

    def whole(self, text: str, finish: Finish, usage: TextUsage, more: More) -> BaseModel:
        """The body of an answer that is not streamed."""
        ...

    def first(self) -> str:
        """The piece before any text, with the labels."""
        ...

    def piece(self, text: str) -> str:
        """A piece of text."""
        ...

    def last(self, finish: Finish, usage: TextUsage, more: More) -> list[str]:
        """The pieces behind the text."""
        ...


@dataclass(frozen=True, slots=True)
class ChatShape:
    """A chat's turn."""

    head: Head

    def whole(self, text: str, finish: Finish, usage: TextUsage, more: More) -> ChatCompletion:
        """The turn at once."""
        choice = ChatChoice(message=ChatReply(content=text), finish_reason=finish)
        return ChatCompletion(
            id=f"chatcmpl-{self.head.event}",
            created=self.head.created,
            model=self.head.model,
            system_fingerprint=self.head.fingerprint,
            choices=[choice],
            usage=usage,
            support=None if more is None else dict(more),
            label=self.head.marked.label,
            AIGC=self.head.marked.AIGC,
        )

    def first(self) -> str:
        """Who speaks."""
        return self._chunk([self._choice({"role": "assistant", "content": ""})], self.head.marked.model_dump())

    def piece(self, text: str) -> str:
        """What is said."""
        return self._chunk([self._choice({"content": text})])

    def last(self, finish: Finish, usage: TextUsage, more: More) -> list[str]:
        """Why it ends, and what it cost."""
        told = [self._chunk([self._choice({}, finish)], None if more is None else {"support": more})]
        return [*told, self._chunk([], {"usage": usage.model_dump()})] if self.head.usage else told

    def _choice(self, delta: dict[str, str], finish: Finish | None = None) -> dict[str, Any]:
        return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}

    def _chunk(self, choices: list[dict[str, Any]], more: dict[str, Any] | None = None) -> str:
        return _chunk(self.head, "chatcmpl", "chat.completion.chunk", choices, more or {})


@dataclass(frozen=True, slots=True)
class CompletionShape:
    """A text."""

    head: Head

    def whole(self, text: str, finish: Finish, usage: TextUsage, more: More) -> Completion:  # noqa: ARG002 - only a turn tells it
        """The text at once."""
        return Completion(
            id=f"cmpl-{self.head.event}",
            created=self.head.created,
            model=self.head.model,
            system_fingerprint=self.head.fingerprint,
            choices=[CompletionChoice(text=text, finish_reason=finish)],
            usage=usage,
            label=self.head.marked.label,
            AIGC=self.head.marked.AIGC,
        )

    def first(self) -> str:
        """No text yet."""
        return self._chunk([self._choice("")], self.head.marked.model_dump())

    def piece(self, text: str) -> str:
        """What is written."""
        return self._chunk([self._choice(text)])

    def last(self, finish: Finish, usage: TextUsage, more: More) -> list[str]:  # noqa: ARG002
        """Why it ends, and what it cost."""
        told = [self._chunk([self._choice("", finish)])]
        return [*told, self._chunk([], {"usage": usage.model_dump()})] if self.head.usage else told

    def _choice(self, text: str, finish: Finish | None = None) -> dict[str, Any]:
        return {"index": 0, "text": text, "logprobs": None, "finish_reason": finish}

    def _chunk(self, choices: list[dict[str, Any]], more: dict[str, Any] | None = None) -> str:
        return _chunk(self.head, "cmpl", "text_completion", choices, more or {})


def _chunk(head: Head, prefix: str, kind: str, choices: list[dict[str, Any]], more: dict[str, Any]) -> str:
    told: dict[str, Any] = {
        "id": f"{prefix}-{head.event}",
        "object": kind,
        "created": head.created,
        "model": head.model,
        "system_fingerprint": head.fingerprint,
        "choices": choices,
        **({"usage": None} if head.usage else {}),
        **more,
    }
    return json.dumps(told, ensure_ascii=False)
