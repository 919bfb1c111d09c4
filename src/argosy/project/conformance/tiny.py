"""A classifier of four thin layers over a few words, with random weights, for compressors to be tried on."""

import json
from pathlib import Path

import tokenizers
from tokenizers import models, pre_tokenizers, processors

from argosy.compress.material import Material
from argosy.infer.engines.onnx import open_onnx
from argosy.infer.tokens import Tokenizer
from argosy.models.quiet import quietly
from argosy.stages.smaller.exploring import CHECKPOINT, GRAPH
from argosy.stages.smaller.students import Work

LABELS = ("bad", "good")
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_WORDS = ("the", "film", "food", "was", "is", "very", "not", "good", "fine", "bad", "poor", "很", "好", "坏")
_LENGTH = 16
_ROWS = 48


def work(folder: Path) -> Work:
    """The model before, its graph, and rows to learn from, in ``folder``; needs torch."""
    from argosy.compress.export import export

    place = folder / CHECKPOINT
    place.mkdir()
    _write_model(place)
    _write_tokenizer(place)
    export(place, folder / GRAPH)
    tokenizer = Tokenizer.load(place, max_length=_LENGTH)
    engine = open_onnx(folder / GRAPH, name="tiny", tokenizer=tokenizer, labels=LABELS, text_steps=())
    rows = [(f"the {noun} was {word}", LABELS[place % 2]) for place, (noun, word) in enumerate(_pairs())]
    material = Material(
        labels=LABELS,
        teach=engine.logits,
        train=rows[: _ROWS // 2],
        validation=rows[_ROWS // 2 :],
        languages=("en",),
        max_length=_LENGTH,
    )
    return Work(checkpoint=place, graph=folder / GRAPH, chosen=None, material=material, seconds=1.0, texts=len(rows))


def _pairs() -> list[tuple[str, str]]:
    return [(_WORDS[1 + number % 2], _WORDS[7 + number % 4]) for number in range(_ROWS)]


def _write_model(folder: Path) -> None:
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    config = BertConfig(
        vocab_size=len(_SPECIAL) + len(_WORDS),
        hidden_size=32,
        num_hidden_layers=4,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=32,
        id2label=dict(enumerate(LABELS)),
        label2id={label: number for number, label in enumerate(LABELS)},
    )
    with quietly(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        BertForSequenceClassification(config).save_pretrained(folder)


def _write_tokenizer(folder: Path) -> None:
    known = {word: number for number, word in enumerate((*_SPECIAL, *_WORDS))}
    made = tokenizers.Tokenizer(models.WordLevel(known, unk_token="[UNK]"))  # noqa: S106 - a token of a vocabulary
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.add_special_tokens(list(_SPECIAL))
    pairs = [(name, known[name]) for name in ("[CLS]", "[SEP]")]
    made.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair=None, special_tokens=pairs)
    made.save(str(folder / "tokenizer.json"))
    told = {"tokenizer_class": "PreTrainedTokenizerFast", "mask_token": "[MASK]", "pad_token": "[PAD]"}
    (folder / "tokenizer_config.json").write_text(json.dumps(told), encoding="utf-8")
