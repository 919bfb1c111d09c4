"""Bodies of ``/v1/chat/completions`` and ``/v1/completions``, as the clients of OpenAI's API send and expect them."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from argosy.core.records import Message, Settings
from argosy.serve.answers.catalogue import Served
from argosy.serve.errors import RequestError
from argosy.serve.wire.marking import Marked
from argosy.serve.wire.parse import AT_ONCE, STRICT, Texts, parse

CHAT_EXAMPLE = '{"model": "name", "messages": [{"role": "user", "content": "Hello"}]}'
COMPLETION_EXAMPLE = '{"model": "name", "prompt": "Once upon a time"}'
_MOST_STOPS = 4
_SHOWN = 60  # characters of a client's own words that an error repeats
_MAX_TOKENS = 256  # where nothing is said
_HARMLESS = frozenset({"user", "metadata", "safety_identifier", "prompt_cache_key", "service_tier"})
_NEUTRAL: Mapping[str, Sequence[Any]] = {
    "n": (1,),
    "logprobs": (False, 0),
    "top_logprobs": (0,),
    "presence_penalty": (0,),
    "frequency_penalty": (0,),
    "logit_bias": ({},),
    "response_format": ({"type": "text"},),
    "tools": ([],),
    "tool_choice": ("none",),
    "parallel_tool_calls": (),
    "functions": ([],),
    "function_call": ("none",),
    "modalities": (["text"],),
    "audio": (),
    "prediction": (),
    "reasoning_effort": (),
    "verbosity": (),
    "web_search_options": (),
    "store": (False,),
    "best_of": (1,),
    "echo": (False,),
    "suffix": ("",),
}
"""Keys of OpenAI's that ask for what is not done here, and the values with which they ask for nothing."""


class StreamOptions(BaseModel):
    """What a stream tells beside the text."""

    model_config = STRICT

    include_usage: bool = False


class _Asked(BaseModel):
    """What both routes are asked alike."""

    model_config = STRICT

    model: str | None = Field(default=None, description="a text")
    stream: bool | None = Field(default=False, description="true or false")
    stream_options: StreamOptions | None = Field(default=None, description='an object such as {"include_usage": true}')
    max_tokens: int | None = Field(default=None, ge=1, description="a whole number from 1")
    temperature: float | None = Field(default=None, ge=0, le=2, description="a number from 0 to 2")
    top_p: float | None = Field(default=None, gt=0, le=1, description="a number above 0, at most 1")
    top_k: int | None = Field(default=None, ge=0, description="a whole number from 0 (off)")
    repetition_penalty: float | None = Field(default=None, gt=0, le=10, description="a number above 0, at most 10")
    stop: str | Texts | None = Field(default=None, description="a text, or up to four, none of them empty")
    seed: int | None = Field(default=None, ge=-(2**63), lt=2**63, description="a whole number of 64 bits")


class TextPart(BaseModel):
    """A part of a message."""

    model_config = STRICT

    type: Literal["text"]
    text: str


class ChatMessage(BaseModel):
    """A turn of a conversation; ``developer`` is read as ``system``."""

    model_config = STRICT

    role: Literal["system", "developer", "user", "assistant"]
    content: str | Annotated[list[TextPart], AT_ONCE]


class ChatRequest(_Asked):
    """A conversation to answer; without limits an answer has at most 256 tokens."""

    messages: Annotated[list[ChatMessage], AT_ONCE] = Field(
        min_length=1, description="a list of messages of system, user or assistant, their content a text or text parts"
    )
    max_completion_tokens: int | None = Field(default=None, ge=1, description="a whole number from 1")


class CompletionRequest(_Asked):
    """A text to go on with; without limits an answer has at most 256 tokens."""

    prompt: str | Texts = Field(description="one text")


class TextUsage(BaseModel):
    """What an answer cost, in the tokens of the model."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


Finish = Literal["stop", "length"]


class ChatReply(BaseModel):
    """The model's turn."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None


class ChatChoice(BaseModel):
    """The one answer."""

    index: int = 0
    message: ChatReply
    logprobs: None = None
    finish_reason: Finish


class CompletionChoice(BaseModel):
    """The one text."""

    index: int = 0
    text: str
    logprobs: None = None
    finish_reason: Finish


class ChatCompletion(Marked):
    """A conversation's next turn; its labels say that it was generated. ``support`` is what an assistant tells."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    system_fingerprint: str
    choices: list[ChatChoice]
    usage: TextUsage
    support: dict[str, Any] | None = Field(default=None, exclude_if=lambda told: told is None)


class Completion(Marked):
    """A text that goes on with the prompt; its labels say that it was generated."""

    id: str
    object: Literal["text_completion"] = "text_completion"
    created: int
    model: str
    system_fingerprint: str
    choices: list[CompletionChoice]
    usage: TextUsage


def parse_chat(body: bytes) -> ChatRequest:
    """The request for a turn; raises RequestError."""
    asked = parse(body, ChatRequest, example=CHAT_EXAMPLE, harmless=_HARMLESS, neutral=_NEUTRAL)
    if asked.max_tokens and asked.max_completion_tokens and asked.max_tokens != asked.max_completion_tokens:
        raise RequestError(
            "The keys {first!r} and {second!r} say different things.",
            code="invalid_value",
            param="max_tokens",
            mend="Leave {first!r} out.",
            first="max_tokens",
            second="max_completion_tokens",
        )
    return asked


def parse_completion(body: bytes) -> CompletionRequest:
    """The request for a text; raises RequestError."""
    return parse(body, CompletionRequest, example=COMPLETION_EXAMPLE, harmless=_HARMLESS, neutral=_NEUTRAL)


def messages_of(asked: ChatRequest, limit: int) -> list[Message]:
    """The conversation; raises RequestError when it has no words of the user's, or more than ``limit`` characters."""
    turns = []
    for place, turn in enumerate(asked.messages):
        _check_inner(turn, f"messages[{place}]")
        for part in turn.content if isinstance(turn.content, list) else ():
            _check_inner(part, f"messages[{place}].content")
        content = turn.content if isinstance(turn.content, str) else "".join(part.text for part in turn.content)
        turns.append(Message(role="system" if turn.role == "developer" else turn.role, content=content))
    if not any(turn.content.strip() for turn in turns if turn.role != "system"):
        raise _blank("messages")
    _check_length(sum(len(turn.content) for turn in turns), "messages", limit)
    return turns


def prompt_of(asked: CompletionRequest, limit: int) -> str:
    """The text to go on with; raises RequestError when it is empty, too long, or not one."""
    texts = [asked.prompt] if isinstance(asked.prompt, str) else asked.prompt
    if len(texts) != 1:
        raise RequestError(
            "The prompt must be one text; there are {found}.",
            code="unsupported_field",
            param="prompt",
            mend="Send a request for each.",
            found=len(texts),
        )
    if not texts[0]:
        raise _blank("prompt")
    _check_length(len(texts[0]), "prompt", limit)
    return texts[0]


def settings_of(asked: _Asked, limit: int | None) -> Settings:
    """How the text is to be generated; what is not said is as with OpenAI, ``max_tokens`` aside."""
    if asked.stream_options:
        _check_inner(asked.stream_options, "stream_options")
    stop = (asked.stop,) if isinstance(asked.stop, str) else tuple(asked.stop or ())
    if len(stop) > _MOST_STOPS or not all(stop):
        raise RequestError(
            "The value of {key!r} does not fit: it must be {expected}.",
            code="invalid_value",
            param="stop",
            mend="Leave out what is not needed.",
            key="stop",
            expected="a text, or up to four, none of them empty",
        )
    return Settings(
        max_tokens=limit or _MAX_TOKENS,
        temperature=1.0 if asked.temperature is None else asked.temperature,
        top_k=asked.top_k or 0,
        top_p=1.0 if asked.top_p is None else asked.top_p,
        repetition_penalty=1.0 if asked.repetition_penalty is None else asked.repetition_penalty,
        stop=stop,
        seed=None if asked.seed is None else asked.seed % 2**31,  # what every engine takes
    )


def usage(prompt_tokens: int, completion_tokens: int) -> TextUsage:
    """The usage block."""
    return TextUsage(
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        total_tokens=prompt_tokens + completion_tokens,
    )


def quantities(prompt_tokens: int, completion_tokens: int) -> dict[str, int]:
    """The same as it is charged."""
    return {"requests": 1, "prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens}


def fingerprint(served: Served) -> str:
    """Changes when another version of the model, or another engine, answers: the same seed may then give another text.

    OpenAI's clients compare it.
    """
    told = f"{served.name}\n{served.version}\n{served.engine.name}"
    return f"fp_{hashlib.sha256(told.encode()).hexdigest()[:12]}"


def _check_inner(part: BaseModel, place: str) -> None:
    """Raise RequestError for a key that asks for something; a speaker's name asks for nothing."""
    for key, value in (part.model_extra or {}).items():
        if key != "name" and value not in (None, False, [], {}):
            raise RequestError(
                "The key {key!r} asks for what this server does not do.",
                code="unsupported_field",
                param=f"{place}.{key}"[:_SHOWN],
                mend="Leave it out.",
                key=key[:_SHOWN],
            )


def _blank(param: str) -> RequestError:
    return RequestError("The text is blank.", code="empty_input", param=param, mend="Send at least one word.")


def _check_length(found: int, param: str, limit: int) -> None:
    if found > limit:
        raise RequestError(
            "The text has {found} characters; it may have {limit}.",
            code="text_too_long",
            param=param,
            mend="Shorten it.",
            found=found,
            limit=limit,
        )
