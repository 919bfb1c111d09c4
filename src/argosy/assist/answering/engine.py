"""The assistant as an engine that answers conversations, so that chat routes, keys and meters serve it as it is."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from argosy.assist.answering.words import WORDS, Language
from argosy.core.engine import Deltas
from argosy.core.knowledge import STORED
from argosy.core.records import Delta, Message, Settings
from argosy.core.support import Assistant, Citation, Reply
from argosy.data.documents.sentences import sentences
from argosy.infer.text import check_prompt

_CONTEXT = 1_000_000
_TOKEN = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+|[^\w\s]|_"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistantEngine:
    """A Generator around an Assistant.

    Tokens are words, Chinese characters and signs. An answer is never cut: ``max_tokens`` bounds what is charged, and
    what else settings say changes nothing, since nothing is drawn by chance. Where sentences are quoted from documents,
    marks such as ``[1]`` stand behind them and the sources at the end; a stored answer is told as it is stored.
    """

    assistant: Assistant
    name: str = "assistant"
    context: int = _CONTEXT
    chat: bool = True

    def generate(self, prompt: str | Sequence[Message], settings: Settings) -> Deltas:  # noqa: ARG002 - see above
        """The answer sentence by sentence; the last piece tells the whole Reply as ``more``."""
        check_prompt(prompt, chat=True, model=self.name)
        return self._tell(_messages(prompt))

    def count(self, prompt: str | Sequence[Message]) -> int:
        """The tokens of a conversation."""
        return sum(tokens_of(message.content) for message in _messages(prompt))

    def _tell(self, messages: Sequence[Message]) -> Deltas:
        reply = self.assistant.reply(messages)
        for piece in _pieces(shown(reply)):
            yield Delta(text=piece, tokens=tokens_of(piece))
        yield Delta(text="", tokens=0, finish="stop", prompt_tokens=self.count(messages), more=reply.to_json())


def tokens_of(text: str) -> int:
    """How many tokens a text counts: each word or number, Chinese character and sign.

    >>> tokens_of("Order 88231, 谢谢！")
    6
    """
    return len(_TOKEN.findall(text))


def shown(reply: Reply) -> str:
    """A reply for who reads text alone: with marks and a list of sources where it was composed."""
    quoted = [one for one in reply.citations if not one.document.startswith(STORED)]
    if reply.decision != "composed" or not quoted:
        return reply.text
    numbers: dict[tuple[str, str], int] = {}
    text, at = "", 0
    for one, after in _ends(quoted):
        number = numbers.setdefault((one.title or one.document, one.where), len(numbers) + 1)
        text += reply.text[at : one.stop] + (f" [{number}]" if after else "")
        at = one.stop
    language: Language = "zh" if reply.language == "zh" else "en"
    listed = "\n".join(f"[{number}] {', '.join(filter(None, place))}" for place, number in numbers.items())
    return f"{text}{reply.text[at:]}\n\n{WORDS[language].sources}\n{listed}"


def _ends(citations: Sequence[Citation]) -> Iterator[tuple[Citation, bool]]:
    """The citations in order, and whether the next one is of another place."""
    for place, one in enumerate(citations):
        following = citations[place + 1] if place + 1 < len(citations) else None
        yield one, following is None or (following.entry, following.where) != (one.entry, one.where)


def _pieces(text: str) -> Iterator[str]:
    """The text sentence by sentence, with the white space behind each."""
    starts = [start for start, _ in sentences(text)][1:]
    for start, end in zip([0, *starts], [*starts, len(text)], strict=True):
        if start < end:
            yield text[start:end]


def _messages(prompt: str | Sequence[Message]) -> Sequence[Message]:
    return [Message(role="user", content=prompt)] if isinstance(prompt, str) else prompt
