"""Feedback that lies: sources are judged by what is known without them, and their labels with them."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest

from argosy.monitor.quality import Answers, quality
from argosy.monitor.trust import CAP, WRONG, Reports, capped, trust

CLASSES = 4
CORRECTIONS = 0.55  # the share that stays


class World(NamedTuple):
    """Reports on answers, and what is true of them."""

    reports: Reports
    truth: np.ndarray
    right: np.ndarray
    tenants: np.ndarray
    lies: np.ndarray


def world(seed: int, *, texts: int = 3_000, sources: int = 30, worse: float = 0.0, flood: bool = False) -> World:
    """A tenth of the reports are false labels: of a tenth of the tenants, or of one that floods.

    Wrong answers are reported three times as often. ``worse`` makes the model err more without being less sure.
    """
    rng = np.random.default_rng(seed)
    whose = rng.integers(0, sources, texts)
    logits = rng.normal(2.6, 1.5, texts)
    right = rng.random(texts) < 1 / (1 + np.exp(worse - logits))
    truth = rng.integers(0, CLASSES, texts)
    predicted = np.where(right, truth, (truth + rng.integers(1, CLASSES, texts)) % CLASSES)
    liar = whose < (1 if flood else sources // 10)
    often = np.where(right, 0.1, 0.3)
    said = np.flatnonzero(rng.random(texts) < np.where(liar, 0.9 if flood else often[~liar].mean(), often))
    other = np.where(right, (truth + rng.integers(1, CLASSES, texts)) % CLASSES, predicted)
    reports = Reports(
        texts=said,
        sources=[f"t{whose[text]}" for text in said],
        labels=np.where(liar, other, truth)[said],
        predicted=predicted,
        confidence=1 / (1 + np.exp(-logits)),
        gold=np.full(texts, -1),
        classes=CLASSES,
    )
    return World(reports, truth, right, whose, liar[said])


@pytest.mark.parametrize("flood", [False, True])
@pytest.mark.parametrize("worse", [0.0, 2.0])
def test_rows_to_learn_from_survive_a_tenth_of_liars(*, flood: bool, worse: float) -> None:
    """Few kept labels are wrong, liars weigh nothing, and most corrections of honest people stay."""
    one = world(1, flood=flood, worse=worse)
    found = trust(one.reports)
    wrong = one.reports.labels != one.truth[one.reports.texts]
    assert 0.08 < wrong.mean() < 0.3
    assert wrong[found.kept].mean() < WRONG
    assert found.weights[one.lies].sum() < 0.01 * found.weights.sum()
    assert found.lies < 0.1
    corrects = (one.reports.labels != one.reports.predicted[one.reports.texts]) & ~wrong
    assert found.kept[corrects].mean() > CORRECTIONS
    assert found.reliability["t0"] < 0.2
    assert found.reliability["t15"] > 0.7


def test_the_estimated_accuracy_survives_a_tenth_of_liars() -> None:
    """Over 30 worlds (seeds 0 to 29) its interval holds the truth."""
    held = 0
    for seed in range(30):
        one = world(seed)
        found = trust(one.reports)
        right, trusted = np.full(len(one.truth), np.nan), np.zeros(len(one.truth))
        right[one.reports.texts] = one.reports.labels == one.reports.predicted[one.reports.texts]
        trusted[one.reports.texts] = found.weights
        answers = Answers(
            labels=one.reports.predicted,
            confidence=one.reports.confidence,
            tenants=[f"t{name}" for name in one.tenants],
            languages=["en"] * len(right),
            weights=np.ones(len(right)),
            right=right,
            truth=np.full(len(right), -1),
            ratings=np.zeros(len(right), dtype=np.int64),
            trust=trusted,
        )
        told = quality(answers, lies=found.lies)
        assert told is not None
        held += told.accuracy.low <= one.right.mean() <= told.accuracy.high
    assert held >= 27


def test_a_model_that_went_wrong_does_not_make_liars_of_all_who_say_so() -> None:
    """A new topic: the model is sure and wrong, and every honest source corrects it."""
    one = world(2, worse=4.0)
    found = trust(one.reports)
    honest = [chance for name, chance in found.sincere.items() if int(name[1:]) >= 3]
    assert np.mean(one.reports.labels != one.reports.predicted[one.reports.texts]) > 0.6
    assert min(honest) > 0.8
    assert found.weights[one.lies].sum() < 0.02 * found.weights.sum()


def test_the_staff_is_right() -> None:
    """Its label decides a text, and whoever it refutes is believed less elsewhere."""
    one = world(3)
    mine = np.array([name == "t9" for name in one.reports.sources])
    labels = np.where(mine, (one.truth[one.reports.texts] + 1) % CLASSES, one.reports.labels)
    gold = np.full(len(one.truth), -1)
    gold[one.reports.texts[mine]] = one.truth[one.reports.texts[mine]]
    found = trust(replace(one.reports, labels=labels, gold=gold))
    assert found.sincere["t9"] < 0.01
    assert found.right[mine].max() == 0


def test_what_others_say_of_the_same_and_of_like_texts_counts() -> None:
    """A correction of one source stands when others agree, and not when they differ."""
    near = np.repeat(np.eye(4, dtype=np.float32), 20, axis=0)
    reports = Reports(
        texts=np.arange(80),
        sources=[f"s{text % 20}" for text in range(80)],
        labels=np.repeat(np.arange(4), 20),
        predicted=np.zeros(80, dtype=np.int64),
        confidence=np.full(80, 0.9),
        gold=np.full(80, -1),
        classes=4,
    )
    alone, together = trust(reports), trust(replace(reports, vectors=near))
    assert together.right[20:].mean() > alone.right[20:].mean()
    odd = reports.labels.copy()
    odd[70] = 1  # the one of its like that says something else
    assert trust(replace(reports, labels=odd, vectors=near)).right[70] < 0.5
    again = replace(
        reports,
        texts=np.append(reports.texts, [30, 31]),
        sources=[*reports.sources, "u", "u"],
        labels=np.append(reports.labels, [1, 3]),
    )
    both = trust(again)
    assert both.right[30] > alone.right[30] > both.right[31]


def test_no_source_weighs_more_than_the_cap() -> None:
    """Whatever it says and however often; of few sources none more than two shares."""
    rng = np.random.default_rng(5)
    owners = np.concatenate([np.zeros(5_000, dtype=np.int64), np.ones(900, dtype=np.int64), rng.integers(2, 40, 300)])
    sums = np.bincount(owners, weights=capped(np.ones(len(owners)), owners))
    assert sums.max() / sums.sum() <= CAP + 1e-9
    assert sums[5] == np.sum(owners == 5)
    few = np.bincount(
        np.repeat([0, 1, 2], [100, 5, 5]), weights=capped(np.ones(110), np.repeat([0, 1, 2], [100, 5, 5]))
    )
    assert few.max() / few.sum() == pytest.approx(2 / 3)
    assert capped(np.zeros(3), np.arange(3)).sum() == 0


def test_no_report_is_nothing_to_judge() -> None:
    """The first day of a service."""
    none = np.empty(0, dtype=np.int64)
    found = trust(
        Reports(texts=none, sources=[], labels=none, predicted=none, confidence=np.empty(0), gold=none, classes=2)
    )
    assert found.reliability == {}
    assert found.lies == 1.0
