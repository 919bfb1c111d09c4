"""A base's tokenizer as training needs it: pairs, words, windows, and where each token stands in the text."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import tokenizers
from tokenizers import Encoding

from argosy.core.errors import MissingError
from argosy.infer.tokens import Tokenizer

_SETTINGS = ("config.json", "special_tokens_map.json", "tokenizer_config.json")
_USUAL = {
    "mask": ("[MASK]", "<mask>"),
    "end": ("</s>", "<|endoftext|>", "<|im_end|>", "<eos>", "[SEP]"),
    "start": ("<s>", "<bos>", "<|endoftext|>", "[CLS]"),
}
_KEYS = {"mask": "mask_token", "end": "eos_token", "start": "bos_token"}
Text = str | tuple[str, str]


class Reader:
    """Reads texts as the served model will; cut at ``max_length`` tokens where that is not said otherwise."""

    def __init__(self, folder: Path, *, max_length: int) -> None:
        plain = Tokenizer.load(folder, max_length=max_length)
        self.folder = folder
        self.max_length = max_length
        self.pad = plain.pad
        self._cut = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._cut.no_padding()
        self._whole = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._whole.no_padding()
        self._whole.no_truncation()
        self._cut.enable_truncation(max_length)
        self._settings = _settings(folder)

    @property
    def size(self) -> int:
        """One more than the largest token number."""
        return max(self._whole.get_vocab(with_added_tokens=True).values()) + 1

    @property
    def specials(self) -> frozenset[int]:
        """The numbers of special tokens."""
        added = self._whole.get_added_tokens_decoder()
        named = {self.special(role) for role in _KEYS}
        wrapped = self._whole.encode("")
        own = zip(wrapped.ids, wrapped.special_tokens_mask, strict=True)
        found = {number for number, token in added.items() if token.special} | {number for number, mark in own if mark}
        return frozenset(found | {number for number in named if number is not None} | {self.pad})

    @property
    def template(self) -> str | None:
        """The chat template (Jinja), where the folder has one."""
        file = self.folder / "chat_template.jinja"
        if file.is_file():
            return file.read_text(encoding="utf-8")
        found = self._settings.get("chat_template")
        return found if isinstance(found, str) else None

    def token(self, role: str) -> str | None:
        """The text of the special token for ``mask``, ``start`` or ``end``; None where the tokenizer has none."""
        named = self._settings.get(_KEYS[role])
        named = named["content"] if isinstance(named, dict) else named
        for token in (named, *_USUAL[role]):
            if isinstance(token, str) and self._whole.token_to_id(token) is not None:
                return token
        return None

    def special(self, role: str) -> int | None:
        """The number of that token."""
        token = self.token(role)
        return None if token is None else self._whole.token_to_id(token)

    def required(self, role: str) -> int:
        """The same; raises MissingError where the tokenizer has none."""
        number = self.special(role)
        if number is None:
            raise MissingError(
                "The tokenizer has no {role} token, which this objective needs.",
                where=str(self.folder / "tokenizer.json"),
                mend="Name it in tokenizer_config.json as {key}, or choose another base model.",
                role=role,
                key=_KEYS[role],
            )
        return number

    def texts(self, texts: Sequence[Text]) -> list[Encoding]:
        """Texts or pairs with their special tokens, cut; of a pair the longer text is cut first."""
        return self._cut.encode_batch([_sound(text) for text in texts])

    def words(self, rows: Sequence[Sequence[str]]) -> list[Encoding]:
        """Rows of words with special tokens, cut; ``word_ids`` leads from each token to its word."""
        return self._cut.encode_batch([[_plain(word) for word in row] for row in rows], is_pretokenized=True)

    def plain(self, texts: Sequence[str]) -> list[Encoding]:
        """Texts without special tokens, uncut."""
        return self._whole.encode_batch([_plain(text) for text in texts], add_special_tokens=False)

    def wrapping(self) -> tuple[list[int], list[int]]:
        """The special tokens before and behind a text."""
        read = self._whole.encode("a")
        inside = [place for place, mark in enumerate(read.special_tokens_mask) if not mark]
        return (read.ids[: inside[0]], read.ids[inside[-1] + 1 :]) if inside else ([], [])

    def windows(self, question: str, context: str, stride: int) -> list[Encoding]:
        """The pair as often as the context needs it, windows share ``stride`` tokens; the question is whole."""
        reader = tokenizers.Tokenizer.from_str(self._whole.to_str())
        reader.enable_truncation(self.max_length, stride=stride, strategy="only_second")
        first = reader.encode(_plain(question), _plain(context))
        return [first, *first.overflowing]

    @classmethod
    def load(cls, folder: Path, *, max_length: int) -> Self:
        """The tokenizer of a transformers folder; raises MissingError when its file is absent or damaged."""
        return cls(folder, max_length=max_length)


def _settings(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in _SETTINGS:
        file = folder / name
        found |= json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return found


def _sound(text: Text) -> Text:
    return _plain(text) if isinstance(text, str) else (_plain(text[0]), _plain(text[1]))


def _plain(text: str) -> str:
    """The text with lone halves of surrogate pairs replaced: the tokenizer takes none."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
