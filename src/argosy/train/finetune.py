"""Fine-tune a pretrained encoder to classify texts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from argosy.infer.tokens import Tokenizer
from argosy.models.checkpoint import load_classifier, save
from argosy.train import batches
from argosy.train.batches import Batch, bucketed, padded
from argosy.train.loop import Schedule, train
from argosy.train.recipe import Outcome, Recipe

_EVALUATION_ROWS = 64


Rows = tuple[Sequence[str], Sequence[int]]
"""Cleaned texts and the index of the label of each."""


def finetune(
    base: Path,
    out: Path,
    labels: Sequence[str],
    rows: Mapping[str, Rows],
    metric: Callable[[NDArray[np.int64], NDArray[np.int64]], float],
    recipe: Recipe,
    tell: Callable[[float, str], None],
) -> Outcome:
    """Train on ``rows["train"]``, keep the epoch with the best ``metric(truth, predicted)`` on ``rows["validation"]``.

    Writes a folder that transformers loads as it is. Word embeddings and the lower layers stay frozen as the recipe
    says; the new weights are drawn with the recipe's seed.
    """
    torch.manual_seed(recipe.seed)
    tokenizer = Tokenizer.load(base, max_length=recipe.max_length)
    model = load_classifier(base, labels, seed=recipe.seed)
    freeze(model, recipe.frozen)
    tokens = {name: tokenizer.encode(texts) for name, (texts, _) in rows.items()}
    targets = {name: list(indices) for name, (_, indices) in rows.items()}
    truth = np.array(targets["validation"])

    def score(model: nn.Module) -> float:
        logits = evaluate(model, tokens["validation"], pad=tokenizer.pad, bf16=recipe.bf16)
        return metric(truth, logits.argmax(axis=1))

    schedule = Schedule(epochs=recipe.epochs, learning_rate=recipe.learning_rate, bf16=recipe.bf16)
    source = Labelled(
        tokens=tokens["train"],
        targets=targets["train"],
        batch_size=recipe.batch_size,
        pad=tokenizer.pad,
        seed=recipe.seed,
    )
    state = train(model, cross_entropy, source, score, schedule, tell)
    save(model, base, out)
    return Outcome(
        best_epoch=state.best_epoch,
        history=tuple(state.history),
        trained=sum(weight.numel() for weight in model.parameters() if weight.requires_grad),
        parameters=sum(weight.numel() for weight in model.parameters()),
        tokens=sum(map(len, tokens["train"])),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """Rows of tokens with the number of their label, as batches of similar length."""

    tokens: Sequence[Sequence[int]]
    targets: Sequence[int]
    batch_size: int
    pad: int
    seed: int

    def order(self, epoch: int) -> list[batches.Rows]:
        """The rows of each batch."""
        lengths = [len(row) for row in self.tokens]
        return bucketed(lengths, batch_size=self.batch_size, seed=self.seed + 1000 * epoch)

    def batch(self, rows: batches.Rows, epoch: int) -> Batch:
        """``ids`` and ``mask`` [rows, length], ``targets`` [rows], int64; an epoch changes nothing here."""
        del epoch
        ids, mask = padded([self.tokens[row] for row in rows], self.pad)
        targets = torch.tensor([self.targets[row] for row in rows])
        return Batch(rows=rows, tensors={"ids": ids, "mask": mask, "targets": targets}, units=len(rows))


def freeze(model: nn.Module, share: float) -> None:
    """Keep the word embeddings and the lower ``share`` of the layers as they are."""
    for name, weight in model.named_parameters():
        if ".embeddings." in name:
            weight.requires_grad = False
    layers = layers_of(model)
    for layer in layers[: round(share * len(layers))]:
        layer.requires_grad_(False)


def layers_of(model: nn.Module) -> nn.ModuleList:
    """The encoder's layers, lowest first: the longest list of modules in the model."""
    lists = [module for module in model.modules() if isinstance(module, nn.ModuleList)]
    return max(lists, key=len)


def cross_entropy(model: nn.Module, batch: Batch) -> Tensor:
    """Cross entropy of the labels, summed over the rows."""
    logits = model(input_ids=batch.tensors["ids"], attention_mask=batch.tensors["mask"]).logits.float()
    return nn.functional.cross_entropy(logits, batch.tensors["targets"], reduction="sum")


@torch.inference_mode()
def evaluate(model: nn.Module, tokens: Sequence[Sequence[int]], *, pad: int, bf16: bool) -> NDArray[np.float32]:
    """Logits, float32 [rows, labels], computed in batches of similar length and given back in the order of the rows."""
    order = sorted(range(len(tokens)), key=lambda row: len(tokens[row]))
    parts = []
    for start in range(0, len(order), _EVALUATION_ROWS):
        ids, mask = padded([tokens[row] for row in order[start : start + _EVALUATION_ROWS]], pad)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
            parts.append(model(input_ids=ids, attention_mask=mask).logits.float().numpy())
    logits = np.concatenate(parts)
    return logits[np.argsort(order)]
