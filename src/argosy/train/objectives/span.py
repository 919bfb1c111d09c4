"""Extractive question answering: where in a context the answer stands (as in SQuAD, Rajpurkar et al. 2016 and 2018)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import torch
from tokenizers import Encoding
from torch import Tensor, nn

from argosy.core.errors import DataError
from argosy.models.checkpoint import Opened, load
from argosy.train.batches import Batch
from argosy.train.objectives import forward
from argosy.train.objectives.aim import Item, Key, Tensors
from argosy.train.objectives.labelled import readable
from argosy.train.objectives.reader import Reader
from argosy.train.recipe import Recipe

Row = tuple[str, str, str, int]  # question, context, answer ("": the context has none), its first character


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """``places`` are the characters of each token of the context (None: another), ``ends`` the answer's tokens."""

    row: int
    places: tuple[tuple[int, int] | None, ...]
    ends: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Rows are (question, context, answer, first character of the answer in the context), "" for no answer.

    A context that is too long is read in windows that share ``stride`` tokens; a window without the whole answer points
    at its first token, which means none. The answer is the likeliest span of at most ``longest`` tokens over all
    windows; none only where the training rows had such. Truth and answers: texts, as the task "generation" reads them.
    """

    stride: int = 32
    longest: int = 30
    empty: bool = False
    task: str = "generation"
    words: bool = False

    def fitted(self, rows: Sequence[Row], reader: Reader, recipe: Recipe) -> Self:
        """With whether there are questions without an answer; the windows' overlap fits the length."""
        del recipe
        readable(rows, lambda row: row[1])
        return replace(self, empty=any(not row[2] for row in rows), stride=min(self.stride, reader.max_length // 4))

    def open(self, base: Path, seed: int) -> Opened:
        """With a head that tells where a span begins and ends."""
        return load(base, "span", seed=seed)

    def items(self, rows: Sequence[Row], reader: Reader, *, held_out: bool) -> list[Item]:
        """The windows; raises DataError where an answer does not stand where it is said to."""
        del held_out
        for number, (_, context, answer, start) in enumerate(rows, start=1):
            if answer and context[start : start + len(answer)] != answer:
                raise DataError(
                    "Row {number}: the context does not have {answer!r} from character {start} on.",
                    mend="Count characters from 0, of the context exactly as it is given.",
                    number=number,
                    answer=answer[:60],
                    start=start,
                )
        return [
            _item(window, row, number)
            for number, row in enumerate(rows)
            for window in _windows(row, reader, self.stride)
        ]

    def tensors(self, items: Sequence[Item], pad: int, keys: Sequence[Key]) -> tuple[Tensors, int]:
        """``targets`` int64 [windows, 2]: first and last token; the units are windows."""
        del keys
        targets = torch.tensor([item.target.ends for item in items])
        return {**forward.inputs(items, pad), "targets": targets}, len(items)

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """The mean of the cross entropies of beginning and end."""
        starts, stops = _scores(model, batch.tensors)
        targets = batch.tensors["targets"]
        first = nn.functional.cross_entropy(starts, targets[:, 0], reduction="sum")
        return (first + nn.functional.cross_entropy(stops, targets[:, 1], reduction="sum")) / 2

    def outputs(self, model: nn.Module, tensors: Tensors) -> list[np.ndarray]:
        """Scores of beginning and end [2, length] a window."""
        return list(torch.stack(_scores(model, tensors), dim=1).cpu().numpy())

    def truth(self, rows: Sequence[Row]) -> list[str]:
        """The answers."""
        return [answer for _, _, answer, _ in rows]

    def answers(self, rows: Sequence[Row], items: Sequence[Item], outputs: Sequence[np.ndarray]) -> list[str]:
        """The part of each context that answers best."""
        best = [(-np.inf, "")] * len(rows)
        none = [np.inf] * len(rows)
        for item, said in zip(items, outputs, strict=True):
            window: _Window = item.target
            scores = said[:, : len(item.ids)].astype(np.float64)
            score, start, stop = _likeliest(scores, window.places, self.longest)
            best[window.row] = max(best[window.row], (score, rows[window.row][1][start:stop].strip()))
            none[window.row] = min(none[window.row], float(scores[:, 0].sum()))
        return [
            "" if self.empty and nothing > score else text for (score, text), nothing in zip(best, none, strict=True)
        ]

    def unanswered(self, asked: tuple[str, str]) -> Row:
        """A question and its context."""
        return (*asked, "", 0)

    def told(self, answers: list[str]) -> list[str]:
        """The parts of the contexts."""
        return answers


def _windows(row: Row, reader: Reader, stride: int) -> list[Encoding]:
    """Raises DataError when the question alone fills the window."""
    room = reader.max_length - 4 - stride
    if len(reader.plain([row[0]])[0].ids) >= room:
        raise DataError(
            "The question leaves no room for its context within {length} tokens: {question} …",
            mend="Set a larger max_length, or shorten the question.",
            length=reader.max_length,
            question=row[0][:40],
        )
    return reader.windows(row[0], row[1], stride)


def _item(window: Encoding, row: Row, number: int) -> Item:
    _, _, answer, first = row
    places = tuple(
        span if part == 1 and not special else None
        for span, part, special in zip(window.offsets, window.sequence_ids, window.special_tokens_mask, strict=True)
    )
    inside = [
        at for at, span in enumerate(places) if answer and span and span[0] < first + len(answer) and span[1] > first
    ]
    whole = bool(inside) and _start(places, inside[0]) <= first and _stop(places, inside[-1]) >= first + len(answer)
    ends = (inside[0], inside[-1]) if whole else (0, 0)
    types = window.type_ids if any(window.type_ids) else ()
    return Item(ids=window.ids, types=types, target=_Window(row=number, places=places, ends=ends))


def _start(places: Sequence[tuple[int, int] | None], at: int) -> int:
    span = places[at]
    return span[0] if span else -1


def _stop(places: Sequence[tuple[int, int] | None], at: int) -> int:
    span = places[at]
    return span[1] if span else -1


def _scores(model: nn.Module, tensors: Tensors) -> tuple[Tensor, Tensor]:
    """Scores of beginning and end, float32 [windows, length], padding never."""
    said = forward.run(model, tensors)
    outside = tensors["mask"] == 0
    least = torch.finfo(torch.float32).min
    return (
        said.start_logits.float().masked_fill(outside, least),
        said.end_logits.float().masked_fill(outside, least),
    )


def _likeliest(scores: np.ndarray, places: Sequence[tuple[int, int] | None], longest: int) -> tuple[float, int, int]:
    """(score, first character, the one behind the last) of the best span of context tokens."""
    inside = np.array([place is not None for place in places])
    summed = scores[0][:, None] + scores[1][None, :]
    gap = np.arange(len(places))[None, :] - np.arange(len(places))[:, None]
    allowed = inside[:, None] & inside[None, :] & (gap >= 0) & (gap < longest)
    if not allowed.any():
        return -np.inf, 0, 0
    first, last = np.unravel_index(np.where(allowed, summed, -np.inf).argmax(), summed.shape)
    return float(summed[first, last]), _start(places, int(first)), _stop(places, int(last))
