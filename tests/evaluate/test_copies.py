"""Copies are found letter for letter; real text of the same length is what to compare with."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.core.errors import DataError
from argosy.evaluate.doubts.copies import as_long, audit, copied_shares, distinct, longest_copy
from argosy.evaluate.rivals.byte_models import nats, xz

WORDS = [f"word{number}" for number in range(500)]


def sentence(seed: int, length: int = 40) -> str:
    """Random words."""
    return " ".join(random.Random(seed).choices(WORDS, k=length))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(alphabet="ab中", max_size=12), max_size=3), st.text(alphabet="ab中", max_size=30))
def test_the_longest_copy_is_the_longest(samples: list[str], whole: str) -> None:
    """As the plain search over all substrings finds it."""
    pieces = {one[i:j] for one in samples for i in range(len(one)) for j in range(i + 1, len(one) + 1)}
    longest = max((len(piece) for piece in pieces if piece in whole), default=0)
    found = longest_copy(samples, whole)
    assert len(found.text) == longest
    assert found.text in whole
    assert not longest or found.text in samples[found.sample]


def test_a_copied_paragraph_is_told_from_new_text() -> None:
    """The sample that copies half of itself, in English and in Chinese; new text has no share."""
    training = [sentence(seed) for seed in range(30)]
    copied = sentence(99, 20) + " " + training[7][:150]
    told = audit([sentence(98), copied], training, [sentence(97), sentence(96)])
    assert told.longest.sample == 1
    assert training[7][:150] in told.longest.text
    assert told.expected.value == 0
    assert 0.1 < told.copied.value < 0.5
    whole = "上海的冬天很冷，但是今天的阳光很好，我们走到江边看船。"
    assert copied_shares([["他说" + whole]], [whole])[0].value > 0.8


def test_nothing_is_copied_across_the_border_of_two_texts() -> None:
    """The end of one training text and the beginning of the next are no copy."""
    assert copied_shares([["a b c d e f"]], ["a b c", "d e f"], window=4)[0].value == 0
    assert longest_copy(["abcdef"], "abc\0def").text in {"abc", "def"}


def test_real_text_is_cut_to_the_length_of_the_samples() -> None:
    """One piece a sample, as long as it where a text is long enough."""
    assert [len(piece) for piece in as_long(["x" * 50, "y" * 5], ["a" * 20, "b" * 3, "c" * 99])] == [20, 3, 50]
    assert as_long([""], ["a"]) == []


def test_variety_is_counted_in_words_and_chinese_characters() -> None:
    """A sample that repeats itself scores low; punctuation and case don't count."""
    assert distinct(["a b a b a", "The cat, the CAT"], 1).value == pytest.approx((2 + 1) / (5 + 2), abs=0.3)
    assert distinct(["好好好好好"], 2).value == pytest.approx(1 / 4)
    assert distinct(["春夏秋冬"], 2).value == 1


def test_no_sample_is_refused() -> None:
    """Silence is not original."""
    with pytest.raises(DataError, match="no sample"):
        audit([""], ["text"], ["text"])


def test_the_bits_of_xz_are_laid_on_the_texts() -> None:
    """Together they are what was measured; a text that repeats itself carries less of it than another as long."""
    training = [sentence(seed) for seed in range(40)]
    texts = [sentence(1_000, 200), "ab" * 600, ""]
    told = nats(training, texts)
    size = sum(len(text.encode()) for text in texts)
    assert told.sum() == pytest.approx(xz(training, texts).bits_per_byte * size * math.log(2))
    assert told[2] == 0 < told[1] < told[0] / 5


def test_xz_profits_from_the_training_text() -> None:
    """What was seen costs next to nothing behind it; random letters cost what they carry."""
    training = [sentence(seed) for seed in range(100)]
    seen, new = xz(training, [training[3] + training[4]]), xz(training, [sentence(1_000, 400)])
    assert seen.behind < 0.5 < seen.alone
    assert new.bits_per_byte == min(new.alone, new.behind)
    assert new.behind < new.alone
    with pytest.raises(DataError, match="all 1 documents are empty"):
        xz(training, [""])
