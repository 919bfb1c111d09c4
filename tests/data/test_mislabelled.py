"""Planted label errors are found, counted and treated; the joint is that of the paper's definition."""

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from argosy.core.records import Dropped, Example
from argosy.data.labels.mislabelled import FEWEST, confident_joint, drop, noise, quality, relabel, review, suspects

LABELS = ("差评", "中评", "好评")


def _planted(rows: int = 600, flips: int = 60, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities that know the truth fairly well, the given labels, and which of them were flipped."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, rows)
    logits = rng.normal(size=(rows, 3))
    logits[np.arange(rows), truth] += 4
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    wrong = np.zeros(rows, dtype=bool)
    wrong[rng.choice(rows, flips, replace=False)] = True
    return probabilities, np.where(wrong, (truth + 1) % 3, truth), wrong


def _examples(labels: np.ndarray) -> list[Example]:
    return [Example(id=f"r{row}", text=f"第 {row} 行", label=LABELS[label]) for row, label in enumerate(labels)]


def test_planted_errors_are_found_and_come_first() -> None:
    """A model that is mostly right finds most of them, and the ranking puts them before the right rows."""
    probabilities, given, wrong = _planted()
    found = suspects(probabilities, given, LABELS)
    hits = [wrong[suspect.row] for suspect in found]
    assert sum(hits) >= 0.85 * wrong.sum()
    assert np.mean(hits) >= 0.85
    assert np.mean(hits[:20]) == 1
    scores = [suspect.score for suspect in found]
    assert scores == sorted(scores)
    assert all(suspect.given != suspect.suggested for suspect in found)


def test_the_noise_estimate_is_near_what_was_planted() -> None:
    """Its lines add up to the rows of each given label; beside the diagonal stand about the planted flips."""
    probabilities, given, wrong = _planted()
    estimate = noise(probabilities, given)
    np.testing.assert_allclose(estimate.sum(axis=1), np.bincount(given))
    assert estimate.sum() - np.trace(estimate) == pytest.approx(wrong.sum(), rel=0.2)


def test_the_joint_counts_by_each_labels_own_mean() -> None:
    """By hand: the means are .7 and .8; a row of .85 is confidently of the other label, rows below both of none."""
    probabilities = np.array([[0.9, 0.1]] * 4 + [[0.15, 0.85], [0.45, 0.55]] + [[0.1, 0.9]] * 4 + [[0.6, 0.4]] * 1)
    given = np.array([0] * 6 + [1] * 5)
    means = [probabilities[given == label, label].mean() for label in (0, 1)]
    assert means == [pytest.approx(0.7), pytest.approx(0.8)]
    assert confident_joint(probabilities, given).tolist() == [[4, 1], [0, 4]]


def test_a_rare_label_neither_accuses_nor_is_accused() -> None:
    """Its own mean says nothing, so its rows stay, whatever the model says."""
    probabilities, given, _ = _planted()
    rare = np.where(given == 2, 0, given)
    rare[: FEWEST - 1] = 2
    found = suspects(probabilities, rare, LABELS)
    assert found
    assert {suspect.given for suspect in found} <= {"差评", "中评"}


def test_a_model_that_knows_nothing_takes_no_more_than_half() -> None:
    """Chance probabilities disagree with most labels; that is no evidence against all of them."""
    rng = np.random.default_rng(1)
    given = rng.integers(0, 10, 500)
    found = suspects(rng.dirichlet(np.ones(10), size=500), given, [str(label) for label in range(10)])
    lost = np.bincount([given[suspect.row] for suspect in found], minlength=10)
    assert (lost <= np.bincount(given) // 2).all()


def test_the_treatments_keep_what_was_there() -> None:
    """Dropped rows carry their reason, relabelled ones their old label; all others are the same objects."""
    probabilities, given, _ = _planted()
    examples = _examples(given)
    found = suspects(probabilities, given, LABELS)
    rows = {suspect.row for suspect in found}
    dropped = list(drop(examples, found))
    assert {row for row, one in enumerate(dropped) if isinstance(one, Dropped)} == rows
    assert all(one.reason == "suspect_label" for one in dropped if isinstance(one, Dropped))
    relabelled = list(relabel(examples, found))
    for row, (before, after) in enumerate(zip(examples, relabelled, strict=True)):
        assert (after is not before) == (row in rows)
        assert row not in rows or (after.meta["given_label"] == before.label != after.label)


def test_the_review_rows_are_ready_for_a_table() -> None:
    """One row a suspect, in their order."""
    probabilities, given, _ = _planted()
    found = suspects(probabilities, given, LABELS)
    rows = review(_examples(given), found)
    assert list(rows[0]) == ["id", "given", "suggested", "score", "text"]
    assert [row["id"] for row in rows] == [f"r{suspect.row}" for suspect in found]


def test_clean_labels_of_a_sure_model_give_no_suspect() -> None:
    """Nothing to review is an empty list, not the least good rows."""
    given = np.arange(30) % 3
    assert suspects(np.eye(3)[given] * 0.94 + 0.02, given, LABELS) == []


@drawn(st.integers(1, 40), st.integers(2, 5), st.integers(0, 10_000))
def test_any_rows_and_labels_are_taken(rows: int, labels: int, seed: int) -> None:
    """Labels without rows, one row, ties: scores lie between 0 and 1, suspects are rows of the table."""
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.full(labels, 0.3), size=rows)
    given = rng.integers(0, labels, rows)
    scores = quality(probabilities, given)
    assert scores.shape == (rows,)
    assert (scores >= 0).all()
    assert (scores <= 1).all()
    found = suspects(probabilities, given, [f"label {number}" for number in range(labels)])
    assert len({suspect.row for suspect in found}) == len(found) <= rows
