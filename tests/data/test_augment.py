"""Augmented rows keep label and origin, are no twins of anything, and are the same for a seed."""

from collections.abc import Sequence

import pytest

from argosy.core.errors import ProjectError
from argosy.core.records import Example
from argosy.data.augment import MASK, METHODS, augment
from argosy.data.dedupe import twin_key

pytest.importorskip("pypinyin")

ROWS = [
    Example(id="a", text="物流很快，包装也不错，下次还会再来的", label="好评", meta={"row": 2, "group": "g1"}),
    Example(id="b", text="The battery broke after twelve days [PHONE]", label="negative", meta={"row": 3}),
    Example(id="c", text="ok", label="positive"),
]


def _fill(texts: Sequence[str]) -> list[list[str]]:
    """A stand-in for a model: the same words everywhere."""
    assert all(text.count(MASK) == 1 for text in texts)
    return [["battery", "screen", "快", "慢"] for _ in texts]


@pytest.mark.parametrize("method", METHODS)
def test_copies_keep_label_and_tell_their_parent(method: str) -> None:
    """Meta of the parent and two notes more; the token stays."""
    made = list(augment(ROWS, [method], copies=2, seed=1, fill=_fill))
    assert made
    parents = {row.id: row for row in ROWS}
    for copy in made:
        parent = parents[str(copy.meta["parent"])]
        assert copy.label == parent.label
        assert copy.meta == {**parent.meta, "augmented": method, "parent": parent.id}
        assert ("[PHONE]" in copy.text) == ("[PHONE]" in parent.text)
    assert len({copy.id for copy in made}) == len(made)


def test_no_twin_of_any_text_comes_out() -> None:
    """Neither of the rows nor of another copy, however many are asked for."""
    made = list(augment([*ROWS, *ROWS], list(METHODS), copies=5, seed=1, fill=_fill))
    keys = [twin_key(row.text) for row in (*ROWS, *made)]
    assert len(set(keys)) == len(keys)


def test_the_seed_decides_and_company_does_not() -> None:
    """The same rows for a seed, others for another; a row's copies are the same alone."""
    texts = [row.text for row in augment(ROWS, ["noise", "mask"], seed=1, fill=_fill)]
    assert texts == [row.text for row in augment(ROWS, ["noise", "mask"], seed=1, fill=_fill)]
    assert texts != [row.text for row in augment(ROWS, ["noise", "mask"], seed=2, fill=_fill)]
    assert {row.text for row in augment(ROWS[1:2], ["noise", "mask"], seed=1, fill=_fill)} <= set(texts)


def test_masked_places_get_another_word_of_their_script() -> None:
    """Chinese for Chinese, English for English; negation is never replaced."""
    only = [Example(id="a", text="不", label="x"), Example(id="b", text="never", label="x")]
    assert list(augment(only, ["mask"], seed=1, fill=_fill)) == []
    for row in augment(ROWS, ["mask"], copies=3, seed=1, rate=1.0, fill=_fill):
        assert row.text.isascii() == (row.meta["parent"] == "b")
        assert row.meta["parent"] != "a" or "不" in row.text


def test_wrong_methods_are_refused_at_once() -> None:
    """An unknown name, and a mask without a model."""
    with pytest.raises(ProjectError, match="homophone"):
        next(augment(ROWS, ["homophones"], seed=1))
    with pytest.raises(ProjectError, match="masked"):
        next(augment(ROWS, ["mask"], seed=1))
