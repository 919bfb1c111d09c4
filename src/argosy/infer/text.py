"""Text out, whatever the engine: tokens to whole characters, stop strings, and opening a model that generates."""

from collections import abc
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Literal

from argosy.core.engine import Deltas
from argosy.core.errors import DataError
from argosy.core.records import Delta, Message

_CUT = "\N{REPLACEMENT CHARACTER}"  # what decoders write for bytes that make no character
_PENDING = 16  # tokens without a whole character after which the bytes are taken for broken


class Characters:
    """Turns tokens into text one by one; the bytes of a character that is not whole yet are held back.

    ``decode`` gives the text of some tokens. Tokens are decoded together with the last ones that were told, because
    some tokenizers write a token otherwise at the start of a text.
    """

    def __init__(self, decode: Callable[[Sequence[int]], str]) -> None:
        self._decode = decode
        self._told: list[int] = []
        self._pending: list[int] = []
        self._shown = 0  # characters of ``_told + _pending`` that are out

    def push(self, token: int) -> str:
        """The characters that ``token`` completes."""
        self._pending.append(token)
        text = self._decode([*self._told, *self._pending])
        broken = len(self._pending) >= _PENDING
        whole = text if broken else text.rstrip(_CUT)
        new = whole[self._shown :]
        self._shown = max(self._shown, len(whole))
        if len(whole) == len(text) and (text or broken):
            self._told, self._pending = self._pending, []
            self._shown = len(self._decode(self._told))
        return new


class Stops:
    """Holds back what may become a stop string; a stop string is never shown, nor is any part of one."""

    def __init__(self, stop: Sequence[str]) -> None:
        self._stop = stop
        self._held = ""
        self.found = False

    def push(self, text: str) -> str:
        """What can be shown now; nothing more after a stop string was found."""
        self._held += text
        places = [place for place in (self._held.find(word) for word in self._stop) if place >= 0]
        if places:
            self.found = True
            shown, self._held = self._held[: min(places)], ""
            return shown
        held = max((_overlap(self._held, word) for word in self._stop), default=0)
        shown, self._held = self._held[: len(self._held) - held], self._held[len(self._held) - held :]
        return shown

    def flush(self) -> str:
        """What was held back, when nothing follows any more."""
        shown, self._held = self._held, ""
        return shown


def _overlap(text: str, word: str) -> int:
    """The length of the longest end of ``text`` that ``word`` starts with, the whole word aside."""
    longest = min(len(text), len(word) - 1)
    return next((size for size in range(longest, 0, -1) if text.endswith(word[:size])), 0)


Ending = Literal["stop", "length"]
Pieces = abc.Generator[tuple[str, int], None, Ending]
"""What an engine gives: characters with the number of tokens they took, and at last why it ended."""


def deltas(pieces: Pieces, stop: Sequence[str], prompt_tokens: int) -> Deltas:
    """The pieces of an engine as deltas, cut at the first stop string; the engine is closed however this ends."""
    stops = Stops(stop)
    waiting = 0
    finish: Ending = "stop"
    with closing(pieces):
        while True:
            try:
                text, tokens = next(pieces)
            except StopIteration as end:
                finish, shown = end.value, stops.flush()
                break
            waiting += tokens
            shown = stops.push(text)
            if stops.found:
                break
            if shown:
                yield Delta(text=shown, tokens=waiting)
                waiting = 0
    yield Delta(text=shown, tokens=waiting, finish=finish, prompt_tokens=prompt_tokens)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole text, why it ended, and what it cost."""

    text: str
    finish: Ending
    prompt_tokens: int
    tokens: int


def whole(pieces: Iterable[Delta]) -> Answer:
    """All pieces as one answer."""
    text, tokens, last = "", 0, Delta(text="", tokens=0, finish="stop")
    for last in pieces:
        text, tokens = text + last.text, tokens + last.tokens
    return Answer(text=text, finish=last.finish or "stop", prompt_tokens=last.prompt_tokens, tokens=tokens)


def sound(text: str) -> str:
    """The text with lone halves of surrogate pairs replaced: no tokenizer takes them."""
    return text.encode("utf-8", "replace").decode("utf-8")


def check_prompt(prompt: str | Sequence[Message], *, chat: bool, model: str) -> None:
    """Raise DataError for a prompt without a text in it, or for a conversation where the model knows none."""
    if isinstance(prompt, str):
        if not prompt:
            raise DataError("The prompt is empty.", mend="Give a text to go on from.")
        return
    if not chat:
        raise DataError(
            "The model has no chat template, so it cannot answer a conversation.",
            where=model,
            mend="Give one text to go on from, without a system message, or choose an instruction-tuned model.",
        )
    if not any(message.content.strip() for message in prompt if message.role != "system"):
        raise DataError("The conversation has no words in it.", mend="Give at least one message of the user.")


def check_room(tokens: int, context: int, model: str) -> None:
    """Raise DataError when the prompt leaves no room for an answer."""
    if tokens >= context:
        raise DataError(
            "The prompt has {tokens} tokens; the model reads {context}, its answer included.",
            where=model,
            mend="Shorten the prompt, or choose a model with a longer context.",
            tokens=tokens,
            context=context,
        )
