"""Shares and numbers of negative texts, corrected for known errors, cover the truth and say what is not known."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.core.errors import DataError
from argosy.core.opinion import SENTIMENTS
from argosy.opinion.counting.errors import FEW, POOLED, Errors
from argosy.opinion.counting.shares import changes, combined, corrected_many, numbers

FAIR = np.array([[0.75, 0.18, 0.07], [0.15, 0.7, 0.15], [0.05, 0.15, 0.8]])
ROWS = np.round(FAIR * 300)
COUNTS = st.lists(st.integers(0, 400), min_size=3, max_size=3)


def errors_of(**tables: np.ndarray) -> Errors:
    """Errors with these tables, by language."""
    return Errors(counts={language: table.tolist() for language, table in tables.items()})


def test_the_interval_covers_the_truth_where_the_raw_share_is_far_off() -> None:
    """A tenth is negative; the classifier says a fifth. Drawn anew many times, the truth is nearly always within."""
    rng = np.random.default_rng(3)
    truth = np.array([0.1, 0.3, 0.6])
    hit, raw = [], []
    for _ in range(20):
        rows = np.stack([rng.multinomial(150, row) for row in FAIR]).astype(float)
        said = rng.multinomial(300, truth @ FAIR, size=20).astype(float)
        _, low, high = corrected_many(said, rows)
        hit += list((low <= truth[0]) & (truth[0] <= high))
        raw += list(said[:, 0] / 300)
    assert np.mean(hit) >= 0.92
    assert np.mean(raw) > 0.14


def test_many_texts_and_many_test_rows_find_the_share_itself() -> None:
    """With nothing left to chance the correction is exact."""
    truth = np.array([0.07, 0.63, 0.3])
    value, low, high = corrected_many(1e6 * (truth @ FAIR)[None], 1e6 * FAIR)
    assert value[0] == pytest.approx(0.07, abs=1e-3)
    assert low[0] > 0.06
    assert high[0] < 0.08


def test_a_perfect_classifier_leaves_the_numbers_as_they_are() -> None:
    """Then the number of negatives among these very texts is known, although the share of their like is not."""
    perfect = errors_of(en=np.eye(3) * 1e6)
    said = {"en": np.array([[30.0, 40, 30]])}
    [number], [share] = numbers(said, perfect), combined(said, perfect)
    assert number.value == pytest.approx(30, abs=0.1)
    assert number.high - number.low < 1
    assert share.low == pytest.approx(0.219, abs=0.01)  # Wilson's interval of 30 in 100
    assert share.high == pytest.approx(0.396, abs=0.01)


def test_a_classifier_no_better_than_chance_leaves_everything_open() -> None:
    """And it is said, whatever was counted, also what no mixture could have brought about."""
    for said in ([50.0, 200, 500], [1.0, 0, 0], [5000.0, 0, 0]):
        [share] = combined({"en": np.array([said])}, errors_of(en=np.full((3, 3), 100.0)))
        assert (share.low, share.high, share.doubt) == (0, 1, "open")
        assert share.value == share.raw


def test_no_text_is_no_share() -> None:
    """It is nan inside and null outside."""
    [none, one] = combined({"en": np.array([[0.0, 0, 0], [1, 0, 0]])}, errors_of(en=ROWS))
    assert math.isnan(none.value)
    assert none.doubt == "empty"
    assert json.loads(json.dumps(none.to_json())) == {
        "value": None,
        "low": None,
        "high": None,
        "raw": None,
        "n": 0,
        "doubt": "empty",
    }
    assert 0 < one.low < 0.5 < one.value
    assert one.high == 1


def test_unmeasured_errors_leave_everything_open() -> None:
    """The raw share is told, and that nothing is known about it."""
    [share] = combined({"zh": np.array([[3.0, 1, 6]])}, Errors())
    assert (share.value, share.low, share.high, share.doubt) == (0.3, 0, 1, "unmeasured")


def test_more_test_rows_and_more_texts_make_it_narrower() -> None:
    """Both are counted."""
    said = np.array([[60.0, 100, 140]])

    def width(said: np.ndarray, rows: np.ndarray) -> float:
        _, low, high = corrected_many(said, rows)
        return float(high[0] - low[0])

    assert width(said, ROWS) < width(said, ROWS / 5)
    assert width(said * 10, ROWS) < width(said, ROWS)


@settings(max_examples=60, deadline=None)
@given(said=COUNTS, rows=st.lists(COUNTS, min_size=3, max_size=3))
def test_whatever_was_counted_the_interval_holds_its_share(said: list[int], rows: list[list[int]]) -> None:
    """Within [0, 1], in order, finite unless nothing was counted."""
    value, low, high = (one[0] for one in corrected_many(np.array([said], float), np.array(rows, float)))
    if not sum(said):
        assert np.isnan([value, low, high]).all()
    else:
        assert 0 <= low <= value + 1e-9
        assert value <= high + 1e-9
        assert high <= 1


def test_cells_do_not_depend_on_each_other() -> None:
    """A cell among others has the figures that it has alone."""
    said = np.array([[3.0, 4, 5], [0, 0, 0], [400, 20, 7]])
    together = np.array(corrected_many(said, ROWS))
    for at in (0, 2):
        assert np.allclose(together[:, at], np.array(corrected_many(said[[at]], ROWS))[:, 0])


def test_each_language_has_its_own_errors() -> None:
    """Chinese that is read worse is corrected more, and the whole lies between the two."""
    worse = np.round(300 * np.array([[0.5, 0.4, 0.1], [0.05, 0.9, 0.05], [0.05, 0.35, 0.6]]))
    errors = errors_of(en=np.eye(3) * 3000, zh=worse)
    said = {name: np.array([[200.0, 500, 300]]) for name in ("en", "zh")}
    [both] = combined(said, errors)
    [en] = combined({"en": said["en"]}, errors)
    [zh] = combined({"zh": said["zh"]}, errors)
    assert en.value == pytest.approx(0.2, abs=0.01)
    assert zh.value > 0.3
    assert both.value == pytest.approx((en.value + zh.value) / 2, abs=1e-6)
    assert both.high - both.low < zh.high - zh.low
    assert both.n == 2000


def test_a_language_of_few_test_rows_borrows_those_of_all() -> None:
    """And it counts as not validated."""
    few = np.eye(3) * (FEW - 1)
    errors = errors_of(en=ROWS, zh=few)
    assert errors.validated("en")
    assert not errors.validated("zh")
    assert not errors.validated("fr")
    assert errors.home("zh") == errors.home("fr") == POOLED
    assert np.array_equal(errors.matrix(POOLED), ROWS + few)


def test_a_change_is_certain_only_where_it_is_none_of_chance() -> None:
    """Twice the share of many texts is; the same share is not, and no text on a side is no change."""
    errors = errors_of(en=ROWS, zh=ROWS)
    share = {rate: np.array([rate, 0.4, 0.6 - rate]) @ FAIR for rate in (0.1, 0.3)}
    now = {"en": np.stack([800 * share[0.3], 800 * share[0.1], np.zeros(3), 8 * share[0.3]])}
    before = {"en": 800 * np.stack([share[0.1]] * 4)}
    more, same, none, few = changes(now, before, errors)
    assert more.certain
    assert more.low <= 0.2 <= more.high
    assert not same.certain
    assert abs(same.value) < 0.02
    assert math.isnan(none.value)
    assert not none.certain
    assert none.to_json()["value"] is None
    assert few.low < more.low


def test_errors_of_the_matrix_cancel_in_a_change() -> None:
    """Both sides share them: the interval of a change knows more than two intervals do."""
    errors = errors_of(en=ROWS / 5)
    said = np.array([[2000.0, 4000, 4000]])
    [share], [change] = combined({"en": said}, errors), changes({"en": said}, {"en": said}, errors)
    assert change.high - change.low < 0.7 * (share.high - share.low)


def test_a_language_that_was_not_there_before_changes_the_whole() -> None:
    """Its texts are part of one side only."""
    errors = errors_of(en=ROWS, zh=ROWS)
    calm, bad = (np.array([rate, 0.4, 0.6 - rate]) @ FAIR * 1000 for rate in (0.1, 0.5))
    [change] = changes({"en": calm[None], "zh": bad[None]}, {"en": calm[None]}, errors)
    assert change.low <= 0.2 <= change.high
    assert change.certain


def test_errors_are_counted_kept_and_refused() -> None:
    """From rows to JSON and back; what is no sentiment is told."""
    errors = Errors.of([("en", "negative", "neutral"), ("en", "negative", "negative"), ("zh", "positive", "positive")])
    assert errors.matrix("en")[0].tolist() == [1, 1, 0]
    assert Errors.from_json(json.loads(json.dumps(errors.to_json()))) == errors
    with pytest.raises(DataError, match="angry"):
        Errors.of([("en", "angry", "neutral")])
    for told in ({"sentiments": ["a"], "counts": {}}, {"sentiments": list(SENTIMENTS), "counts": {"en": [[1]]}}):
        with pytest.raises(DataError, match="sentiments"):
            Errors.from_json(told)
