"""Who proposes what: each item once, by whom it was named first, and nothing that may not be shown."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from ranked_events import DAY, catalogue, events

from argosy.recommend.ranking.candidates import best, collect, fresh, merge, only, unknown
from argosy.recommend.ranking.standing import Standing

scores = st.lists(st.sampled_from([-1.0, 0.0, 0.5, 1.0, 2.0, float("nan")]), min_size=1, max_size=12)


@given(scores, st.integers(1, 15), st.data())
def test_the_best_are_those_of_a_stable_sort(values: list, most: int, data: st.DataObject) -> None:
    """The best are those of a stable sort."""
    told = np.array(values, np.float32)
    allowed = np.array(data.draw(st.lists(st.booleans(), min_size=len(told), max_size=len(told))), bool)
    order = [place for place in np.argsort(-told, kind="stable") if allowed[place] and told[place] > 0]
    assert best(told, most, allowed)[0].tolist() == order[:most]


def proposal(*items: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions, the first the best."""
    return np.array(items, np.int32), np.ones(len(items), np.float32)


def test_sources_take_turns_and_the_first_who_names_an_item_has_it() -> None:
    """Sources take turns and the first who names an item has it."""
    found = merge({"a": proposal(3, 1, 2), "b": proposal(1, 4), "c": proposal()}, 4)
    assert found.items.tolist() == [3, 1, 4, 2]
    assert [found.names[place] for place in found.source] == ["a", "b", "b", "a"]


def test_no_source_is_no_candidate() -> None:
    """No source is no candidate."""
    assert not len(merge({}, 5))


def test_fresh_ones_are_the_newest_first_and_none_of_the_future() -> None:
    """Fresh ones are the newest first and none of the future."""
    standing = Standing()
    for place, day in enumerate([1, 9, 12, 5]):
        standing.place(place, added=day * DAY)
    allowed = np.ones(4, bool)
    assert fresh(standing, 10 * DAY, 7, 5, allowed)[0].tolist() == [1, 3]


def test_unknown_ones_were_met_least_the_later_first() -> None:
    """Unknown ones were met least the later first."""
    standing = Standing.of(events([(0, 0, 0, "buy"), (0, 1, 0, "look"), (1, 1, 0, "look")], size=4), catalogue(4))
    assert unknown(standing, 3, np.array([True, True, True, False]))[0].tolist() == [2, 0, 1]


def test_seen_gone_and_filtered_ones_are_nobodys_candidates() -> None:
    """Seen gone and filtered ones are nobodys candidates."""
    standing = Standing.of(events([(0, item, 0, "buy") for item in range(6)], size=6), catalogue(6))
    standing.remove(2)
    may = only(standing, [0, 1]) & (np.arange(6) != 5)
    told = {"any": best(np.ones(6, np.float32), 10, may)}
    found = collect(told, standing, may, most=10, days=14, now=DAY)
    assert sorted(found.items.tolist()) == [3, 4]


def test_what_is_common_to_all_follows_each_change() -> None:
    """A count, a new item or a removed one is seen by the next list, whatever was kept."""
    standing = Standing.of(events([(0, item, 0, "buy") for item in range(6)], size=6), catalogue(6))

    def first() -> int:
        found = collect({}, standing, only(standing, [3]), most=20, days=14, now=DAY)
        return int(found.items[0])

    assert first() == 0
    standing.hear(4, DAY, success=True)
    assert first() == 4
    standing.hear(3, DAY, success=True)
    standing.remove(4)
    assert first() == 0
    standing.place(4)
    assert first() == 4


@given(st.sets(st.integers(0, 59)), st.integers(1, 20))
def test_what_is_kept_for_all_changes_no_list(seen: set[int], most: int) -> None:
    """A standing that was asked before answers as a new one does."""
    told = events([(0, item, 0, "buy") for item in range(60) for _ in range(item % 7)], size=60)
    asked, new = (Standing.of(told, catalogue(60)) for _ in range(2))
    collect({}, asked, only(asked, []), most=most, days=14, now=DAY)
    lists = [collect({}, one, only(one, sorted(seen)), most=most, days=14, now=DAY) for one in (asked, new)]
    assert lists[0].items.tolist() == lists[1].items.tolist()
    assert not seen & set(lists[0].items.tolist())
