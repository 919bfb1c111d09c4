"""Running text as training rows: tokenised once, joined by end marks and cut into contexts without padding.

An epoch cuts at other places than the one before. What is held out is read document by document in windows that
overlap by half, so that every token but a document's first ones is predicted from half a context or more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from argosy.core.errors import DataError
from argosy.models.byte_pairs import END, BytePairs
from argosy.models.scratch import Shape
from argosy.train.batches import Batch, Rows, padded
from argosy.train.language.projection import projected_loss
from argosy.train.loop import Schedule

_DOCUMENTS = 1_000  # tokenised at a time
_WINDOWS = 16  # read at a time where text is held out
_IGNORED = -100
_WARM_UP, _DECAY = 0.03, 0.1  # share of the steps; of the weights, times the rate

Numbers = NDArray[np.uint32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """A stream of tokens as batches of ``batch_size`` contexts; a row is the number of a context of its epoch."""

    stream: Numbers
    context: int
    batch_size: int
    seed: int

    @classmethod
    def of(cls, stream: Numbers, *, context: int, batch_tokens: int, seed: int) -> Self:
        """Batches of about ``batch_tokens`` targets; raises DataError when the stream does not fill one context."""
        if len(stream) <= context:
            raise DataError(
                "The training text has {found} tokens; one context takes {needed}.",
                mend="Give more text, or set a shorter context.",
                found=len(stream),
                needed=context + 1,
            )
        batch_size = min(max(1, batch_tokens // context), cls._contexts(len(stream), context))
        return cls(stream=stream, context=context, batch_size=batch_size, seed=seed)

    @staticmethod
    def _contexts(tokens: int, context: int) -> int:
        """How many contexts an epoch has: one fewer than fit, so that the first may begin anywhere in the stream's."""
        return max(1, (tokens - context) // context)

    def order(self, epoch: int) -> list[Rows]:
        """The contexts in a random order, in full batches alone."""
        contexts = self._contexts(len(self.stream), self.context)
        rows = np.random.default_rng((self.seed, epoch)).permutation(contexts)
        full = rows[: len(rows) // self.batch_size * self.batch_size].reshape(-1, self.batch_size)
        return [tuple(batch) for batch in full.tolist()]

    def batch(self, rows: Rows, epoch: int) -> Batch:
        """``ids`` int64 [rows, context + 1]: each token but the last is read, each but the first is a target."""
        slack = len(self.stream) - self._contexts(len(self.stream), self.context) * self.context
        first = int(np.random.default_rng((self.seed, epoch, 1)).integers(slack))
        places = first + np.array(rows)[:, None] * self.context + np.arange(self.context + 1)
        ids = torch.from_numpy(self.stream[places].astype(np.int64))
        return Batch(rows=rows, tensors={"ids": ids}, units=len(rows) * self.context)


def tokenised(texts: Sequence[str], tokenizer: BytePairs) -> Numbers:
    """All documents in one stream, an end mark before each and behind the last; done in parallel."""
    end = np.array([tokenizer.number(END)], dtype=np.uint32)
    parts: list[Numbers] = []
    for start in range(0, len(texts), _DOCUMENTS):
        for ids in tokenizer.encode(texts[start : start + _DOCUMENTS]):
            parts += [end, np.array(ids, dtype=np.uint32)]
    return np.concatenate([*parts, end])


def next_token(model: nn.Module, batch: Batch) -> Tensor:
    """The objective: the cross entropy of every next token, summed; the logits are never held all at once."""
    ids = batch.tensors["ids"]
    return projected_loss(*_projected(model, ids[:, :-1]), ids[:, 1:].reshape(-1))


def schedule(shape: Shape, *, steps: int, evaluations: int = 1, bf16: bool) -> Schedule:
    """How the loop trains from random weights: Muon at the dial's rate, weight decay on the matrices of the layers."""
    return Schedule(
        steps=steps,
        learning_rate=shape.learning_rate,
        warmup=_WARM_UP,
        weight_decay=_DECAY,
        optimiser="muon",
        bf16=bf16,
        evaluate_every=-(-steps // evaluations),
    )


def _projected(model: Any, ids: Tensor) -> tuple[Tensor, Tensor]:
    """The states before the output's matrix [tokens, width], and that matrix [vocabulary, width]."""
    states = model.get_decoder()(input_ids=ids, use_cache=False).last_hidden_state
    return states.flatten(0, 1), model.get_output_embeddings().weight


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """Documents to measure a language model on: ``documents`` as tokens, and ``size``, their UTF-8 bytes [texts]."""

    documents: tuple[Sequence[int], ...]
    size: NDArray[np.int64]
    end: int
    context: int

    @classmethod
    def of(cls, texts: Sequence[str], tokenizer: BytePairs, *, context: int) -> Self:
        """Raises DataError when the texts hold no character."""
        size = np.array([len(text.encode()) for text in texts], dtype=np.int64)
        if not size.sum():
            raise DataError(
                "No held-out text to measure on: all {count} documents are empty.",
                mend="Give more documents, or a larger share for validation.",
                count=len(texts),
            )
        documents = tuple(tokenizer.encode(texts))
        return cls(documents=documents, size=size, end=tokenizer.number(END), context=context)

    def few(self, windows: int) -> Self:
        """The first documents, so many that they fill ``windows`` contexts, to measure the speed on."""
        kept, room = 0, windows * self.context
        while kept < len(self.documents) and room > 0:
            room -= len(self.documents[kept])
            kept += 1
        return replace(self, documents=self.documents[:kept], size=self.size[:kept])

    @property
    def tokens(self) -> int:
        """How many tokens one measurement reads, overlaps included."""
        return sum(len(window) - 1 for _, window, _ in self._windows())

    def _windows(self) -> list[tuple[int, list[int], int]]:
        """(document, tokens, how many of its first targets another window has)."""
        found = []
        stride = max(1, self.context // 2)
        for number, document in enumerate(self.documents):
            ids = [self.end, *document]
            found.append((number, ids[: self.context + 1], 0))
            for reached in range(self.context + 1, len(ids), stride):  # tokens before it are predicted
                behind = min(reached + stride, len(ids))
                start = behind - self.context - 1
                found.append((number, ids[start:behind], reached - start - 1))
        return [window for window in found if len(window[1]) > 1]

    @torch.inference_mode()
    def nats(self, model: nn.Module, *, bf16: bool) -> NDArray[np.float64]:
        """The negative log-likelihood of each document [texts]; its end mark is not predicted.

        This and the texts are what ``evaluate.tasks_text.language_model`` measures bits per byte from.
        """
        windows = sorted(self._windows(), key=lambda window: len(window[1]))
        found = np.zeros(len(self.documents))
        device = next(model.parameters()).device
        for start in range(0, len(windows), _WINDOWS):
            part = windows[start : start + _WINDOWS]
            ids, mask = padded([window for _, window, _ in part], 0)
            targets = ids.masked_fill(mask == 0, _IGNORED)[:, 1:].clone()
            for row, (_, _, known) in enumerate(part):
                targets[row, :known] = _IGNORED
            with torch.autocast(device.type, dtype=torch.bfloat16, enabled=bf16):
                states, matrix = _projected(model, ids[:, :-1].to(device))
                logits = nn.functional.linear(states, matrix).float()
            losses = nn.functional.cross_entropy(logits, targets.reshape(-1).to(device), reduction="none")
            rows = losses.view(targets.shape).double().sum(dim=1).cpu().numpy()
            np.add.at(found, [number for number, _, _ in part], rows)
        return found

    def bits_per_byte(self, model: nn.Module, *, bf16: bool) -> float:
        """Of all documents together; the loop keeps what is higher, so its score is the negative."""
        return float(self.nats(model, bf16=bf16).sum() / np.log(2) / self.size.sum())
