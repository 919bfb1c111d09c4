"""Errors say where, what and what next."""

import json

import pytest

from argosy.core.errors import DataError, MissingError, Problems, raise_all


def test_an_error_is_rendered_in_the_readers_language() -> None:
    """The template is translated before the values go in."""
    error = DataError("Row {row} is odd.", where="a.csv", mend="Mend {row}.", row=3)
    chinese = {"Row {row} is odd.": "第 {row} 行有问题。", "Mend {row}.": "请修改第 {row} 行。"}
    assert error.render(lambda text: chinese.get(text, text)) == "a.csv: 第 3 行有问题。\n  请修改第 3 行。"


def test_several_problems_are_told_at_once() -> None:
    """All of them, in order, and the first one's exit code."""
    problems = [DataError("one"), MissingError("two")]
    with pytest.raises(Problems, match="one\n\ntwo") as caught:
        raise_all(problems)
    assert caught.value.exit_code == DataError.exit_code


def test_one_problem_is_raised_as_it_is() -> None:
    """No wrapping where nothing is to be gathered, and nothing to raise is no error."""
    with pytest.raises(DataError, match="one"):
        raise_all([DataError("one")])
    raise_all([])


def test_braces_in_values_are_not_templates() -> None:
    """A value is never formatted again."""
    assert str(DataError("{text!r} is odd.", text="{0} {row}")) == "'{0} {row}' is odd."


def test_an_error_told_as_json_can_be_said_again() -> None:
    """Place, mend and figures come back; what JSON has no number for is told in words."""
    error = DataError("{share:.1%} of {names}.", where="a.csv, row 3", mend="Mend {names}.", share=0.125, names=["a"])
    again = DataError.from_json(json.loads(json.dumps(error.to_json(), allow_nan=False)))
    assert str(again) == str(error)
    assert DataError("{x}", x=float("nan")).to_json()["values"] == {"x": "nan"}
