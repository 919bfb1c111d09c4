"""A small BERT classifier with random weights, some of them far out as in real models, and its tokenizer."""

import random
from pathlib import Path

from tokenizers import Tokenizer, models, pre_tokenizers, processors

LABELS = ("negative", "neutral", "positive")
WORDS = 1_200
MAX_LENGTH = 24
_SPECIALS = ("[PAD]", "[CLS]", "[SEP]", "[UNK]")


def write(folder: Path) -> Path:
    """A transformers folder; needs torch."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    names = dict(enumerate(LABELS))
    config = BertConfig(
        vocab_size=WORDS + len(_SPECIALS),
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=128,
        max_position_embeddings=64,
        initializer_range=0.1,
        id2label=names,
        label2id={label: number for number, label in names.items()},
    )
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(1)
        model = BertForSequenceClassification(config)
        for layer in model.bert.encoder.layer:
            layer.intermediate.dense.weight[5] *= 20  # one channel that would set everybody's step
    model.save_pretrained(folder)
    tokenizer().save(str(folder / "tokenizer.json"))
    return folder


def tokenizer() -> Tokenizer:
    """A word a token; its own settings pad to a fixed length, as some published files do."""
    vocabulary = {word: number for number, word in enumerate([*_SPECIALS, *(f"w{number}" for number in range(WORDS))])}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token=_SPECIALS[-1]))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    made.enable_padding(length=MAX_LENGTH)
    return made


def texts(count: int, seed: int = 0) -> list[str]:
    """Texts of 1 to 30 words."""
    draw = random.Random(seed)
    return [" ".join(f"w{draw.randrange(WORDS)}" for _ in range(draw.randint(1, 30))) for _ in range(count)]
