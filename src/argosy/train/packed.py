"""A padded batch through the model without its padding: all tokens side by side, attention within each text alone.

Linear layers and layer norms then work on tokens that stand for something. Attention runs over texts of like length,
see ``argosy.train.blocks``. A classifier whose answer hangs on the first token computes its last layer for that
token alone. Word vectors are looked up on the padded batch, so what hooks the embedding layer sees what it always does.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AttentionInterface
from transformers.modeling_outputs import SequenceClassifierOutput

from argosy.train.blocks import SHORT, Block, blocks
from argosy.train.dropout import dropped

_STACKED = frozenset({"bert", "roberta", "xlm-roberta", "camembert"})  # one code of layers, see ``_layer``
_CALLED = frozenset({"electra", "distilbert", "modernbert"})
_DECODERS = frozenset({"llama", "mistral", "qwen2", "qwen3", "smollm3"})
_NAME = "argosy_packed"
BELOW = "below"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the tokens of a padded batch [rows, longest] lie without padding: texts by length, shortest first.

    ``picked`` [tokens]: the place of each in the flattened batch; ``positions`` [tokens]: its place in its text;
    ``starts`` [texts]: where each text's first token lies; ``rank`` [rows]: which text is a row's. All int64.
    ``blocks``: the texts that attend side by side.
    """

    picked: Tensor
    positions: Tensor
    starts: Tensor
    rank: Tensor
    blocks: tuple[Block, ...]

    @classmethod
    def of(cls, mask: Tensor) -> Self:
        """Of a mask [rows, longest] whose padding is on the right; a row without a token has one of padding."""
        rows, longest = mask.shape
        mask = torch.cat([torch.ones_like(mask[:, :1]), mask[:, 1:]], dim=1)
        lengths, order = mask.sum(dim=1).sort(stable=True)
        valid = mask[order].bool()
        places = torch.arange(rows * longest, device=mask.device).view(rows, longest)
        return cls(
            picked=places[order][valid],
            positions=places[:1].expand(rows, -1)[valid],
            starts=lengths.cumsum(0) - lengths,
            rank=order.argsort(),
            blocks=blocks(lengths),
        )

    def pack(self, values: Tensor) -> Tensor:
        """[tokens, …] of [rows, longest, …]."""
        return values.flatten(0, 1)[self.picked]

    def pad(self, values: Tensor, shape: torch.Size) -> Tensor:
        """[rows, longest, …] of [tokens, …]; 0 where padding was."""
        whole = values.new_zeros(shape.numel(), *values.shape[1:])
        return whole.index_copy(0, self.picked, values).view(*shape, *values.shape[1:])


def packs(model: nn.Module, longest: int = 0) -> bool:
    """Whether the model gives the same answers without padding, for texts of up to ``longest`` tokens.

    That is so for families of known code, and where each token sees the whole text: a window may be no shorter.
    """
    inner = unwrapped(model)
    config = getattr(inner, "config", None)
    kind = getattr(config, "model_type", "")
    if longest > (getattr(config, "sliding_window", None) or longest):
        return False
    if kind in _DECODERS:
        return not _labels_texts(inner)
    crossing = getattr(config, "is_decoder", False) or getattr(config, "add_cross_attention", False)
    return kind in _STACKED | _CALLED and not crossing


def stacked(model: nn.Module) -> bool:
    """Whether the layers of this classifier are run one by one, so that a part of them can be left out."""
    inner = unwrapped(model)
    return packs(inner) and _labels_texts(inner) and inner.config.model_type in _STACKED


def unwrapped(model: nn.Module) -> Any:
    """The transformers model inside one with adapters."""
    wrapper: Any = model
    return wrapper.get_base_model() if hasattr(wrapper, "get_base_model") else model


def run(model: nn.Module, tensors: Mapping[str, Tensor], *, states: bool = False) -> Any:
    """The output record that ``model`` gives for ``ids`` and ``mask`` [rows, longest] (and ``types``).

    States of tokens, and what a head makes of them, come padded as ever. ``states`` asks for the hidden states of all
    layers too. Where ``tensors`` has ``below`` [rows, longest, width], kept by ``argosy.train.methods.activations``,
    the layers that made them are left out; the model must be ``stacked`` then.
    """
    inner = unwrapped(model)
    layout = Layout.of(tensors["mask"])
    if stacked(inner) and not states:
        return SequenceClassifierOutput(logits=_first_token(inner, tensors, layout))
    given = _types(inner, tensors, layout)
    given |= {"output_hidden_states": True} if states else {}
    given |= {"use_cache": False} if inner.config.model_type in _DECODERS else {}
    vectors = layout.pack(inner.get_input_embeddings()(tensors["ids"]))[None]
    with _attending(inner, layout, tensors["ids"].shape):
        return inner(inputs_embeds=vectors, position_ids=_positions(inner, layout), layout=layout, **given)


def embedded(model: Any, tensors: Mapping[str, Tensor], layout: Layout) -> Tensor:
    """What the embeddings of a ``stacked`` model hand to its first layer [tokens, width].

    Under autocast in its type, so that the sums and norms between the products work on half as many bytes.
    """
    base = model.base_model
    vectors = layout.pack(base.get_input_embeddings()(tensors["ids"]))[None]
    positions = _positions(model, layout)
    states: Tensor = base.embeddings(inputs_embeds=vectors, position_ids=positions, **_types(model, tensors, layout))[0]
    kind = states.device.type
    return states.to(torch.get_autocast_dtype(kind)) if torch.is_autocast_enabled(kind) else states


def layers_of(model: Any) -> nn.ModuleList:
    """The layers of a ``stacked`` model, lowest first."""
    layers: nn.ModuleList = model.base_model.encoder.layer
    return layers


def layer(module: Any, states: Tensor, layout: Layout, *, first: bool = False) -> Tensor:
    """States [tokens, width] after a layer; with ``first`` those of each text's first token alone [texts, width]."""
    own = module.attention.self
    asking = states[layout.starts] if first else states
    query, key, value = (
        made(read).view(len(read), own.num_attention_heads, -1)
        for made, read in ((own.query, asking), (own.key, states), (own.value, states))
    )
    dropout = own.dropout.p if own.training else 0.0
    mixed = attention(query, key, value, layout.blocks, dropout=dropout, scale=own.scaling)
    attended = _added(module.attention.output, mixed.flatten(1), asking)
    return _added(module.output, module.intermediate(attended), attended)


def _added(module: Any, states: Tensor, residual: Tensor) -> Tensor:
    """What a layer's half makes of its product: dropout, the sum with what went in, and the norm."""
    rate = module.dropout.p if module.dropout.training else 0.0
    normed: Tensor = module.LayerNorm(dropped(module.dense(states), rate) + residual)
    return normed


def attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    parts: tuple[Block, ...],
    *,
    dropout: float,
    scale: float,
    causal: bool = False,
) -> Tensor:
    """Attention within each text [tokens, heads, width a head]; or, of one query a text, [texts, heads, width a head].

    ``key`` and ``value`` may have fewer heads, each then read by several of the query's.
    """
    whole = len(query) == len(key)
    mixed = []
    for block in parts:
        near = block.spread(query) if whole else query[block.texts, None]
        three = (part.transpose(1, 2) for part in (near, block.spread(key), block.spread(value)))
        found = _alike(*three, absent=block.absent, dropout=dropout, scale=scale, causal=causal).transpose(1, 2)
        mixed.append(block.gather(found) if whole else found[:, 0])
    return torch.cat(mixed)


def _alike(
    query: Tensor, key: Tensor, value: Tensor, *, absent: Tensor | None, dropout: float, scale: float, causal: bool
) -> Tensor:
    """Attention of texts side by side [texts, heads, tokens, width a head]."""
    shared = query.shape[1] // key.shape[1]
    if shared > 1:
        key, value = (part.repeat_interleave(shared, dim=1) for part in (key, value))
    if query.is_cuda or key.shape[2] > SHORT:
        return functional.scaled_dot_product_attention(
            query, key, value, dropout_p=dropout, scale=scale, is_causal=causal
        )
    scores = (query * scale) @ key.transpose(2, 3)
    if causal:  # hides what a shorter text lacks as well: it stands behind
        later = torch.ones(scores.shape[2:], dtype=torch.bool, device=scores.device).triu(1)
        scores = scores.masked_fill(later, -torch.inf)
    elif absent is not None:
        scores = scores + absent.to(scores.dtype)
    return dropped(scores.softmax(dim=-1), dropout) @ value


def _first_token(model: Any, tensors: Mapping[str, Tensor], layout: Layout) -> Tensor:
    """Logits [rows, labels] of a classifier that reads the first token's last state."""
    layers = layers_of(model)
    if BELOW in tensors:
        layers = layers[frozen_below(model) :]
        states = layout.pack(tensors[BELOW]) if len(layers) else tensors[BELOW][:, 0]
    else:
        states = embedded(model, tensors, layout)
    for module in layers[:-1]:
        states = layer(module, states, layout)
    first = layer(layers[-1], states, layout, first=True)[layout.rank] if len(layers) else states
    base = model.base_model
    pooled = first[:, None] if getattr(base, "pooler", None) is None else model.dropout(base.pooler(first[:, None]))
    logits: Tensor = model.classifier(pooled)
    return logits


def frozen_below(model: nn.Module) -> int:
    """How many of a ``stacked`` model's layers, from the lowest, no gradient reaches; -1 when it reaches the words."""
    inner = unwrapped(model)
    if _trains(inner.base_model.embeddings):
        return -1
    layers = layers_of(inner)
    return next((number for number, module in enumerate(layers) if _trains(module)), len(layers))


def below(model: nn.Module, tensors: Mapping[str, Tensor]) -> Tensor:
    """What the frozen layers of a ``stacked`` model make of a batch [rows, longest, width].

    Where all its layers are frozen: [rows, 1, width], the last state of the first token.
    """
    inner = unwrapped(model)
    layout = Layout.of(tensors["mask"])
    states, layers = embedded(inner, tensors, layout), layers_of(inner)
    frozen = frozen_below(inner)
    for module in layers[: min(frozen, len(layers) - 1)]:
        states = layer(module, states, layout)
    if frozen == len(layers):
        return layer(layers[-1], states, layout, first=True)[layout.rank, None]
    return layout.pad(states, tensors["mask"].shape)


def _trains(module: nn.Module) -> bool:
    return any(weight.requires_grad for weight in module.parameters())


@contextmanager
def _attending(model: Any, layout: Layout, shape: torch.Size) -> Iterator[None]:
    """Inside, the model attends within texts, and its head gets padded states, or the first of each labelled text."""
    AttentionInterface.register(_NAME, _attend)
    usual = model.config._attn_implementation  # noqa: SLF001 - the setter checks nothing; the public one reloads code
    model.config._attn_implementation = _NAME  # noqa: SLF001 - as above
    first = layout.starts[layout.rank] if _labels_texts(model) else None

    def hand_on(module: nn.Module, given: Any, said: Any) -> Any:
        del module, given
        last = said.last_hidden_state[0]
        said.last_hidden_state = layout.pad(last, shape) if first is None else last[first, None]
        if said.get("hidden_states") is not None:
            said.hidden_states = tuple(layout.pad(state[0], shape) for state in said.hidden_states)
        if "pooler_output" in said:
            said.pooler_output = None  # of the first text alone
        return said

    hook = model.base_model.register_forward_hook(hand_on)
    try:
        yield
    finally:
        model.config._attn_implementation = usual  # noqa: SLF001 - as above
        hook.remove()


def _attend(  # noqa: PLR0913 - transformers calls it so
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    *,
    layout: Layout,
    scaling: float,
    dropout: float = 0.0,
    **_rest: Any,
) -> tuple[Tensor, None]:
    """Attention as transformers calls it: [1, heads, tokens, width a head] in, [1, tokens, heads, width a head] out."""
    del attention_mask
    query, key, value = (part[0].transpose(0, 1) for part in (query, key, value))
    causal = bool(getattr(module, "is_causal", False))
    return attention(query, key, value, layout.blocks, dropout=dropout, scale=scaling, causal=causal)[None], None


def _positions(model: Any, layout: Layout) -> Tensor:
    """[1, tokens]; some families count from the number after padding's."""
    table = getattr(getattr(model.base_model, "embeddings", None), "position_embeddings", None)
    offset = getattr(table, "padding_idx", None)
    return (layout.positions if offset is None else layout.positions + offset + 1)[None]


def _types(model: Any, tensors: Mapping[str, Tensor], layout: Layout) -> dict[str, Any]:
    """Which text of a pair each token belongs to, where the model reads that."""
    if "types" not in tensors or getattr(model.config, "type_vocab_size", 0) <= 1:
        return {}
    return {"token_type_ids": layout.pack(tensors["types"])[None]}


def _labels_texts(model: Any) -> bool:
    """Whether the head labels whole texts."""
    return type(model).__name__.endswith("ForSequenceClassification")
