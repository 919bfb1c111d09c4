"""Who is a machine."""

import polars as pl

from argosy.core.recommend import Item
from argosy.recommend.tidy import HOUR, Meaning, tidy

_DAY = 24 * HOUR
_NOW = 20_000 * _DAY


def _left(many: dict[str, list[int]]) -> dict[str, int]:
    """What is left out, where each user does so much in each hour of its list."""
    rows = [
        {
            "user": user,
            "item": "x",
            "kind": f"k{number % 3}",
            "time": str((hour * HOUR + number * 1_000_000) // 1_000_000),
        }
        for user, hours in many.items()
        for hour, count in enumerate(hours, start=24 * 365 * 40)
        for number in range(count)
    ]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(("user", "item", "kind", "time"), pl.String))
    item = Item(id="x", title="X")
    return dict(tidy([item], (), frame, Meaning(weights={}), _NOW).left_out)


def test_a_fifth_of_the_users_may_be_machines_without_hiding_each_other() -> None:
    """A fifth of the users may be machines without hiding each other."""
    people = {f"p{number}": [5] for number in range(16)}
    machines = {f"m{number}": [900] for number in range(4)}
    assert _left(people | machines) == {"machine": 3_600}


def test_somebody_alone_is_a_machine_from_a_thousand_an_hour() -> None:
    """Somebody alone is a machine from a thousand an hour."""
    assert _left({"a": [1_200]}) == {"machine": 1_200}
    assert _left({"a": [900]}) == {}


def test_who_does_much_over_long_is_no_machine() -> None:
    """Who does much over long is no machine."""
    assert _left({"heavy": [100] * 60, **{f"p{number}": [5] for number in range(9)}}) == {}
