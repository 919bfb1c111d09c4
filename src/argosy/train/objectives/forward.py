"""The one place where an objective calls the model on padded rows."""

from collections.abc import Mapping, Sequence
from inspect import signature
from typing import Any

from torch import Tensor, nn

from argosy.train.batches import padded
from argosy.train.objectives.aim import Item


def inputs(items: Sequence[Item], pad: int) -> dict[str, Tensor]:
    """``ids`` and ``mask`` [rows, longest], int64, and ``types`` where a row is a pair."""
    ids, mask = padded([item.ids for item in items], pad)
    tensors = {"ids": ids, "mask": mask}
    if any(item.types for item in items):
        tensors["types"], _ = padded([item.types or [0] * len(item.ids) for item in items], 0)
    return tensors


def run(model: nn.Module, tensors: Mapping[str, Tensor], *, states: bool = False) -> Any:
    """The model's output record; ``states`` asks for the hidden states of all layers too."""
    given: dict[str, Any] = {"input_ids": tensors["ids"], "attention_mask": tensors["mask"]}
    if "types" in tensors and takes_types(model):
        given["token_type_ids"] = tensors["types"]
    if states:
        given["output_hidden_states"] = True
    return model(**given)


def takes_types(model: nn.Module) -> bool:
    """Whether the model tells the two texts of a pair apart by a number a token."""
    whole: Any = model
    inner = whole.get_base_model() if hasattr(whole, "get_base_model") else whole
    return getattr(inner.config, "type_vocab_size", 0) > 1 and "token_type_ids" in signature(inner.forward).parameters
