"""The error analysis names what was confused with what, how sure the model was, and which labels look wrong."""

import json

import numpy as np
import pytest

from argosy.evaluate.doubts.errors import Errors, analyse

LABELS = ("好", "bad", "other")
# the label's number, then the probabilities of the three labels
ROWS = [
    (0, 0.9, 0.05, 0.05),
    (0, 0.8, 0.1, 0.1),
    (0, 0.3, 0.6, 0.1),  # confused
    (0, 0.01, 0.98, 0.01),  # surest error; the answer is surer than the label's own rows
    (1, 0.1, 0.8, 0.1),
    (1, 0.05, 0.9, 0.05),
    (1, 0.2, 0.2, 0.6),  # confused, and no row of this label is there to suspect it by
    (0, 0.4, 0.5, 0.1),  # confused
]


@pytest.fixture
def errors() -> Errors:
    """The analysis of eight rows."""
    table = np.array(ROWS)
    return analyse([f"第 {row} text" for row in range(8)], table[:, 0].astype(int), table[:, 1:], LABELS, most=3)


def test_the_commonest_confusion_stands_first_with_its_surest_texts(errors: Errors) -> None:
    """Its share is of the rows of the true label, with an interval."""
    first, second = errors.confusions
    assert (first.truth, first.predicted, first.rows) == ("好", "bad", 3)
    assert first.texts == ("第 3 text", "第 2 text", "第 7 text")
    assert first.share.value == 3 / 5
    assert first.share.low < 3 / 5 < first.share.high
    assert (second.truth, second.predicted, second.rows) == ("bad", "other", 1)


def test_the_surest_errors_are_told_with_both_probabilities(errors: Errors) -> None:
    """No more of them than asked for."""
    assert [mistake.row for mistake in errors.confident] == [3, 2, 6]
    assert (errors.confident[0].confidence, errors.confident[0].probability_of_truth) == (0.98, 0.01)
    assert errors.wrong.value == 4 / 8


def test_only_errors_as_sure_as_the_other_labels_own_rows_are_suspected(errors: Errors) -> None:
    """The mean of ``bad`` on its own rows is 0.63: one answer is above it."""
    assert [mistake.row for mistake in errors.suspects] == [3]
    assert errors.suspected == 1


def test_no_share_is_told_without_its_interval(errors: Errors) -> None:
    """In what goes to files and pages, too."""
    told = json.loads(json.dumps(errors.to_json()))
    for figure in (told["wrong"], *(confusion["share"] for confusion in told["confusions"])):
        assert set(figure) == {"value", "low", "high", "versus"}


def test_without_an_error_the_lists_are_empty() -> None:
    """And the share of errors still has an interval."""
    errors = analyse(["a", "b"], np.array([0, 1]), np.eye(2), ("x", "y"))
    assert (errors.confusions, errors.confident, errors.suspects) == ((), (), ())
    assert errors.wrong.high > 0


def test_the_matrix_counts_every_row_once(errors: Errors) -> None:
    """Lines are labels, columns answers; a label without rows has no recall."""
    assert errors.labels == LABELS
    assert errors.matrix == ((2, 3, 0), (0, 2, 1), (0, 0, 0))
    assert [recall and recall.value for recall in errors.recall] == [2 / 5, 2 / 3, None]
    assert sum(map(sum, errors.matrix)) == errors.rows


def test_a_matrix_of_many_labels_is_left_out() -> None:
    """Nobody could read it."""
    scores = np.eye(20)
    found = analyse([str(row) for row in range(20)], np.arange(20), scores, [f"label {n}" for n in range(20)])
    assert (found.matrix, found.labels, found.recall) == ((), (), ())
