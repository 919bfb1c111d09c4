"""Tune a pretrained decoder on running text, or on questions with their answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from argosy.train.fit import Watch as Onlookers
from argosy.train.fit import fit
from argosy.train.language.pretrain import Looking
from argosy.train.language.watch import Watch
from argosy.train.objectives import next_word
from argosy.train.objectives.aim import Item, Tensors
from argosy.train.objectives.answer import ANSWERS, Dialogue, Turn
from argosy.train.objectives.causal import Causal
from argosy.train.recipe import Outcome, Recipe

Row = tuple[str, str]
"""A question, empty where there is none, and the answer or the text."""
_LOGITS = 2**26  # held at once where text is measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts(Causal):
    """Causal language modelling, measured a few texts at a time: a large vocabulary's logits take much memory."""

    def outputs(self, model: nn.Module, tensors: Tensors) -> list[np.ndarray]:
        """The surprise of each context in nats."""
        return _surprises(model, tensors)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers(Dialogue):
    """Dialogues whose answers are measured as texts are: the surprise of each, with what closes it, in nats."""

    task: str = "language_model"

    def outputs(self, model: nn.Module, tensors: Tensors) -> list[np.ndarray]:
        """The surprise of each dialogue's answers in nats."""
        return _surprises(model, tensors)

    def truth(self, rows: Sequence[Sequence[Turn]]) -> list[str]:
        """The answers."""
        return ["".join(text for role, text in row if role == ANSWERS) for row in rows]

    def answers(
        self, rows: Sequence[Sequence[Turn]], items: Sequence[Item], outputs: Sequence[np.ndarray]
    ) -> NDArray[np.float64]:
        """The surprise of each dialogue's answers in nats."""
        del rows, items
        return np.array(outputs, dtype=np.float64)


def tune(
    base: Path, rows: Mapping[str, Sequence[Row]], out: Path, recipe: Recipe, watch: Watch, *, dialogue: bool
) -> Outcome:
    """Train on ``rows["train"]``, keep what finds ``rows["validation"]`` least surprising, write a folder."""
    looking = Looking(watch)
    onlookers = Onlookers(score=lambda _, nats: looking.score(nats), tell=watch.tell, keep=watch.keep, log=looking.log)
    if dialogue:
        return fit(Answers(), base, {part: [*map(turns, some)] for part, some in rows.items()}, out, recipe, onlookers)
    texts = {part: [text for _, text in some] for part, some in rows.items()}
    return fit(Texts(), base, texts, out, recipe, onlookers)


def turns(row: Row) -> list[Turn]:
    """A question and its answer as a conversation."""
    return [("user", row[0]), (ANSWERS, row[1])]


def _surprises(model: nn.Module, tensors: Tensors) -> list[np.ndarray]:
    """The surprise of the tokens that count, in nats, of each item."""
    ids = tensors["ids"]
    vocabulary = model.get_output_embeddings().weight.shape[0]  # type: ignore[operator]  # transformers' own
    step = max(1, _LOGITS // (ids.shape[1] * vocabulary))
    found: list[np.ndarray] = []
    for start in range(0, len(ids), step):
        part = {name: tensor[start : start + step] for name, tensor in tensors.items()}
        surprise, rows = next_word.by_token(model, part)
        summed = torch.zeros(len(part["ids"]), dtype=torch.float64, device=surprise.device)
        found += list(summed.index_add(0, rows, surprise.double()).cpu().numpy())
    return found
