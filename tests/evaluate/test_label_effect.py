"""Treating planted errors helps a model, treating right rows does not; both are shown before anything is applied."""

import numpy as np

from argosy.core.records import Example
from argosy.data.labels.mislabelled import Suspect
from argosy.evaluate.ablation import linear, linear_like
from argosy.evaluate.label_effect import label_effects
from argosy.evaluate.rivals.baselines import fit_linear

LABELS = ("negative", "positive")
WORDS = {"positive": ["很好", "lovely", "great", "满意"], "negative": ["很差", "awful", "broken", "失望"]}


def _rows(count: int, seed: int, tag: str) -> list[Example]:
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        label = LABELS[number % 2]
        words = (
            rng.choice(WORDS[label], size=2).tolist() + rng.choice(["屏幕", "room", "电池", "food"], size=3).tolist()
        )
        rows.append(Example(id=f"{tag}{number}", text=" ".join(words), label=label))
    return rows


def _flipped(rows: list[Example]) -> tuple[list[Example], list[Suspect]]:
    """Most positive rows called negative, and the suspects that know it."""
    found = [
        Suspect(row=number, given="negative", suggested="positive", score=0.0)
        for number, row in enumerate(rows)
        if row.label == "positive" and number % 10 != 1
    ]
    wrong = {suspect.row for suspect in found}
    return [
        Example(id=row.id, text=row.text, label="negative" if number in wrong else row.label)
        for number, row in enumerate(rows)
    ], found


def test_mending_what_is_wrong_is_shown_to_help() -> None:
    """Each treatment beside leaving the rows as they are, with its interval."""
    train, found = _flipped(_rows(200, 1, "t"))
    effects = label_effects(linear, train, found, _rows(100, 2, "v"), LABELS, metric="accuracy", seed=1)
    keep, drop, relabel = effects
    assert [effect.treatment for effect in effects] == ["keep", "drop", "relabel"]
    assert (keep.rows, drop.rows, relabel.rows) == (200, 200 - len(found), 200)
    assert keep.difference is None
    assert not keep.helps
    assert drop.helps
    assert relabel.helps
    assert relabel.difference is not None
    assert 0 < relabel.difference.low <= relabel.difference.difference <= relabel.difference.high


def test_spoiling_what_is_right_is_not_shown_to_help() -> None:
    """Wrong suspects: no help, and the figures say so."""
    train = _rows(200, 1, "t")
    found = [Suspect(row=row, given="positive", suggested="negative", score=0.0) for row in range(1, 200, 2)]
    effects = label_effects(linear, train, found, _rows(100, 2, "v"), LABELS, metric="macro_f1", seed=1)
    assert [effect.helps for effect in effects] == [False] * 3
    assert effects[2].difference is not None
    assert effects[2].difference.high < 0


def test_settings_that_were_chosen_before_may_be_kept() -> None:
    """The same treatments with the n-grams and the strength of a model that is there already."""
    train, found = _flipped(_rows(200, 1, "t"))
    truth = np.array([LABELS.index(str(row.label)) for row in train])
    model = fit_linear([row.text for row in train], truth, LABELS, seed=1)
    effects = label_effects(linear_like(model), train, found, _rows(100, 2, "v"), LABELS, metric="accuracy", seed=1)
    assert [effect.helps for effect in effects] == [False, True, True]
