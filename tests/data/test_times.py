"""Times are read as people write them, and what could be two days is not read."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.data.times import parse_time, parse_times

MOMENTS = st.integers(10**9, 4 * 10**9).map(lambda second: datetime.fromtimestamp(second, UTC).replace(tzinfo=None))


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-01 14:05:00",
        "2026-03-01T14:05:00Z",
        "2026-03-01 22:05:00+08:00",
        "2026/3/1 14:05",
        "2026.03.01 14:05:00",
        "2026年3月1日 14时05分",
        "2026年03月01日14:05",
        "2026年3月1日 下午2:05",
        "２０２６年３月１日 １４：０５",
        "20260301140500",
        "1772373900",
        "1772373900000",
        "46082.5868055556",
        "1 Mar 2026 14:05",
        "Mar 1, 2026 14:05",
        "Sun, 01 Mar 2026 14:05:00 +0000",
        "Sun Mar 01 14:05:00 +0000 2026",
        "2026-03-01 2:05 PM",
    ],
)
def test_the_usual_ways_to_write_a_time_are_one_time(cell: str) -> None:
    """Chinese, ISO, with zones, since 1970, and as spreadsheets count."""
    assert parse_time(cell) == "2026-03-01T14:05:00"


@pytest.mark.parametrize("cell", ["3/4/2026", "yesterday", "12:30", "-5", "2026-13-01", "9" * 30, "1", "去年", "nan"])
def test_what_is_no_time_or_two_is_none(cell: str) -> None:
    """The third of April or the fourth of March: nobody knows."""
    assert parse_time(cell) is None


@given(MOMENTS, MOMENTS)
def test_stored_times_sort_as_time_does(one: datetime, other: datetime) -> None:
    """As strings."""
    stored = [parse_time(moment.isoformat()) or "" for moment in (one, other)]
    assert (stored[0] < stored[1]) == (one < other)
    assert parse_time(one.replace(tzinfo=UTC).isoformat()) == stored[0]


@given(st.text(max_size=30))
def test_no_cell_ends_in_an_exception(cell: str) -> None:
    """Whatever stands in it."""
    parse_time(cell)


def test_bad_cells_are_one_problem_with_the_first_place() -> None:
    """Empty cells are no times and no problem here."""
    places = [f"a.csv, row {row}" for row in range(2, 6)]
    times, problems = parse_times(["2026-03-01", None, "soon", "3/4/2026"], "when", places)
    assert times == ["2026-03-01T00:00:00", None, None, None]
    (problem,) = problems
    assert "a.csv, row 4: The column 'when' holds 'soon'" in str(problem)
    assert "2 such rows" in str(problem)
