"""The tokenizer gives back every text, in any script, and transformers reads it as it is."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.core.errors import DataError
from argosy.models.byte_pairs import END, LONGEST_HAN, PAD, ROLES, SPECIALS, BytePairs

TEXTS = [
    "The cat sat on the mat, and the dogs didn't mind: 1984 was long ago.\n",
    "中华人民共和国成立于一九四九年十月一日，首都北京。\r\n",
    "  def f(x):\n\treturn x * 2  # naïve café\n",
] * 20


@pytest.fixture(scope="module")
def tokenizer() -> BytePairs:
    """Trained on both languages."""
    return BytePairs.train(TEXTS, size=600)


@settings(max_examples=300, deadline=None)
@given(st.text())
def test_decoding_gives_back_the_text(tokenizer: BytePairs, text: str) -> None:
    """Whatever the text."""
    assert tokenizer.decode(tokenizer.encode([text])[0]) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "   leading",
        "trailing   ",
        "a\r\nb\rc\n\n",
        "\0\x00nul",
        "▁ ▁a",
        "<0x41><|end|><|user|>",
        "👩‍👩‍👧‍👦 e\u0301 é \u3000全角",
        "don't 'twas 12,345.67",
        "\ufeffbom\u200b",
        "مرحبا नमस्ते こんにちは 한국어",
    ],
)
def test_awkward_texts_come_back(tokenizer: BytePairs, text: str) -> None:
    """Blanks, line ends, control characters, spelt-out special pieces, signs joined of several, other scripts."""
    ids = tokenizer.encode([text])[0]
    assert tokenizer.decode(ids) == text
    assert not {tokenizer.number(piece) for piece in SPECIALS} & set(ids)


def test_frequent_words_are_pieces_digits_single_and_sentences_cut(tokenizer: BytePairs) -> None:
    """A common word is one piece with its blank; a year is four; no piece holds a Chinese sentence."""
    pieces = [tokenizer.inner.id_to_token(number) for number in tokenizer.encode([" the 1984"])[0]]
    assert pieces[0] == " the"
    assert pieces[-4:] == list("1984")
    known = tokenizer.inner.get_vocab()
    assert max(len(piece) for piece in known if "\u4e00" <= piece[0] <= "\u9fff") <= LONGEST_HAN
    assert "北京" in known


def test_the_same_texts_make_the_same_tokenizer(tokenizer: BytePairs) -> None:
    """Pieces, merges and their numbers."""
    assert BytePairs.train(TEXTS, size=600).inner.to_str() == tokenizer.inner.to_str()
    assert tokenizer.size <= 600
    assert tokenizer.number(PAD) == 0


def test_a_saved_tokenizer_is_the_same(tokenizer: BytePairs, tmp_path: Path) -> None:
    """From its folder."""
    tokenizer.save(tmp_path, context=64)
    assert BytePairs.load(tmp_path).encode(TEXTS) == tokenizer.encode(TEXTS)


@pytest.mark.torch
def test_transformers_reads_it(tokenizer: BytePairs, tmp_path: Path) -> None:
    """As trained: behind the end mark for a decoder, between two marks for an encoder; dialogues have a template."""
    transformers = pytest.importorskip("transformers")
    tokenizer.save(tmp_path / "decoder", context=64)
    read = transformers.AutoTokenizer.from_pretrained(tmp_path / "decoder")
    end, text = tokenizer.number(END), TEXTS[0] + TEXTS[1]
    assert read(text)["input_ids"] == [end, *tokenizer.encode([text])[0]]
    assert read.decode(read(text)["input_ids"], skip_special_tokens=True) == text
    assert (read.eos_token_id, read.bos_token_id, read.pad_token) == (end, end, PAD)
    messages = [{"role": "user", "content": "你好"}, {"role": "assistant", "content": "Hi"}]
    dialogue = read.apply_chat_template(messages, tokenize=False)
    assert dialogue == f"{ROLES[1]}你好{END}{ROLES[2]}Hi{END}"
    asked = read.apply_chat_template(messages[:1], tokenize=False, add_generation_prompt=True)
    assert dialogue.startswith(asked)
    tokenizer.save(tmp_path / "encoder", context=64, masked=True)
    masked = transformers.AutoTokenizer.from_pretrained(tmp_path / "encoder")
    assert masked("a").input_ids == [masked.cls_token_id, *tokenizer.encode(["a"])[0], masked.sep_token_id]
    assert masked.mask_token_id == tokenizer.number("<|mask|>")


def test_no_text_is_refused() -> None:
    """Empty documents teach no pieces."""
    with pytest.raises(DataError, match="all 2 documents are empty"):
        BytePairs.train(["", ""], size=500)


def test_little_text_makes_a_small_tokenizer() -> None:
    """One word, and a size below what bytes and special pieces need."""
    small = BytePairs.train(["一"], size=10)
    assert small.decode(small.encode(["一二 a"])[0]) == "一二 a"
