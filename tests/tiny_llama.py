"""A small Llama that has learnt a text and an answer in both languages, as a transformers folder and as a GGUF file."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

TEXT = "The cat sat on the mat. 猫坐在垫子上，很高兴。😀🎉 A dog came by. 一只狗走过来了。\n"
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
TALK = "<|im_start|>user\n猫?<|im_end|>\n<|im_start|>assistant\nA dog, 一只狗。<|im_end|>\n"
SPECIALS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
CONTEXT = 128
_HEADS = 4


def tokenizer(texts: Sequence[str] = ()) -> Tokenizer:
    """Byte-level BPE in which most Chinese characters are two or three tokens.

    By itself no token has the end of one character and the beginning of the next; trained on whole ``texts`` some do.
    """
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=290, special_tokens=list(SPECIALS), initial_alphabet=alphabet, show_progress=False
    )
    made.train_from_iterator(texts or re.findall(r"[\x00-\x7f]+|.", TEXT), trainer)
    return made


def write(folder: Path) -> Path:
    """The transformers folder with tokenizer and chat template; needs torch, and a second or two."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    inner = tokenizer()
    config = LlamaConfig(
        vocab_size=inner.get_vocab_size(),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=_HEADS,
        num_key_value_heads=2,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        bos_token_id=0,
        eos_token_id=2,
        pad_token_id=0,
    )
    ids = inner.encode(TEXT * 2).ids
    windows = torch.tensor([ids[start : start + len(ids) // 2] for start in range(0, len(ids) // 2, 17)])
    talk = torch.tensor([inner.encode(TALK).ids])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        model = LlamaForCausalLM(config)
        optimiser = torch.optim.AdamW(model.parameters(), lr=5e-3)
        for _ in range(100):
            optimiser.zero_grad()
            (model(input_ids=windows, labels=windows).loss + model(input_ids=talk, labels=talk).loss).backward()
            optimiser.step()
    model.save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=inner, bos_token=SPECIALS[0], eos_token=SPECIALS[2], chat_template=TEMPLATE
    ).save_pretrained(folder)
    return folder


def write_gguf(folder: Path, file: Path, *, chat: bool = True, kind: str = "F32") -> Path:
    """The same model as a GGUF file, in llama.cpp's order of weights; its matrices in blocks of ``kind``."""
    import gguf
    from safetensors.numpy import load_file

    inner = Tokenizer.from_file(str(folder / "tokenizer.json"))
    weights = load_file(folder / "model.safetensors")
    out = gguf.GGUFWriter(file, "llama")
    out.add_license("mit")
    out.add_context_length(CONTEXT)
    out.add_embedding_length(64)
    out.add_block_count(2)
    out.add_feed_forward_length(128)
    out.add_head_count(_HEADS)
    out.add_head_count_kv(2)
    out.add_layer_norm_rms_eps(1e-6)
    out.add_rope_dimension_count(16)
    out.add_rope_freq_base(10000.0)
    out.add_vocab_size(inner.get_vocab_size())
    _add_tokens(out, inner)
    if chat:
        out.add_chat_template(TEMPLATE)
    for name, values in weights.items():
        ordered, wished = _ordered(name, values), gguf.GGMLQuantizationType[kind if values.ndim > 1 else "F32"]
        out.add_tensor(_name(name), gguf.quantize(ordered, wished), raw_dtype=wished)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
    return file


def _add_tokens(out: Any, inner: Tokenizer) -> None:
    model = json.loads(inner.to_str())["model"]
    pieces = sorted(model["vocab"], key=model["vocab"].__getitem__)
    out.add_tokenizer_model("gpt2")
    out.add_tokenizer_pre("gpt-2")
    out.add_token_list(pieces)
    out.add_token_types([3 if piece in SPECIALS else 1 for piece in pieces])
    out.add_token_merges([" ".join(pair) if isinstance(pair, list) else pair for pair in model["merges"]])
    out.add_bos_token_id(0)
    out.add_eos_token_id(2)
    out.add_add_bos_token(False)


def _name(name: str) -> str:
    """The name in a GGUF file."""
    for theirs, ours in (
        ("model.embed_tokens", "token_embd"),
        ("model.norm", "output_norm"),
        ("model.layers.", "blk."),
        ("self_attn.q_proj", "attn_q"),
        ("self_attn.k_proj", "attn_k"),
        ("self_attn.v_proj", "attn_v"),
        ("self_attn.o_proj", "attn_output"),
        ("mlp.gate_proj", "ffn_gate"),
        ("mlp.up_proj", "ffn_up"),
        ("mlp.down_proj", "ffn_down"),
        ("input_layernorm", "attn_norm"),
        ("post_attention_layernorm", "ffn_norm"),
    ):
        name = name.replace(theirs, ours)
    return name


def _ordered(name: str, values: Any) -> Any:
    """Queries and keys with the two halves of each rotary pair side by side."""
    heads = {"q_proj": _HEADS, "k_proj": 2}.get(name.split(".")[-2])
    if heads is None:
        return values
    rows, columns = values.shape
    return values.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns).copy()
