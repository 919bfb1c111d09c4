"""Columns of times are read as their cells are."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.recommend.reading import micros, times

DIGITS = st.integers(10**7, 10**11).map(str)
ISO = st.datetimes().flatmap(
    lambda one: st.sampled_from(
        [
            one.isoformat(),
            one.isoformat(" "),
            one.isoformat() + "Z",
            one.isoformat(timespec="seconds"),
            one.isoformat() + "+08:00",
            one.date().isoformat(),
        ]
    )
)
ODD = st.sampled_from(
    [
        *(
            "",
            " ",
            "2022-02-30T00:00:00",
            "2022-01-01T24:00:00",
            "2022-13-01 00:00:00",
            "2022年3月1日 下午2:05",
            "46082.5",
        ),
        *("2022-01-01T00:00:60", " 2022-01-01T00:00:00", "2022-01-01T00:00:00.1234567", "3/4/2026", "never"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.none() | DIGITS | ISO | ODD | st.text(max_size=8), max_size=12))
def test_a_column_is_read_as_its_cells_are(cells: list[str | None]) -> None:
    """Cell by cell the same number, or none."""
    told = times(pl.Series(cells, dtype=pl.String))
    assert told.dtype == pl.Int64
    assert told.to_list() == [None if cell is None else micros(cell) for cell in cells]
