"""Which parts of a model train, how many weights that is, and what becomes of adapters."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import nn

from argosy.core.errors import DataError, MissingError
from argosy.models.quiet import quietly
from argosy.train.recipe import Recipe

if TYPE_CHECKING:
    from peft import PeftModel

GROUPS = ("embeddings", "layers", "head", "adapters")


def choose(model: Any, recipe: Recipe, *, words: bool) -> nn.Module:
    """The model with a gradient where the recipe wants one; with LoRA, wrapped by peft.

    ``words`` says that the objective learns words, so that word embeddings train where the recipe leaves it open.
    Raises DataError when nothing would train, MissingError when peft is not installed.
    """
    set_dropout(model, recipe.dropout)
    if recipe.trains == "lora":
        return _with_adapters(model, recipe)
    frozen = not words if recipe.frozen_embeddings is None else recipe.frozen_embeddings
    for name, weight in model.named_parameters():
        group = group_of(model, name)
        if recipe.trains == "head":
            weight.requires_grad_(group == "head")
        elif group == "embeddings" and frozen:
            weight.requires_grad_(False)
    layers = layers_of(model)
    for layer in layers[: round(recipe.frozen * len(layers))]:
        layer.requires_grad_(False)
    if not any(weight.requires_grad for weight in model.parameters()):
        raise DataError(
            "Nothing would train: this objective puts no head of its own on the base.",
            where="trains",
            mend='Write trains = "full" or "lora".',
        )
    return model  # type: ignore[no-any-return]  # peft and transformers leave it untyped


def layers_of(model: nn.Module) -> nn.ModuleList:
    """The layers, lowest first: the longest list of modules in the model."""
    lists = [module for module in model.modules() if isinstance(module, nn.ModuleList)]
    return max(lists, key=len)


def group_of(model: Any, name: str) -> str:
    """The part of the model that a weight belongs to; a pooler is a head, since it serves nothing else."""
    if "lora_" in name:
        return "adapters"
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    own = name.removeprefix("base_model.model.").split(".")
    prefix = inner.base_model_prefix
    if "pooler" in own or "modules_to_save" in own:
        return "head"
    if prefix in dict(inner.named_children()) and own[0] != prefix:
        return "head"
    return "layers" if _inside_layers(own) else "embeddings" if _embeds(own) else "layers"


def _inside_layers(parts: list[str]) -> bool:
    """Whether a weight stands in a numbered layer."""
    return any(part.isdigit() for part in parts)


def _embeds(parts: list[str]) -> bool:
    return any(part.startswith("embed") or part in {"wte", "wpe"} for part in parts)


def counts(model: nn.Module) -> Mapping[str, tuple[int, int]]:
    """(trained, all) weights of each part that has any; shared weights count once."""
    found = dict.fromkeys(GROUPS, (0, 0))
    for name, weight in model.named_parameters():
        group = group_of(model, name)
        trained, total = found[group]
        found[group] = (trained + weight.numel() * weight.requires_grad, total + weight.numel())
    return {group: pair for group, pair in found.items() if pair[1]}


def set_dropout(model: nn.Module, rate: float | None) -> None:
    """Let everything drop out at ``rate``; None leaves the base's own. The configuration stays as it was."""
    if rate is None:
        return
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = rate
        for name in ("attention_dropout", "dropout"):
            if isinstance(getattr(module, name, None), float):
                setattr(module, name, rate)


def _with_adapters(model: Any, recipe: Recipe) -> nn.Module:
    """Adapters at every matrix of the layers; a head trains whole."""
    try:
        from peft import LoraConfig, get_peft_model
    except ModuleNotFoundError as error:
        raise MissingError(
            "LoRA needs {name}, which is not installed.", mend="pip install 'argosy[train]'", name=error.name
        ) from error
    layers = layers_of(model)
    own = list(layers[round(recipe.frozen * len(layers)) :])
    inside = {id(module) for layer in own for module in layer.modules()}
    matrices = [
        name for name, module in model.named_modules() if id(module) in inside and type(module).__name__ in _MATRICES
    ]
    heads = sorted(set(_heads(model)))
    config = LoraConfig(
        r=recipe.lora_rank,
        lora_alpha=recipe.lora_alpha,  # type: ignore[arg-type]  # a figure like any other
        lora_dropout=recipe.dropout or 0.0,
        target_modules=matrices,
        modules_to_save=heads or None,
        fan_in_fan_out=any(type(module).__name__ == "Conv1D" for module in model.modules()),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers by an older name
        wrapped: nn.Module = get_peft_model(model, config)
    return wrapped


_MATRICES = ("Linear", "Conv1D")


def _heads(model: Any) -> list[str]:
    """The names of the head's modules, as large as they can be without the weights of the word embeddings."""
    prefix = model.base_model_prefix
    shared = {id(weight) for weight in model.get_input_embeddings().parameters()}
    tops = [name for name, _ in model.named_children() if name != prefix] if hasattr(model, prefix) else []
    heads = [name for top in tops for name in _apart(model, top, shared)]
    poolers = [name for name, _ in model.named_modules() if name.split(".")[-1] == "pooler"]
    return heads + [name for name in poolers if heads]


def _apart(model: nn.Module, name: str, shared: set[int]) -> list[str]:
    """The module of that name, or of its parts those that hold weights, all their own."""
    module = model.get_submodule(name)
    weights = {id(weight) for weight in module.parameters()}
    if not weights & shared:
        return [name] if weights else []
    return [part for child, _ in module.named_children() for part in _apart(model, f"{name}.{child}", shared)]


def merged(model: nn.Module, adapter: Path | None) -> Any:
    """The model with its adapters' weights added to its own; ``adapter`` is where they are stored before, if so."""
    if not hasattr(model, "merge_and_unload"):
        return model
    wrapped: PeftModel = model  # type: ignore[assignment]  # it is one, since it merges
    if adapter is not None:
        with quietly():
            wrapped.save_pretrained(str(adapter))
    return wrapped.merge_and_unload()
