"""Texts to token numbers, without torch and without padding."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import tokenizers

from argosy.core.errors import MissingError

_FILE = "tokenizer.json"
_SETTINGS = ("tokenizer_config.json", "config.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """Token numbers, and for each the characters of the text that it stands for (None: a special token)."""

    ids: tuple[int, ...]
    spans: tuple[tuple[int, int] | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The token numbers of the beginning of a text; the whole text fills ``rows`` rows of the tokenizer's length.

    ``unknown`` of the numbers stand for what the tokenizer does not know.
    """

    ids: list[int]
    rows: int
    unknown: int = 0


class Tokenizer:
    """What a model's folder says about tokens; texts are cut at ``max_length`` tokens, special ones included.

    Several threads may use one at once.
    """

    def __init__(self, inner: tokenizers.Tokenizer, *, pad: int, max_length: int, unknown: int | None = None) -> None:
        inner.no_padding()  # some files pad to a fixed length by themselves
        inner.enable_truncation(max_length)
        self._inner = inner
        self.pad = pad
        self.unknown = unknown
        self.max_length = max_length

    @classmethod
    def load(cls, folder: Path, *, max_length: int) -> Self:
        """The tokenizer of a transformers folder; raises MissingError when its file is absent or damaged."""
        file = folder / _FILE
        if not file.is_file():
            raise MissingError(
                "The model has no {name}.",
                where=str(folder),
                mend="Build the model again with `argosy run`, or choose a base model with a fast tokenizer.",
                name=_FILE,
            )
        try:
            inner = tokenizers.Tokenizer.from_file(str(file))
        except Exception as error:  # the library raises nothing narrower
            raise MissingError(
                "The tokenizer cannot be read: {reason}.",
                where=str(file),
                mend="Build the model again with `argosy run`.",
                reason=error,
            ) from error
        named = _named(folder, inner)
        # short rows are masked, so any number fills them
        return cls(inner, pad=named("pad") or 0, max_length=max_length, unknown=named("unk"))

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """The token numbers of each text, special ones included."""
        return [row.ids for row in self.rows(texts)]

    def rows(self, texts: Sequence[str]) -> list[Row]:
        """The tokens of each text, and how many rows the whole text would fill; other Python threads run meanwhile."""
        whole = [_whole(text) for text in texts]
        encodings = self._inner.encode_batch_fast(whole)
        return [self._row(encoding) for encoding in encodings]

    def pairs(self, texts: Sequence[tuple[str, str]]) -> list[Row]:
        """The tokens of each two texts together; where they are too long, the longer one is cut."""
        return [self._row(read) for read in self._inner.encode_batch_fast([(_whole(a), _whole(b)) for a, b in texts])]

    def pieces(self, text: str) -> Pieces:
        """The tokens of one text with their places in it."""
        read = self._inner.encode(_whole(text))
        places = zip(read.offsets, read.special_tokens_mask, strict=True)
        return Pieces(ids=tuple(read.ids), spans=tuple(None if special else span for span, special in places))

    def count(self, text: str) -> int:
        """The number of tokens that the model reads of ``text``."""
        return len(self._inner.encode(_whole(text)).ids)

    def _row(self, encoding: tokenizers.Encoding) -> Row:
        ids: list[int] = encoding.ids
        unknown = 0 if self.unknown is None else ids.count(self.unknown)
        return Row(ids=ids, rows=1 + len(encoding.overflowing), unknown=unknown)


def _whole(text: str) -> str:
    """The text with lone halves of surrogate pairs replaced: the tokenizer takes none."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _named(folder: Path, inner: tokenizers.Tokenizer) -> Callable[[str], int | None]:
    """Gives the number of a special token by its role, where the folder names one."""
    files = [file for file in map(folder.joinpath, _SETTINGS) if file.is_file()]
    settings = [json.loads(file.read_text(encoding="utf-8")) for file in files]

    def number(role: str) -> int | None:
        for said in settings:
            token = said.get(f"{role}_token")
            token = token["content"] if isinstance(token, dict) else token
            found = inner.token_to_id(token) if token else said.get(f"{role}_token_id")
            if found is not None:
                return int(found)
        return None

    return number
