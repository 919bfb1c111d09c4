"""What a generating model reads and writes: texts or conversations to token numbers and back, without torch."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import jinja2
import tokenizers
from jinja2 import nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from argosy.core.errors import DataError, MissingError
from argosy.core.records import Message
from argosy.infer.text import sound

_TURNS = ("<|im_end|>", "<|eot_id|>", "<|end|>", "<end_of_turn>", "<|endoftext|>", "<|end_of_text|>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """How a model wants a conversation written: its own Jinja template, run in a sandbox.

    ``tokens`` are the special tokens by the names that templates know, such as ``bos_token``.
    """

    source: str
    tokens: dict[str, str]

    def render(self, messages: Sequence[Message], *, answer: bool = True) -> str:
        """The conversation as one text, with the opening of the answer when ``answer``.

        Raises DataError when the template refuses the messages or is broken.
        """
        try:
            return (
                _environment()
                .from_string(self.source)
                .render(messages=[asdict(message) for message in messages], add_generation_prompt=answer, **self.tokens)
            )
        except (jinja2.TemplateError, TypeError, ValueError) as error:
            raise DataError(
                "The model's chat template refuses the conversation: {reason}",
                mend="Begin with the user and take turns; some models know no system message.",
                reason=error,
            ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """The tokenizer of a generating model; ``ends`` are the tokens after which nothing follows."""

    inner: tokenizers.Tokenizer
    template: Template | None
    ends: frozenset[int]

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The script of a transformers folder; raises MissingError when it has no ``tokenizer.json``."""
        file = folder / "tokenizer.json"
        if not file.is_file():
            raise MissingError(
                "The model has no {name}.",
                where=str(folder),
                mend="Choose a model with a fast tokenizer.",
                name=file.name,
            )
        try:
            inner = tokenizers.Tokenizer.from_file(str(file))
        except Exception as error:  # the library raises nothing narrower
            raise MissingError("The tokenizer cannot be read: {reason}.", where=str(file), reason=error) from error
        inner.no_padding()
        inner.no_truncation()
        settings = _json(folder / "tokenizer_config.json")
        tokens = _specials(settings)
        return cls(inner=inner, template=_template(folder, settings, tokens), ends=_ends(folder, inner, tokens))

    def encode(self, prompt: str | Sequence[Message]) -> list[int]:
        """The tokens to go on from; those that would close a text are left out."""
        if not isinstance(prompt, str):
            if self.template is None:
                raise DataError("The model has no chat template.", mend="Give one text to go on from.")
            return list(self.inner.encode(sound(self.template.render(prompt)), add_special_tokens=False).ids)
        read = self.inner.encode(sound(prompt))
        ids, special = list(read.ids), read.special_tokens_mask
        while ids and special[len(ids) - 1] and len(ids) > 1:
            ids.pop()
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        """The text of some tokens, special ones left out."""
        return self.inner.decode(list(ids), skip_special_tokens=True)


class _Generation(Extension):
    """``{% generation %}`` marks the answers for training; here it changes nothing."""

    tags = {"generation"}  # noqa: RUF012 - as Jinja declares it

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def _environment() -> ImmutableSandboxedEnvironment:
    """The functions and filters that published templates use."""

    def refuse(message: str) -> str:
        raise jinja2.TemplateError(message)

    def now(form: str) -> str:
        return dt.datetime.now().astimezone().strftime(form)

    def tojson(value: Any, indent: int | None = None) -> str:
        return json.dumps(value, ensure_ascii=False, indent=indent)

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols, _Generation]
    )
    environment.filters["tojson"] = tojson
    environment.globals.update(raise_exception=refuse, strftime_now=now)
    return environment


def _template(folder: Path, settings: dict[str, Any], tokens: dict[str, str]) -> Template | None:
    """The file ``chat_template.jinja``, or the template in the tokenizer's settings (of several, the default)."""
    file = folder / "chat_template.jinja"
    source = file.read_text(encoding="utf-8") if file.is_file() else settings.get("chat_template")
    if isinstance(source, list):
        source = {one["name"]: one["template"] for one in source}.get("default")
    return Template(source=source, tokens=tokens) if source else None


def _specials(settings: dict[str, Any]) -> dict[str, str]:
    """The special tokens by name, written as a text or as an object with its ``content``."""
    named = {name: value for name, value in settings.items() if name.endswith("_token")}
    texts = {name: value["content"] if isinstance(value, dict) else value for name, value in named.items()}
    return {name: text for name, text in texts.items() if isinstance(text, str)}


def _ends(folder: Path, inner: tokenizers.Tokenizer, tokens: dict[str, str]) -> frozenset[int]:
    """What the model's files call the end, and the known ends of a turn where they are special tokens."""
    found: set[int] = set()
    for name in ("generation_config.json", "config.json"):
        value = _json(folder / name).get("eos_token_id")
        found.update(value if isinstance(value, list) else [] if value is None else [value])
    special = {token.content: number for number, token in inner.get_added_tokens_decoder().items() if token.special}
    found.update(special[name] for name in (*_TURNS, tokens.get("eos_token", "")) if name in special)
    return frozenset(found)


def _json(file: Path) -> dict[str, Any]:
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}
