"""Which attention heads and feed-forward units of a Transformer matter least, and the same model without them.

A unit matters as much as the loss would change if it were silent: to first order the activation times its gradient
(Molchanov et al. 2017, arXiv:1611.06440; Michel et al. 2019, arXiv:1905.10650). The norm of its weights is the
baseline.

Transformers ties the width of attention to that of the model, so a head that goes leaves zeros in the folder: in the
matrices that make it and in the one that reads it. Zeros get no gradient, so training does not bring it back, and
``without_silent_heads`` takes it out of a model in memory, as an export does.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

import torch
from torch import Tensor, nn

from argosy.compress.layers import FAMILIES
from argosy.train.methods.parts import layers_of

Batch = tuple[Tensor, Tensor, Tensor]
"""``ids`` and ``mask`` [rows, length], ``targets`` [rows], all int64."""

_MULTIPLE = 16  # units: what vector registers and 8-bit products want
_USUAL = (
    ("attention.self.query", "attention.self.key", "attention.self.value"),
    ("attention.output.dense", "intermediate.dense", "output.dense"),
    "intermediate_size",
)
_OTHERS = MappingProxyType(
    {
        "distilbert": (
            ("attention.q_lin", "attention.k_lin", "attention.v_lin"),
            ("attention.out_lin", "ffn.lin1", "ffn.lin2"),
            "hidden_dim",
        )
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """How much each head [heads] and each feed-forward unit [units] of one layer matters."""

    heads: Tensor
    units: Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layer:
    """What makes the heads, what reads them, what makes the units, what reads them."""

    asking: tuple[nn.Linear, ...]
    mixed: nn.Linear
    inner: nn.Linear
    outer: nn.Linear

    @classmethod
    def all(cls, model: Any) -> list[Self]:
        asking, others, _ = _OTHERS.get(model.config.model_type, _USUAL)
        found = []
        for layer in layers_of(model):
            mixed, inner, outer = (layer.get_submodule(name) for name in others)
            queries = tuple(layer.get_submodule(name) for name in asking)
            found.append(cls(asking=queries, mixed=mixed, inner=inner, outer=outer))  # type: ignore[arg-type]  # linear
        return found


def magnitude(model: Any) -> list[Scores]:
    """The norm of all weights that make or read a head or a unit, layer by layer."""
    found = []
    for layer in _Layer.all(model):
        made = sum(one.weight.detach().square().sum(dim=1) for one in layer.asking)
        read = layer.mixed.weight.detach().square().sum(dim=0)
        units = layer.inner.weight.detach().square().sum(dim=1) + layer.outer.weight.detach().square().sum(dim=0)
        found.append(Scores(heads=_by_head(model, made + read).sqrt(), units=units.sqrt()))
    return found


def taylor(model: Any, batches: Iterable[Batch]) -> list[Scores]:
    """|activation · gradient of the cross entropy|: summed over a text's tokens, its size over the texts."""
    layers = _Layer.all(model)
    heads = {layer.mixed: torch.zeros(model.config.num_attention_heads) for layer in layers}
    units = {layer.outer: torch.zeros(len(layer.inner.weight)) for layer in layers}
    seen: dict[nn.Module, Tensor] = {}

    def keep(module: nn.Module, given: tuple[Tensor, ...]) -> None:
        given[0].retain_grad()
        seen[module] = given[0]

    hooks = [module.register_forward_pre_hook(keep) for module in (*heads, *units)]
    try:
        for ids, mask, targets in batches:
            logits = model(input_ids=ids, attention_mask=mask).logits
            nn.functional.cross_entropy(logits, targets, reduction="sum").backward()  # type: ignore[no-untyped-call]
            for module in heads:
                heads[module] += _by_head(model, _change(seen[module])).abs().sum(dim=0)
            for module in units:
                units[module] += _change(seen[module]).abs().sum(dim=0)
            model.zero_grad(set_to_none=True)
    finally:
        for hook in hooks:
            hook.remove()
    return [Scores(heads=heads[layer.mixed], units=units[layer.outer]) for layer in layers]


@torch.no_grad()
def narrow(model: Any, scores: Sequence[Scores], share: float) -> None:
    """Keep in every layer the ``share`` of its heads and of its units that matters most.

    Heads that go are silent, units are gone, their number rounded up to a multiple of 16.
    """
    width = model.config.hidden_size // model.config.num_attention_heads
    for layer, score in zip(_Layer.all(model), scores, strict=True):
        silent = score.heads.argsort(stable=True)[: len(score.heads) - max(1, round(share * len(score.heads)))]
        places = (silent[:, None] * width + torch.arange(width)).flatten()
        for matrix in layer.asking:
            matrix.weight[places] = 0
            matrix.bias[places] = 0
        layer.mixed.weight[:, places] = 0
        count = min(len(score.units), math.ceil(share * len(score.units) / _MULTIPLE) * _MULTIPLE)
        units = score.units.argsort(descending=True, stable=True)[:count].sort().values
        _take(layer.inner, rows=units)
        _take(layer.outer, columns=units)
    _, _, setting = _OTHERS.get(model.config.model_type, _USUAL)
    setattr(model.config, setting, count)


@torch.no_grad()
def without_silent_heads(model: Any) -> None:
    """Take out of each layer the heads whose answer nobody reads; the logits stay the same.

    A layer keeps one head at least, and a family whose layers are not known all. What is left no longer is as the
    configuration says: run it, but don't save it.
    """
    if model.config.model_type not in FAMILIES:
        return
    for layer in _Layer.all(model):
        read = _by_head(model, layer.mixed.weight.abs().sum(dim=0)) > 0
        read[0] |= not read.any()
        places = read.repeat_interleave(layer.mixed.in_features // len(read)).nonzero()[:, 0]
        for matrix in layer.asking:
            _take(matrix, rows=places)
        _take(layer.mixed, columns=places)


def _change(activation: Tensor) -> Tensor:
    """What the loss of each text changes by, to first order, were a number 0 at all its tokens [rows, width]."""
    if activation.grad is None:
        raise RuntimeError("no gradient reached an activation")
    return (activation.detach() * activation.grad).sum(dim=1)


def _by_head(model: Any, values: Tensor) -> Tensor:
    """Summed over the numbers of each head [..., heads] of [..., heads · width of a head]."""
    return values.reshape(*values.shape[:-1], model.config.num_attention_heads, -1).sum(dim=-1)


def _take(matrix: nn.Linear, *, rows: Tensor | None = None, columns: Tensor | None = None) -> None:
    """Keep these outputs, or these inputs."""
    if rows is not None:
        matrix.weight = nn.Parameter(matrix.weight[rows].clone())
        matrix.bias = nn.Parameter(matrix.bias[rows].clone())
        matrix.out_features = len(rows)
    if columns is not None:
        matrix.weight = nn.Parameter(matrix.weight[:, columns].clone())
        matrix.in_features = len(columns)
