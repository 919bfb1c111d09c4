"""Causal attention of grouped heads as plain matrix products, for training on processors.

In bf16 torch's own kernel for processors takes three times as long forward and backward at contexts of a few hundred
tokens. The queries of the heads that share keys and values are multiplied with them at once.
"""

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from torch import nn
    from transformers import PreTrainedModel

NAME = "grouped"
_LONGEST = 1_024  # tokens: the scores of a context are held at once


def attend_in_groups(model: "PreTrainedModel") -> None:
    """Let ``model`` compute its attention here; what it is saved as does not change."""
    from transformers import AttentionInterface
    from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

    AttentionInterface.register(NAME, _attention)
    AttentionMaskInterface.register(NAME, sdpa_mask)
    model.set_attn_implementation(NAME)


def grouped(query: Tensor, key: Tensor, value: Tensor, scaling: float) -> Tensor:
    """Causal attention [rows, heads, tokens, width] of queries over fewer heads of keys and values."""
    rows, heads, tokens, width = query.shape
    shared = key.shape[1]
    each = heads // shared
    queries = query.reshape(rows * shared, each * tokens, width)
    keys, values = (part.reshape(rows * shared, tokens, width) for part in (key, value))
    later = torch.full((tokens, tokens), -torch.inf, dtype=query.dtype, device=query.device).triu(1)
    hidden = later.repeat(each, 1).expand(rows * shared, -1, -1)
    shares = torch.softmax(torch.baddbmm(hidden, queries, keys.mT, alpha=scaling), dim=-1)
    return torch.bmm(shares, values).view(rows, heads, tokens, width)


def _attention(
    module: "nn.Module",
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    dropout: float = 0.0,
    scaling: float = 1.0,
    **options: Any,
) -> tuple[Tensor, None]:
    """What transformers calls, [rows, tokens, heads, width]; torch's own kernel serves masks, caches and GPUs."""
    device, tokens = query.device.type, query.shape[2]
    if device != "cpu" or attention_mask is not None or dropout or not tokens == key.shape[2] <= _LONGEST:
        from transformers.integrations.sdpa_attention import sdpa_attention_forward

        told, _ = sdpa_attention_forward(module, query, key, value, attention_mask, dropout, scaling, **options)
        return told, None
    kind = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else query.dtype
    with torch.autocast(device, enabled=False):
        found = grouped(query.to(kind), key.to(kind), value.to(kind), scaling)
    return found.transpose(1, 2), None
