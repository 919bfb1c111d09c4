"""A masked language model fills in whole words, the same for a seed in any company; a base without a head is refused.

The model is a small one with random weights: what it says has no sense, how it is asked is what stands under test.
"""

from pathlib import Path

import pytest

from argosy.core.errors import MissingError
from argosy.core.records import Example
from argosy.data.augment import MASK, augment

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "battery", "screen", "lasts", "##ing", "12", "快", "慢", "物"]


@pytest.fixture(scope="module")
def config() -> object:
    """Two small layers."""
    from transformers import BertConfig

    return BertConfig(
        vocab_size=len(WORDS), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
    )


def _save(model: object, folder: Path) -> Path:
    from transformers import BertTokenizerFast

    model.save_pretrained(folder)
    BertTokenizerFast(vocab={word: number for number, word in enumerate(WORDS)}).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def masked(tmp_path_factory: pytest.TempPathFactory, config: object) -> Path:
    """A folder with a masked-language head."""
    from transformers import BertForMaskedLM

    torch.manual_seed(3)
    return _save(BertForMaskedLM(config), tmp_path_factory.mktemp("masked"))


def test_words_are_whole_and_the_same_for_a_seed_in_any_company(masked: Path) -> None:
    """No piece, no number, no special token; alone or beside a longer text."""
    from argosy.train.fill_mask import fill_mask

    texts = [f"battery {MASK} lasts", f"物{MASK}", f"{MASK} " + "battery lasts screen " * 10]
    fill = fill_mask(masked, seed=1, top=len(WORDS), words=4)
    together = fill(texts)
    assert together == [fill([text])[0] for text in texts] == fill_mask(masked, seed=1, top=len(WORDS), words=4)(texts)
    assert together != fill_mask(masked, seed=2, top=len(WORDS), words=4)(texts)
    for words in together:
        assert len(set(words)) == len(words) == 4
        assert set(words) <= {"battery", "screen", "lasts", "快", "慢", "物"}


def test_a_place_beyond_the_length_gets_no_word(masked: Path) -> None:
    """The model never saw it."""
    from argosy.train.fill_mask import fill_mask

    assert fill_mask(masked, seed=1, max_length=8)(["battery " * 20 + MASK]) == [[]]
    assert fill_mask(masked, seed=1)([]) == []


def test_it_serves_augmentation(masked: Path) -> None:
    """Tokens of redaction stay, and the words come from the model."""
    from argosy.train.fill_mask import fill_mask

    rows = [Example(id="a", text="battery lasts [PHONE]", label="x"), Example(id="b", text="物快", label="y")]
    made = list(augment(rows, ["mask"], copies=2, seed=1, fill=fill_mask(masked, seed=1, top=len(WORDS))))
    assert {row.label for row in made} == {"x", "y"}
    assert all("[PHONE]" in row.text for row in made if row.label == "x")


def test_a_base_without_a_head_is_named(tmp_path: Path, config: object) -> None:
    """Random words would be worse than none."""
    from transformers import BertModel

    from argosy.train.fill_mask import fill_mask

    folder = _save(BertModel(config), tmp_path)
    with pytest.raises(MissingError, match="no masked-language head") as refused:
        fill_mask(folder, seed=1)
    assert refused.value.where == str(folder)
    with pytest.raises(MissingError):
        fill_mask(tmp_path / "nothing", seed=1)
