"""A classifier distilled into a table answers alone as in company, and as its weights in full precision say."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers

from argosy.compress.material import Material
from argosy.compress.static import GRAPH, reference, static
from argosy.infer.engines.onnx import open_onnx
from argosy.infer.engines.transformer import TransformerClassifier
from argosy.infer.tokens import Tokenizer as Reader

LABELS = ("bad", "good", "unsure")
SPECIALS = ["<s>", "<pad>", "</s>", "<unk>"]
GOOD = ["good film", "the food is fine", "好电影", "菜很好吃", "not bad at all", "Good food", "服务很好"]
BAD = ["bad film", "the food is poor", "坏电影", "菜不好吃", "not good at all", "Bad food", "服务不好"]
TRAIN = [*((text, "good") for text in GOOD), *((text, "bad") for text in BAD)]
LENGTH = 16
LIKE = {"great": "good", "awful": "bad"}


def teach(texts: Sequence[str]) -> np.ndarray:
    """A teacher that knows a few words, never quite sure, and unsure where it knows none."""
    good = np.array([sum(word in text.lower() for word in ("good", "fine", "好")) for text in texts])
    bad = np.array([2 * sum(word in text.lower() for word in ("bad", "poor", "坏", "不")) for text in texts])
    return np.stack([bad, good, 0.5 * (good == bad)], axis=1).astype(np.float32).reshape(len(texts), 3)


def write_model(folder: Path) -> Path:
    """The tokenizer of a model, Unigram over Chinese and English, and what else of it is read.

    In its embeddings "great" is as "good" is, "awful" as "bad", and no training text has them.
    """
    folder.mkdir()
    inner = Tokenizer(models.Unigram())
    inner.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    trainer = trainers.UnigramTrainer(
        vocab_size=120, special_tokens=SPECIALS, unk_token=SPECIALS[3], show_progress=False
    )
    inner.train_from_iterator([text.lower() for text, _ in TRAIN] * 5, trainer)
    inner.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    inner.enable_padding(length=LENGTH, pad_id=1, pad_token=SPECIALS[1])
    spec = json.loads(inner.to_str())
    known = {piece for piece, _ in spec["model"]["vocab"]}
    wanted = {f"▁{word}" for pair in LIKE.items() for word in pair}
    spec["model"]["vocab"] += [[piece, -2.0] for piece in sorted(wanted - known)]
    (folder / "tokenizer.json").write_text(json.dumps(spec))
    inner = Tokenizer.from_str(json.dumps(spec))
    (folder / "config.json").write_text(json.dumps({"model_type": "bert", "pad_token_id": 1}))
    rows = np.random.default_rng(0).standard_normal((inner.get_vocab_size(), 16)).astype(np.float32)
    for word, like in LIKE.items():
        rows[inner.token_to_id(f"▁{word}")] = rows[inner.token_to_id(f"▁{like}")]
    save_file({"bert.embeddings.word_embeddings.weight": rows}, folder / "model.safetensors")
    return folder


def material(**changed: object) -> Material:
    """All texts, with as many that have no label."""
    unlabelled = [f"{first} {second}" for first, _ in TRAIN for second, _ in TRAIN]
    given = {"labels": LABELS, "teach": teach, "train": TRAIN, "validation": TRAIN[::3], "unlabelled": unlabelled}
    return Material(**{**given, "max_length": LENGTH, **changed})  # type: ignore[arg-type]  # of several types


def opened(folder: Path) -> TransformerClassifier:
    """The table behind the engine that serves it."""
    tokenizer = Reader.load(folder, max_length=LENGTH)
    return open_onnx(folder / GRAPH, name="static", tokenizer=tokenizer, labels=LABELS, text_steps=(), threads=1)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model that is distilled."""
    return write_model(tmp_path_factory.mktemp("static") / "model")


@pytest.fixture(scope="module")
def table(model: Path) -> Path:
    """The table made of it."""
    static(model, material(), model.with_name("table"), lambda _share, _line: None)
    return model.with_name("table")


texts = st.lists(st.text(alphabet="god bafilmtes 好坏菜吃电影ぬ🙂G\n", max_size=40), min_size=1, max_size=9)


@given(asked=texts)
@settings(max_examples=60, deadline=None)
def test_the_graph_answers_as_the_weights_say(table: Path, asked: list[str]) -> None:
    """Integers of 16 bits are near enough, for texts in both languages, empty and unknown ones."""
    np.testing.assert_allclose(opened(table).logits(asked), reference(table, max_length=LENGTH)(asked), atol=2e-3)


@given(asked=texts)
@settings(max_examples=60, deadline=None)
def test_company_changes_no_bit(table: Path, asked: list[str]) -> None:
    """A text alone, and padded to the length of others, has the same logits."""
    engine = opened(table)
    alone = np.concatenate([engine.logits([text]) for text in asked])
    np.testing.assert_array_equal(engine.logits(asked), alone)


def test_it_learns_what_the_teacher_says(table: Path) -> None:
    """Chinese and English, upper and lower case, words seen and pairs that turn their meaning."""
    asked = ["GOOD FILM", "bad film", "好电影", "菜不好吃", "the food is fine", "服务很好"]
    assert [answer.label for answer in opened(table).classify(asked)] == ["good", "bad", "good", "bad", "good", "good"]


def test_unlabelled_texts_teach_words_that_no_label_did(model: Path, tmp_path: Path) -> None:
    """What the teacher says of more texts is learnt, without their labels."""
    train = [("the food", "good"), ("the film", "bad")]
    more = ["fine food", "fine film", "poor food", "poor film"] * 5
    static(model, material(train=train, unlabelled=more), tmp_path / "more", lambda _share, _line: None)
    assert [answer.label for answer in opened(tmp_path / "more").classify(["poor", "fine"])] == ["bad", "good"]


def test_a_word_of_no_text_speaks_like_those_that_mean_the_same(model: Path, table: Path, tmp_path: Path) -> None:
    """What a piece says comes from its embedding too; where that is not found by its name, from texts alone."""
    great, awful = opened(table).logits(["great", "awful"])
    assert great[1] - great[0] > awful[1] - awful[0] + 0.1
    plain = tmp_path / "plain"
    shutil.copytree(model, plain)
    weights = load_file(plain / "model.safetensors")
    save_file({"other": next(iter(weights.values()))}, plain / "model.safetensors")
    static(plain, material(), tmp_path / "out", lambda _share, _line: None)
    great, awful = opened(tmp_path / "out").logits(["great", "awful"])
    np.testing.assert_array_equal(great, awful)


def test_a_text_without_words_gets_the_bias(table: Path) -> None:
    """An empty text and one of special tokens alone read nothing, so the answer is the same, and finite."""
    logits = opened(table).logits(["", "<s>", "<pad></s>"])
    assert np.isfinite(logits).all()
    np.testing.assert_array_equal(logits, logits[[0, 0, 0]])


def test_a_label_without_rows_is_never_nonsense(model: Path, tmp_path: Path) -> None:
    """No training row is unsure: the label stays, is what the teacher says where it says so, and rare elsewhere."""
    static(model, material(unlabelled=()), tmp_path / "few", lambda _share, _line: None)
    answers = opened(tmp_path / "few").classify([text for text, _ in TRAIN])
    assert {answer.label for answer in answers} == {"good", "bad"}
    assert all(0 < answer.probabilities["unsure"] < 0.5 for answer in answers)


def test_texts_are_cut_where_the_model_cuts_them(table: Path) -> None:
    """What stands behind the last token is not read."""
    start = "good film " * LENGTH
    logits = opened(table).logits([start, start + "bad " * 1_000])
    np.testing.assert_array_equal(*logits)


def test_the_same_rows_give_the_same_table(model: Path, table: Path, tmp_path: Path) -> None:
    """Nothing is drawn."""
    static(model, material(), tmp_path / "again", lambda _share, _line: None)
    assert (tmp_path / "again" / GRAPH).read_bytes() == (table / GRAPH).read_bytes()


@pytest.mark.parametrize("kind", ["word pieces", "bytes"])
def test_every_kind_of_tokenizer_will_do(model: Path, tmp_path: Path, kind: str) -> None:
    """Word pieces and byte pairs are read as a Unigram is, and the graph still answers as the weights say."""
    shutil.copytree(model, tmp_path / "model")
    if kind == "bytes":
        inner = Tokenizer(models.BPE())
        inner.pre_tokenizer = pre_tokenizers.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        trainer: trainers.Trainer = trainers.BpeTrainer(
            vocab_size=300, special_tokens=SPECIALS, initial_alphabet=alphabet, show_progress=False
        )
    else:
        inner = Tokenizer(models.WordPiece(unk_token=SPECIALS[3]))
        inner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        trainer = trainers.WordPieceTrainer(vocab_size=120, special_tokens=SPECIALS, show_progress=False)
    inner.train_from_iterator([text.lower() for text, _ in TRAIN], trainer)
    inner.save(str(tmp_path / "model" / "tokenizer.json"))
    static(tmp_path / "model", material(), tmp_path / "out", lambda _share, _line: None)
    asked = ["GOOD FILM", "bad film", "好电影", "菜不好吃", "", "🙂 ぬ"]
    logits = opened(tmp_path / "out").logits(asked)
    np.testing.assert_allclose(logits, reference(tmp_path / "out", max_length=LENGTH)(asked), atol=2e-3)
    assert logits[:4].argmax(axis=1).tolist() == [1, 0, 1, 0]


def test_it_works_without_validation_rows(model: Path, tmp_path: Path) -> None:
    """Then the first setting stands."""
    static(model, material(validation=()), tmp_path / "alone", lambda _share, _line: None)
    assert np.isfinite(opened(tmp_path / "alone").logits(["好", "good"])).all()
