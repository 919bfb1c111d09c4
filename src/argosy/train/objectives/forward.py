"""The one place where an objective calls the model, without the padding of the rows where its family allows that."""

from collections.abc import Mapping, Sequence
from inspect import signature
from typing import Any

from torch import Tensor, nn

from argosy.train import packed
from argosy.train.batches import padded
from argosy.train.objectives.aim import Item
from argosy.train.parallel import sharded

unwrapped = packed.unwrapped


def inputs(items: Sequence[Item], pad: int) -> dict[str, Tensor]:
    """``ids`` and ``mask`` [rows, longest], int64, and ``types`` where a row is a pair."""
    ids, mask = padded([item.ids for item in items], pad)
    tensors = {"ids": ids, "mask": mask}
    if any(item.types for item in items):
        tensors["types"], _ = padded([item.types or [0] * len(item.ids) for item in items], 0)
    return tensors


def run(model: nn.Module, tensors: Mapping[str, Tensor], *, states: bool = False) -> Any:
    """The model's output record; ``states`` asks for the hidden states of all layers too, padding among them."""
    if not states and packed.packs(model, longest=tensors["ids"].shape[1]):
        return packed.run(model, tensors)
    return _padded(model, tensors, states=states)


def logits(model: nn.Module, tensors: Mapping[str, Tensor]) -> Tensor:
    """What a head over labels says: float32 [rows, labels], or [rows, length, labels]."""
    said: Tensor = run(model, tensors).logits
    return said.float()


def at(model: nn.Module, tensors: Mapping[str, Tensor], places: Tensor) -> Tensor:
    """What a head over words says, float32 [places, words], where ``places`` [rows, length] is true.

    The head sees no other place: with a large vocabulary most of the work and of the memory is there.
    """
    inner = unwrapped(model)
    heads = [head for name, head in inner.named_children() if name != inner.base_model_prefix]
    if len(heads) == 1 and not sharded(model) and packed.packs(inner.base_model, longest=places.shape[1]):
        states = packed.run(inner.base_model, tensors).last_hidden_state
        told: Tensor = heads[0](states[places])
        return told.float()
    seen: list[nn.Module] = []

    def keep(head: nn.Module, given: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        first = not seen
        seen.append(head)
        return (given[0][places][None], *given[1:]) if first else given

    hooks = [head.register_forward_pre_hook(keep) for head in heads]
    try:
        said: Tensor = _padded(model, tensors).logits
    finally:
        for hook in hooks:
            hook.remove()
    return (said[0] if seen else said[places]).float()


def _padded(model: nn.Module, tensors: Mapping[str, Tensor], *, states: bool = False) -> Any:
    given: dict[str, Any] = {"input_ids": tensors["ids"], "attention_mask": tensors["mask"]}
    if "types" in tensors and takes_types(model):
        given["token_type_ids"] = tensors["types"]
    if states:
        given["output_hidden_states"] = True
    return model(**given)


def takes_types(model: nn.Module) -> bool:
    """Whether the model tells the two texts of a pair apart by a number a token."""
    inner = unwrapped(model)
    return getattr(inner.config, "type_vocab_size", 0) > 1 and "token_type_ids" in signature(inner.forward).parameters
