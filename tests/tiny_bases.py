"""Tiny bases with random weights: an encoder and a decoder over words of two languages, with their tokenizers."""

import json
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors

ENGLISH = "good bad fine poor the film food was is very not one two three four red blue who where what ? . : user"
CHINESE = "好坏电影菜很不是一二三四红蓝谁在哪里北京上海的。？"
SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "</s>")
WORDS = tuple(dict.fromkeys([*SPECIALS, *ENGLISH.split(), *CHINESE, "paris", "rome", "ann", "bob", "in", "lives"]))


def tokenizer() -> Tokenizer:
    """A token a word, and one a Chinese character."""
    made = Tokenizer(models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token=SPECIALS[1]))
    made.pre_tokenizer = pre_tokenizers.Split(Regex(r"\p{Han}|[^\s\p{Han}\p{P}]+|\p{P}"), "removed", invert=True)
    made.add_special_tokens(list(SPECIALS))
    made.decoder = decoders.Fuse()
    return made


def write_encoder(folder: Path, *, layers: int = 4, width: int = 32, pooler: bool = True) -> Path:
    """A BERT without a head; needs torch."""
    import torch
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=4,
        intermediate_size=2 * width,
        max_position_embeddings=64,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        BertModel(config, add_pooling_layer=pooler).save_pretrained(folder)
    made = tokenizer()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return _with(made, folder, {"mask_token": "[MASK]", "pad_token": "[PAD]"})


def write_decoder(folder: Path, *, layers: int = 2) -> Path:
    """A Llama with tied embeddings; needs torch."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=len(WORDS),
        hidden_size=32,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        tie_word_embeddings=True,
        pad_token_id=0,
        bos_token_id=5,
        eos_token_id=5,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        LlamaForCausalLM(config).save_pretrained(folder)
    return _with(tokenizer(), folder, {"eos_token": "</s>", "pad_token": "[PAD]"})


def _with(made: Tokenizer, folder: Path, settings: dict[str, str]) -> Path:
    made.save(str(folder / "tokenizer.json"))
    settings["tokenizer_class"] = "PreTrainedTokenizerFast"
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder
