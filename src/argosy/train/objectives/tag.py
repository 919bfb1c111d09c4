"""A tag a word, or spans of characters with their kinds: named entities and their like."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from tokenizers import Encoding
from torch import Tensor, nn

from argosy.core.errors import DataError
from argosy.models.checkpoint import Opened, load
from argosy.train.batches import Batch
from argosy.train.objectives import forward
from argosy.train.objectives.aim import Item, Key, Tensors
from argosy.train.objectives.labelled import balanced, known, numbers, readable, weighing
from argosy.train.objectives.reader import Reader
from argosy.train.recipe import Recipe

NO_TARGET = -100  # torch's own number for a place that does not count
_OUTSIDE = "O"
Span = tuple[int, int, str]  # first character, the one behind the last, kind
Row = tuple[Sequence[str], Sequence[str]] | tuple[str, Sequence[Span]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """Rows are (words, a tag a word) or (text, spans (start, stop, kind) of characters), all of one sort.

    Of a word the first piece alone counts; of a text every piece does, tagged B, I or O by the span it lies in, and
    neighbouring pieces of a kind are put together again. Words behind ``max_length`` are answered with O.
    Truth and answers: tags or spans a row, as the task "tagging" reads them.
    """

    labels: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    smoothing: float = 0.0
    task: str = "tagging"
    words: bool = False

    def fitted(self, rows: Sequence[Row], reader: Reader, recipe: Recipe) -> Self:
        """With the tags of the training rows; O is always one of them."""
        del reader
        readable(rows, lambda row: row[0] if isinstance(row[0], str) else " ".join(row[0]))
        used = [tag for row in rows for tag in _tags(row)]
        labels = self.labels or known([_OUTSIDE, *used], least=2)
        weights = balanced(used, labels) if recipe.class_weights and not isinstance(rows[0][0], str) else ()
        return replace(self, labels=labels, weights=weights, smoothing=recipe.label_smoothing)

    def open(self, base: Path, seed: int) -> Opened:
        """With a head that tags each token."""
        return load(base, "tags", labels=self.labels, seed=seed)

    def items(self, rows: Sequence[Row], reader: Reader, *, held_out: bool) -> list[Item]:
        """One a row; the target is (a number a piece, where each piece stands)."""
        del held_out
        by_text = {isinstance(row[0], str) for row in rows}
        if len(by_text) > 1:
            raise DataError("Some rows are words with tags and some a text with spans.", mend="Give one sort of rows.")
        given: list[Any] = [row[0] for row in rows]
        read = reader.texts(given) if by_text == {True} else reader.words(given)
        return [
            self._by_span(encoding, row) if isinstance(row[0], str) else self._by_word(encoding, row)
            for encoding, row in zip(read, rows, strict=True)
        ]

    def _by_word(self, encoding: Encoding, row: Row) -> Item:
        tags = numbers([str(tag) for tag in row[1]], self.labels)
        if len(tags) != len(row[0]):
            raise DataError(
                "A row has {words} words and {tags} tags: {start} …",
                mend="Give one tag a word.",
                words=len(row[0]),
                tags=len(tags),
                start=" ".join(row[0][:8]),
            )
        ids = encoding.word_ids
        first = [word if word is not None and (not at or ids[at - 1] != word) else None for at, word in enumerate(ids)]
        targets = [NO_TARGET if word is None else tags[word] for word in first]
        return Item(ids=encoding.ids, target=(targets, first))

    def _by_span(self, encoding: Encoding, row: Row) -> Item:
        text = str(row[0])
        places = list(_places(encoding, text))
        tags = iter(numbers(list(_of_pieces([place for place in places if place], _sound(row))), self.labels))
        return Item(ids=encoding.ids, target=([next(tags) if place else NO_TARGET for place in places], places))

    def tensors(self, items: Sequence[Item], pad: int, keys: Sequence[Key]) -> tuple[Tensors, int]:
        """``targets`` int64 [rows, length], -100 where none counts; the units are the pieces that count."""
        del keys
        tensors = forward.inputs(items, pad)
        targets = torch.full_like(tensors["ids"], NO_TARGET)
        for row, item in enumerate(items):
            targets[row, : len(item.ids)] = torch.tensor(item.target[0])
        return {**tensors, "targets": targets}, max(1, int((targets != NO_TARGET).sum()))

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Cross entropy of the pieces that count."""
        return self.loss_of(self.logits(model, batch), batch)

    def logits(self, model: nn.Module, batch: Batch) -> Tensor:
        """What the loss is computed from: float32 [rows, length, tags]."""
        return forward.logits(model, batch.tensors)

    def loss_of(self, logits: Tensor, batch: Batch) -> Tensor:
        """The loss of such logits."""
        weight = weighing(self.weights, logits)
        return nn.functional.cross_entropy(
            logits.flatten(0, 1),
            batch.tensors["targets"].flatten(),
            weight=weight,
            label_smoothing=self.smoothing,
            reduction="sum",
            ignore_index=NO_TARGET,
        )

    def outputs(self, model: nn.Module, tensors: Tensors) -> list[np.ndarray]:
        """The number of the likeliest tag of each piece."""
        return list(forward.logits(model, tensors).argmax(dim=-1).cpu().numpy())

    def truth(self, rows: Sequence[Row]) -> list[Any]:
        """Tags, or spans."""
        for row in rows:
            numbers(_tags(row), self.labels)
        return [list(row[1]) for row in rows]

    def answers(self, rows: Sequence[Row], items: Sequence[Item], outputs: Sequence[np.ndarray]) -> list[Any]:
        """Tags, or spans, of each row."""
        found: list[Any] = []
        for row, item, said in zip(rows, items, outputs, strict=True):
            places = zip(item.target[1], said, strict=False)  # behind the row there is padding
            told = [(place, self.labels[tag]) for place, tag in places if place is not None]
            found.append(_spans(told) if isinstance(row[0], str) else _by_words(told, len(row[0])))
        return found

    def unanswered(self, asked: str | Sequence[str]) -> Row:
        """No entity."""
        return (asked, ()) if isinstance(asked, str) else (asked, [_OUTSIDE] * len(asked))

    def told(self, answers: list[Any]) -> list[Any]:
        """Tags of words, or spans of a text."""
        return answers


def _tags(row: Row) -> list[str]:
    """The tags that a row uses."""
    if isinstance(row[0], str):
        kinds = [str(span[2]) for span in row[1]]
        return [f"{letter}-{kind}" for kind in kinds for letter in "BI"]
    return [str(tag) for tag in row[1]]


def _sound(row: Row) -> list[Span]:
    """A row's spans in their order; raises DataError for one that lies outside of the text or over another."""
    spans = sorted((int(span[0]), int(span[1]), str(span[2])) for span in row[1])
    end = 0
    for start, stop, kind in spans:
        if not end <= start < stop <= len(row[0]):
            raise DataError(
                "The span {start} to {stop} ({kind}) lies outside of its text or over another span: {text} …",
                mend="Give the first character and the one behind the last, counted from 0.",
                start=start,
                stop=stop,
                kind=kind,
                text=row[0][:40],
            )
        end = stop
    return spans


def _places(encoding: Encoding, text: str) -> Iterator[tuple[int, int] | None]:
    """The characters of each piece without blanks around them; None for special tokens and for blanks alone."""
    for (start, stop), special in zip(encoding.offsets, encoding.special_tokens_mask, strict=True):
        piece = text[start:stop]
        begin = start + len(piece) - len(piece.lstrip())
        yield None if special or not piece.strip() else (begin, begin + len(piece.strip()))


def _of_pieces(places: Sequence[tuple[int, int]], spans: Sequence[Span]) -> Iterator[str]:
    begun: Counter[int] = Counter()
    for start, stop in places:
        inside = next((number for number, span in enumerate(spans) if start < span[1] and stop > span[0]), None)
        if inside is None:
            yield _OUTSIDE
        else:
            yield f"{'I' if begun[inside] else 'B'}-{spans[inside][2]}"
            begun[inside] += 1


def _spans(told: Sequence[tuple[tuple[int, int], str]]) -> list[Span]:
    """Pieces put together: a B or another kind begins a span."""
    found: list[Span] = []
    last = _OUTSIDE
    for (start, stop), tag in told:
        letter, _, kind = tag.partition("-")
        if letter == "I" and last.partition("-")[2] == kind:
            found[-1] = (found[-1][0], stop, kind)
        elif tag != _OUTSIDE:
            found.append((start, stop, kind))
        last = tag
    return found


def _by_words(told: Sequence[tuple[int, str]], words: int) -> list[str]:
    tags = dict(told)
    return [tags.get(word, _OUTSIDE) for word in range(words)]
