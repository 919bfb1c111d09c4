"""Models that start from nothing: one dial for the size, a decoder to write text and an encoder to fill in masks.

The decoder is Qwen3's architecture: rotary positions, RMSNorm, SwiGLU, grouped-query attention and tied embeddings as
in Llama, with queries and keys normalised too, which holds at the high learning rates that short trainings need. The
encoder is BERT's, which all that is done with encoders (packing, export, quantising) knows.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from argosy.models.byte_pairs import BEGIN, END, PAD, BytePairs
from argosy.models.quiet import quietly

if TYPE_CHECKING:
    from torch import nn
    from transformers import PreTrainedConfig, PreTrainedModel

ROUND = 64  # the vocabulary's rows are filled up to a multiple: matrix products run faster
TOKENS_A_PARAMETER = 20  # beyond them a larger model is the better use of time (Hoffmann et al. 2022)
EPOCHS = 8  # that a corpus may be read; beyond about 4 each says less (Muennighoff et al. 2023)
_BYTES_A_PIECE = 400  # of the corpus: fewer, and many pieces are seen too seldom to be learnt
_LEAST_PIECES = 512
_GAIN = 0.6  # of the weights' scale, found on validation text of both languages


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the dial stands for; ``context`` is in tokens, ``batch_tokens`` those of one step.

    ``vocabulary`` is what the tokenizer may have at most; ``head`` the width of an attention head.
    """

    size: str
    width: int
    layers: int
    heads: int
    kv_heads: int
    ffn: int
    context: int
    vocabulary: int
    learning_rate: float
    batch_tokens: int

    @property
    def head(self) -> int:
        """The width of an attention head."""
        return self.width // self.heads

    def parameters(self, vocabulary: int) -> int:
        """The decoder's parameters with the embedding of ``vocabulary`` pieces, which is also the output's matrix."""
        attention = 2 * self.width * self.head * (self.heads + self.kv_heads) + 2 * self.head
        layer = attention + 3 * self.width * self.ffn + 2 * self.width
        return self.layers * layer + self.width + filled(vocabulary) * self.width


def _shape(size: str, *numbers: int, learning_rate: float) -> Shape:
    names = ("width", "layers", "heads", "kv_heads", "ffn", "context", "vocabulary", "batch_tokens")
    values = dict(zip(names, numbers, strict=True))
    return Shape(size=size, learning_rate=learning_rate, **values)


# Tiny is for tests and demos. Small is for minutes on a processor: a wider model sees too little text in that time.
# Large has the size of GPT-2's smallest.
SIZES: Mapping[str, Shape] = MappingProxyType(
    {
        shape.size: shape
        for shape in (
            _shape("tiny", 128, 4, 4, 2, 384, 128, 2_048, 2_048, learning_rate=6e-3),
            _shape("small", 256, 4, 4, 2, 704, 256, 4_096, 4_096, learning_rate=6e-3),
            _shape("base", 512, 8, 8, 2, 1_408, 512, 16_384, 16_384, learning_rate=3e-3),
            _shape("large", 768, 12, 12, 4, 2_048, 1_024, 32_768, 65_536, learning_rate=2e-3),
        )
    }
)


def fitted(size: str, corpus: int) -> Shape:
    """The shape of the dial for a corpus of so many UTF-8 bytes: fewer pieces where the text cannot teach them all."""
    shape = SIZES[size]
    return replace(shape, vocabulary=max(_LEAST_PIECES, min(shape.vocabulary, corpus // _BYTES_A_PIECE)))


def filled(vocabulary: int) -> int:
    """The rows of the embedding for so many pieces."""
    return -(-vocabulary // ROUND) * ROUND


def horizon(shape: Shape, vocabulary: int, corpus: int, budget: float) -> int:
    """The tokens to train on: what the ``budget`` allows, at most EPOCHS of the ``corpus`` and 20 a parameter."""
    return max(1, round(min(budget, EPOCHS * corpus, TOKENS_A_PARAMETER * shape.parameters(vocabulary))))


def decoder(shape: Shape, tokenizer: BytePairs, *, seed: int) -> "PreTrainedModel":
    """A decoder with weights drawn from ``seed``, in fp32 and in training mode; the process's random state stays."""
    from transformers import Qwen3Config, Qwen3ForCausalLM

    from argosy.models.attention import attend_in_groups

    config = Qwen3Config(
        vocab_size=filled(tokenizer.size),
        hidden_size=shape.width,
        intermediate_size=shape.ffn,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.kv_heads,
        head_dim=shape.head,
        max_position_embeddings=shape.context,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.number(END),
        eos_token_id=tokenizer.number(END),
        pad_token_id=tokenizer.number(PAD),
    )
    model = _drawn(Qwen3ForCausalLM, config, shape.layers, seed)
    attend_in_groups(model)
    return model


def encoder(shape: Shape, tokenizer: BytePairs, *, seed: int) -> "PreTrainedModel":
    """An encoder with a masked-language head, its weights drawn from ``seed``, in fp32 and in training mode."""
    from transformers import BertConfig, BertForMaskedLM

    config = BertConfig(
        vocab_size=filled(tokenizer.size),
        hidden_size=shape.width,
        intermediate_size=shape.ffn * 3 // 2,  # two matrices where the decoder has three
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        max_position_embeddings=shape.context,
        bos_token_id=tokenizer.number(BEGIN),
        eos_token_id=tokenizer.number(END),
        pad_token_id=tokenizer.number(PAD),
    )
    return _drawn(BertForMaskedLM, config, shape.layers, seed)


def save(model: "PreTrainedModel", tokenizer: BytePairs, out: Path) -> None:
    """Write a folder that transformers' auto classes load as it is."""
    masked = model.config.model_type == "bert"
    with quietly():
        model.save_pretrained(out)
    tokenizer.save(out, context=model.config.max_position_embeddings, masked=masked)


def _drawn(kind: type["PreTrainedModel"], config: "PreTrainedConfig", layers: int, seed: int) -> "PreTrainedModel":
    """The model with its weights drawn anew."""
    import torch

    with quietly(), torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        model = kind(config)
        for name, weight in model.named_parameters():
            if weight.ndim > 1:
                _draw(name, weight, layers)
    model.train()
    return model


def _draw(name: str, weight: "nn.Parameter", layers: int) -> None:
    """Embeddings small, matrices so that the scale of what flows is kept, those that write to the residual less so.

    The residual sums 2 · ``layers`` outputs (GPT-2's scaling).
    """
    from torch import nn

    if "embed" in name:
        nn.init.normal_(weight, std=0.02)
        return
    writes = name.endswith(("o_proj.weight", "down_proj.weight", "output.dense.weight"))
    nn.init.normal_(weight, std=_GAIN / math.sqrt(weight.shape[1] * (2 * layers if writes else 1)))
