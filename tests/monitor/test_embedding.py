"""Texts become vectors that lie as near as the texts are alike, in any language and whatever stands beside them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.monitor.embedding import Hashed, Vectors

TEXTS = [
    "My card has not arrived yet",
    "The card has not arrived",
    "我的银行卡还没有收到",
    "银行卡还没收到",
    "how do I top up",
]


def test_texts_that_share_words_are_nearer_than_others_in_chinese_and_english_alike() -> None:
    """Neighbours of each language find each other."""
    near = Hashed().embed(TEXTS) @ Hashed().embed(TEXTS).T
    assert near[0, 1] > near[0, 4] + 0.3
    assert near[2, 3] > near[2, 0] + 0.3


@settings(max_examples=30)
@given(st.lists(st.text(max_size=20), max_size=6))
def test_a_vector_has_length_1_and_does_not_depend_on_the_texts_beside_it(texts: list[str]) -> None:
    """Any text, alone or among others, a lone surrogate or a line break in it too."""
    embedder: Vectors = Hashed(dimensions=32)
    found = embedder.embed([*texts, "a\nb \ud800", "😀"])
    assert found.shape == (len(texts) + 2, 32)
    lengths = np.linalg.norm(found, axis=1)
    assert np.all((np.abs(lengths - 1) < 1e-5) | (lengths == 0))
    assert lengths[-1] > 0
    for text, vector in zip(texts, found, strict=False):
        assert np.array_equal(embedder.embed([text])[0], vector)


def test_vectors_are_the_same_on_every_machine_and_others_by_another_seed() -> None:
    """Reference vectors that are kept stay comparable."""
    first = Hashed(dimensions=16).embed(TEXTS[:1])
    assert first[0, :6] == pytest.approx([0.31, 0.155, 0.155, 0.466, 0.388, 0.155], abs=1e-3)
    assert not np.array_equal(first, Hashed(dimensions=16, seed=1).embed(TEXTS[:1]))
