"""Texts become token numbers, whatever is in them."""

import json
from pathlib import Path

import pytest
import tiny_bert
from hypothesis import given
from hypothesis import strategies as st

from argosy.core.errors import MissingError
from argosy.infer.tokens import Tokenizer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a tokenizer and no settings."""
    tiny_bert.tokenizer().save(str(tmp_path / "tokenizer.json"))
    return tmp_path


def test_rows_are_cut_and_not_padded(folder: Path) -> None:
    """A row has as many tokens as its text and never more than the limit, though the file asks for padding."""
    tokenizer = Tokenizer.load(folder, max_length=5)
    assert tokenizer.encode(["w7", "w1 w2 w3 w4 w5 w6", ""]) == [[1, 11, 2], [1, 5, 6, 7, 2], [1, 2]]
    assert [tokenizer.count(text) for text in ("w7", "w1 w2 w3 w4 w5 w6", "")] == [3, 5, 2]


@given(st.lists(st.text(max_size=12), max_size=5))
def test_no_text_is_refused(texts: list[str]) -> None:
    """Every string is encoded, and counted as it is encoded; half a surrogate pair too."""
    tokenizer = Tokenizer(tiny_bert.tokenizer(), pad=0, max_length=9)
    given_texts = [*texts, "w1 \ud83d w2"]
    assert [tokenizer.count(text) for text in given_texts] == [len(row) for row in tokenizer.encode(given_texts)]


@pytest.mark.parametrize(
    ("name", "settings", "pad"),
    [
        ("tokenizer_config.json", {"pad_token": "w3"}, 7),
        ("tokenizer_config.json", {"pad_token": {"content": "w4"}}, 8),
        ("config.json", {"pad_token_id": 5}, 5),
        ("config.json", {"pad_token_id": None}, 0),
    ],
)
def test_padding_is_what_the_folder_says(folder: Path, name: str, settings: dict[str, object], pad: int) -> None:
    """The token's name in the tokenizer's settings counts, then the number in the model's, then 0."""
    (folder / name).write_text(json.dumps(settings), encoding="utf-8")
    assert Tokenizer.load(folder, max_length=8).pad == pad


@pytest.mark.parametrize("content", [None, "", "{}", "[1, 2"])
def test_a_folder_without_tokenizer_says_so(tmp_path: Path, content: str | None) -> None:
    """A missing or damaged file is an error that names it and what to do."""
    if content is not None:
        (tmp_path / "tokenizer.json").write_text(content, encoding="utf-8")
    with pytest.raises(MissingError, match=r"tokenizer(\.json|[^.]* cannot be read)") as caught:
        Tokenizer.load(tmp_path, max_length=8)
    assert "argosy run" in str(caught.value)
