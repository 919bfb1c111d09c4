"""Labels and rows as a whole: every problem at once, each with its mend."""

import pytest

from argosy.core.errors import ArgosyError
from argosy.core.records import Example
from argosy.data.labels.checks import check_kept, check_labels, check_test_labels, rename_line, tally


def _rows(**counts: int) -> list[Example]:
    return _labelled([label for label, count in counts.items() for _ in range(count)])


def _problems(rows: list[Example], where: str) -> list[ArgosyError]:
    """What is wrong with the labels of these rows."""
    return check_labels(tally(rows), where)


def _test_problems(train: list[Example], test: list[Example]) -> list[ArgosyError]:
    """What is wrong with the labels of these test rows."""
    return check_test_labels(tally(train), tally(test))


def _labelled(labels: list[str]) -> list[Example]:
    return [
        Example(id=f"a.csv:{row}", text=f"text {row}", label=label, meta={"file": "a.csv", "row": row})
        for row, label in enumerate(labels, start=2)
    ]


def test_good_labels_have_no_problems() -> None:
    """Words, numbers, Chinese; many classes with enough rows each."""
    assert _problems(_rows(pos=3, neg=2), "a.csv") == []
    assert _problems(_labelled(["1", "0", "好评"] * 2), "a.csv") == []
    assert _problems(_labelled([str(n) for n in range(77)] * 10), "a.csv") == []


def test_a_rare_misspelling_is_mended_by_a_line() -> None:
    """The message of the first ten minutes: where, both spellings, both counts, the line to add."""
    (problem,) = _problems(_rows(positive=20, negative=20, Positve=1), "a.csv")
    assert str(problem) == (
        "a.csv, row 42: The label 'Positve' stands once, 'positive' 20 times.\n"
        '  Mend it in the file, or map it:  [data.labels] Positve = "positive"'
    )


def test_spellings_that_differ_by_case_spaces_or_width_are_told() -> None:
    """Every one of them, pointing to the most frequent."""
    problems = _problems(_labelled(["good"] * 5 + ["Good"] * 2 + [" good"] + ["ｇｏｏｄ"] + ["bad"] * 5), "a.csv")
    assert [problem.where for problem in problems] == ["a.csv, row 7", "a.csv, row 9", "a.csv, row 10"]
    assert "'Good' stands 2 times, 'good' 5 times" in str(problems[0])
    assert '[data.labels] " good" = "good"' in str(problems[1])


def test_numbers_written_in_two_ways_are_one_label() -> None:
    """A column with a gap comes out of pandas as 1.0 and 0.0."""
    (problem,) = _problems(_labelled(["1", "0", "1", "0", "0", "0.0"]), "a.csv")
    assert '"0.0" = "0"' in str(problem)
    (unknown,) = _test_problems(_labelled(["1", "0"] * 2), _labelled(["1.0", "0"]))
    assert '"1.0" = "1"' in str(unknown)


def test_one_class_only_is_told_even_behind_spellings() -> None:
    """Two spellings of one label are one class."""
    problems = _problems(_rows(pos=4, Pos=2), "a.csv")
    assert len(problems) == 2
    assert "All 6 rows have the label 'pos'" in str(problems[1])


def test_a_class_with_one_row_is_told() -> None:
    """Without a mapping where nothing is alike, or only a digit differs."""
    problems = _problems(_rows(class_1=5, class_2=5, class_11=1, refund=1), "a.csv")
    assert [problem.where for problem in problems] == ["a.csv, row 12", "a.csv, row 13"]
    assert all("not both" in str(problem) for problem in problems)


def test_a_hundred_single_rows_do_not_fill_the_screen() -> None:
    """Ten are told one by one, the rest in one sentence."""
    rows = _labelled(["a", "b"] * 400 + [chr(0x4E00 + n) for n in range(100)])
    problems = _problems(rows, "a.csv")
    assert len(problems) == 11
    assert "90 more labels" in str(problems[-1])


def test_numbers_to_predict_are_no_labels() -> None:
    """One error that says regression, not one for each number."""
    (problem,) = _problems(_labelled([str(n / 7) for n in range(100)]), "a.csv")
    assert "regression" in str(problem)


def test_a_text_column_taken_for_the_label_is_told() -> None:
    """Nearly every row with a value of its own."""
    (problem,) = _problems(_labelled([f"comment {n}" for n in range(60)]), "a.csv")
    assert "60 different values on 60 rows" in str(problem)


def test_identifiers_are_no_labels() -> None:
    """Thousands of values on a few rows each, as customers have; as many with five rows each are classes."""
    customers = [f"customer {n}" for n in range(1000)]
    (problem,) = _problems(_labelled(customers * 3), "a.csv")
    assert "1000 different values on 3000 rows" in str(problem)
    assert problem.where == "a.csv, row 2"
    assert _problems(_labelled(customers * 5), "a.csv") == []


def test_the_test_rows_must_be_known() -> None:
    """A misspelt one is mapped, another needs training rows."""
    problems = _test_problems(_rows(positive=3, negative=3), _rows(positve=2, other=1, negative=1))
    assert 'positve = "positive"' in str(problems[0])
    assert "'other' stands 1 times" in str(problems[1])
    assert len(problems) == 2


@pytest.mark.parametrize(
    ("kept", "reason", "words"),
    [
        (0, "no_language", "None of the 3 rows can be used: no_language 3"),
        (0, "conflicting_label", "conflicting_label 3"),
        (1, "exact_twin", "All 4 rows hold the same text"),
    ],
)
def test_nothing_left_to_learn_from_is_told(kept: int, reason: str, words: str) -> None:
    """No language, contradictions alone, or one text over and over."""
    (problem,) = check_kept(kept, {reason: 3}, "a.csv")
    assert words in str(problem)


def test_twins_among_enough_texts_are_fine() -> None:
    """Data in which every row stands twice is not refused."""
    assert check_kept(3, {"exact_twin": 3}, "a.csv") == []


@pytest.mark.parametrize(
    ("wrong", "line"), [("Pos-1", 'Pos-1 = "p"'), ("好 评", '"好 评" = "p"'), ('a"b\n', r'"a\"b\n" = "p"')]
)
def test_the_line_to_add_is_valid_toml(wrong: str, line: str) -> None:
    """Bare keys stay bare; others are quoted."""
    assert rename_line(wrong, "p") == f"[data.labels] {line}"
