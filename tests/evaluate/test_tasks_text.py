"""Written answers are compared by what they say."""

import math

import numpy as np
import pytest

from argosy.evaluate.metrics import Undefined
from argosy.evaluate.tasks.text import generation, language_model


@pytest.mark.parametrize(
    ("truth", "said", "exact", "f1"),
    [
        ("The Great Wall", "great wall!", 1, 1),
        ("长城。", "长城", 1, 1),
        ("在北京市", "北京", 0, 2 * 2 / 6),
        ("ＡＢＣ 公司", "abc公司", 1, 1),
        ("four red apples", "red apples", 0, 4 / 5),
        ("yes", "", 0, 0),
        ("", "", 1, 1),
    ],
)
def test_answers_match_by_tokens(truth: str, said: str, exact: float, f1: float) -> None:
    """Case, width, punctuation and articles don't count; Chinese counts by character."""
    found = generation([truth], [said])
    assert found["exact_match"].value == exact
    assert found["token_f1"].value == pytest.approx(f1)


def test_bits_per_byte_weigh_texts_by_their_bytes() -> None:
    """Twelve bits over the six bytes of two characters, and none over two letters."""
    found = language_model(["中文", "ab"], np.array([12 * math.log(2), 0.0]))["bits_per_byte"]
    assert not isinstance(found, Undefined)
    assert found.value == pytest.approx(12 / 8)
    assert isinstance(language_model([""], np.zeros(1))["bits_per_byte"], Undefined)
