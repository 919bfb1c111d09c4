"""Features, rankers, diversity, rules and reasons."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ranked_events import DAY, Known, catalogue, events, history, shop

from argosy.recommend.baselines.pairs import Pairs
from argosy.recommend.interactions import History
from argosy.recommend.ranking import blend, features, ranker, system, trees
from argosy.recommend.ranking.diversity import by_tags, choose
from argosy.recommend.ranking.examples import Learning, Past
from argosy.recommend.ranking.looking import Looking, look
from argosy.recommend.ranking.reasons import explain
from argosy.recommend.ranking.rules import Rules
from argosy.recommend.ranking.standing import Standing
from argosy.recommend.ranking.views import Lately, alike
from argosy.recommend.tuning import FITS

SIZE = 30
LEARNING = Learning(cuts=4, first=0.3, horizon=0.2)


@pytest.fixture(scope="module")
def past() -> Past:
    """Two kinds of users."""
    things = catalogue(SIZE, tags=[(place % 3,) for place in range(SIZE)])
    makes = {
        "ease": lambda told: FITS["ease"](told, things, {"ridge": 5.0}),
        "neighbours": lambda told: FITS["neighbours"](told, things, {"shrink": 1.0, "nearest": 10.0}),
    }
    return Past(events=shop(size=SIZE), catalogue=things, makes=makes, how=Looking(candidates=20))


@pytest.fixture(scope="module")
def fitted(past: Past) -> system.System:
    """Its system."""
    pytest.importorskip("lightgbm", reason="trees are tried beside the blend")
    return system.fit(past, LEARNING)[0]


def test_names_are_those_of_the_columns(past: Past) -> None:
    """Names are those of the columns."""
    standing = Standing.of(past.events, past.catalogue)
    items = np.arange(5, dtype=np.int32)
    matrix = features.features(history([7, 9]), items, standing, {"a": np.arange(5, dtype=np.float32)})
    names = features.names(["a"])
    assert matrix.shape == (5, len(names))
    assert matrix.dtype == np.float32
    assert matrix[:, names.index("a_rank")].tolist() == pytest.approx([0.8, 0.6, 0.4, 0.2, 0])
    assert (matrix[:, names.index(features.HISTORY)] == 2).all()
    assert np.isnan(matrix[:, names.index("price_gap")]).all()
    assert not np.isnan(matrix[:, [names.index(name) for name in features.linear(["a"])]]).any()


def test_a_price_stands_against_the_median_of_the_history() -> None:
    """A price stands against the median of the history."""
    standing = Standing.of(events([], size=4), catalogue(4, prices=[10.0, 20.0, 40.0, float("nan")]))
    matrix = features.features(history([0, 0, 1]), np.array([0, 2, 3], np.int32), standing, {})
    assert matrix[:, features.names([]).index("price_gap")] == pytest.approx([0, np.log(4), np.nan], nan_ok=True)


def test_tags_overlap_with_what_the_history_weighs() -> None:
    """Tags overlap with what the history weighs."""
    standing = Standing.of(events([], size=4), catalogue(4, tags=[(0,), (1,), (0, 1), ()]))
    names = features.names([])
    matrix = features.features(history([0, 0, 0, 1]), np.arange(4, dtype=np.int32), standing, {})
    assert matrix[:, names.index("tag_overlap")] == pytest.approx([0.75, 0.25, 0.5, np.nan], nan_ok=True)
    assert matrix[:, names.index("tag_best")] == pytest.approx([0.75, 0.25, 0.75, np.nan], nan_ok=True)


@pytest.mark.parametrize("seen", [[], [0], [0] * 50, list(range(SIZE))])
def test_every_history_gets_a_list(fitted: system.System, past: Past, seen: list[int]) -> None:
    """Every history gets a list."""
    standing = Standing.of(past.events, past.catalogue)
    found = fitted.best(history(seen, now=50 * DAY), standing, 10)
    assert len(found.items) == min(10, SIZE - len(set(seen)))
    assert not set(found.items.tolist()) & set(seen)
    assert len(set(found.items.tolist())) == len(found.items) == len(found.reasons) == len(found.sources)


def test_it_learns_who_likes_what(fitted: system.System, past: Past) -> None:
    """It learns who likes what."""
    standing = Standing.of(past.events, past.catalogue)
    found = fitted.best(history([1, 3, 5, 7], now=50 * DAY), standing, 5)
    assert (found.items % 2 == 1).all()
    assert {reason.why for reason in found.reasons} <= {"together", "popular"}
    assert {reason.about for reason in found.reasons} <= {1, 3, 5, 7, -1}


def test_an_item_of_after_the_models_is_proposed_as_fresh(fitted: system.System, past: Past) -> None:
    """An item of after the models is proposed as fresh."""
    standing = Standing.of(past.events, past.catalogue)
    standing.place(SIZE, added=49 * DAY)
    found, matrix = look(fitted.scorers, fitted.how, history([1], now=50 * DAY), standing)
    row = found.items.tolist().index(SIZE)
    assert found.names[found.source[row]] == "fresh"
    assert np.isnan(matrix[row, 0])
    assert np.isfinite(fitted.ranker.order(matrix)).all()


def test_the_same_past_makes_the_same_system_and_a_folder_keeps_it(
    fitted: system.System, past: Past, tmp_path: Path
) -> None:
    """The same past makes the same system and a folder keeps it."""
    again = system.fit(past, LEARNING)[0]
    again.save(tmp_path)
    opened = system.System.load(tmp_path, {"ease": Pairs.load, "neighbours": Pairs.load})
    standing = Standing.of(past.events, past.catalogue)
    histories = [history([1, 3], now=50 * DAY), history([], now=50 * DAY)]
    np.testing.assert_array_equal(opened.scores(histories, standing), fitted.scores(histories, standing))


def test_lists_of_the_past_know_nothing_of_what_came_later(past: Past) -> None:
    """What happens after the end of a cut's lists changes none of them."""
    lists = past.lists(LEARNING)
    end = lists[0].end
    shorter = past.events.before(end)
    redone = Past(events=past.events, catalogue=past.catalogue, makes=past.makes, how=past.how)
    first = redone._at(lists[0].start, end, LEARNING)
    cut = Past(events=shorter, catalogue=past.catalogue, makes=past.makes, how=past.how)
    np.testing.assert_array_equal(first.matrix, cut._at(lists[0].start, end, LEARNING).matrix)


def test_lists_before_last_items_ask_for_one_each(past: Past) -> None:
    """Lists before last items ask for one each."""
    lists = past.lists(Learning(cut="last", lasts=2))
    assert [one.start for one in lists] == [-2, -1]
    for one in lists:
        assert (one.ideal == 1).all()
        assert len(np.unique(one.users)) == len(one) > 10


def test_a_short_past_is_blended_without_a_trial() -> None:
    """A short past is blended without a trial."""
    things = catalogue(3)
    told = events([(0, 0, 0, "buy"), (0, 1, DAY, "buy"), (1, 1, DAY, "buy"), (1, 2, 2 * DAY, "buy")], size=3)
    makes = {"ease": lambda told: FITS["ease"](told, things, {"ridge": 1.0})}
    made, chosen = system.fit(Past(events=told, catalogue=things, makes=makes, how=Looking()), Learning(cuts=1))
    assert chosen.trees is None
    assert len(made.best(history([]), Standing.of(told, things), 3).items) == 3


def test_trees_stand_on_the_blend_and_come_back_the_same(past: Past, tmp_path: Path) -> None:
    """Trees stand on the blend and come back the same."""
    pytest.importorskip("lightgbm")
    lists = past.lists(LEARNING)[-1]
    base = blend.fit(lists, features.names(tuple(past.makes)), tuple(past.makes), 1.0)
    grown = trees.grow(lists, base, 4, 5)
    assert grown.told == trees.grow(lists, base, 4, 5).told
    assert np.array_equal(trees.grow(lists, base, 4, 9).first(5).order(lists.matrix), grown.order(lists.matrix))
    grown.save(tmp_path)
    opened = ranker.load(tmp_path)
    np.testing.assert_array_equal(opened.order(lists.matrix), grown.order(lists.matrix))
    assert (opened.order(lists.matrix) != base.order(lists.matrix)).any()


def test_a_view_counts_every_kind_and_forgets_the_older() -> None:
    """A view counts every kind and forgets the older."""
    told = alike(events([(0, 0, 0, "look"), (0, 1, 1, "buy")], size=2))
    assert told.success.all()
    matrix = np.eye(4, dtype=np.float32)
    looked = history([0, 1, 2])
    looks = History(
        items=looked.items,
        times=looked.times,
        strength=np.zeros(3, np.float32),
        success=np.zeros(3, bool),
        now=looked.now,
    )
    view = Lately(scorer=Known(matrix), last=2, name="lately")  # type: ignore[arg-type] - it saves nothing
    assert view.scores([looks]).tolist() == [[0, 1, 1, 0]]


def test_caps_and_boosts_are_kept_where_the_score_says_otherwise() -> None:
    """Caps and boosts are kept where the score says otherwise."""
    tags = [(0,), (0,), (0,), (1,), (1,), ()]
    rules = Rules(caps={"tag:t0": 1, "*": 1}, boost={"i5": 100.0})
    standing = Standing.of(events([], size=6), catalogue(6, tags=tags), rules)
    items, values = np.arange(6, dtype=np.int32), np.array([6, 5, 4, 3, 2, 1], np.float32)
    shown = choose(items, values, 6, standing=standing, rules=rules, alike=by_tags(items, standing))
    assert shown == [5, 0, 3]


@given(st.floats(0, 0.95), st.integers(0, 3), st.integers(0, 12), st.integers(0, 100))
def test_no_cap_is_broken_and_no_item_shown_twice(diversity: float, most: int, n: int, seed: int) -> None:
    """No cap is broken and no item shown twice."""
    rng = np.random.default_rng(seed)
    tags = [tuple(rng.permutation(3)[: rng.integers(0, 3)].tolist()) for _ in range(12)]
    rules = Rules(caps={"tag:t0": most, "*": most + 1}, diversity=diversity)
    standing = Standing.of(events([], size=12), catalogue(12, tags=[*tags[:-1], (0, 1, 2)]), rules)
    items = np.arange(12, dtype=np.int32)
    values = rng.normal(size=12).astype(np.float32)
    shown = choose(items, values, n, standing=standing, rules=rules, alike=by_tags(items, standing))
    assert len(set(shown)) == len(shown) <= n
    assert sum(0 in standing.tags[place] for place in shown) <= most
    _, counts = np.unique(
        [standing.tags[place, 0] for place in shown if standing.tags[place, 0] >= 0], return_counts=True
    )
    assert counts.max(initial=0) <= most + 1


def test_diversity_shows_another_kind_before_more_of_the_same() -> None:
    """Diversity shows another kind before more of the same."""
    standing = Standing.of(events([], size=3), catalogue(3, tags=[(0,), (0,), (1,)]))
    items, values = np.arange(3, dtype=np.int32), np.array([1.0, 0.9, 0.5], np.float32)
    alike_by_tags = by_tags(items, standing)
    plain = choose(items, values, 3, standing=standing, rules=Rules(), alike=alike_by_tags)
    mixed = choose(items, values, 3, standing=standing, rules=Rules(diversity=0.7), alike=alike_by_tags)
    assert (plain, mixed) == ([0, 1, 2], [0, 2, 1])


def test_a_reason_names_what_spoke_most_and_never_what_was_not_touched() -> None:
    """A reason names what spoke most and never what was not touched."""
    matrix = np.zeros((5, 5), np.float32)
    matrix[0, 3], matrix[1, 3], matrix[2, 4] = 1, 2, 9
    columns = {"ease": np.array([2.0, 2.0, 0.1], np.float32)}
    found = explain(
        history([0, 1]),
        np.array([3, 4, 2], np.int32),
        columns=columns,
        sources=["ease", "ease", "popular"],
        scorers={"ease": Known(matrix)},  # type: ignore[dict-item] - it saves nothing
    )
    assert [(one.why, one.about) for one in found] == [("together", 1), ("profile", -1), ("popular", -1)]


def test_a_stranger_is_told_of_popularity() -> None:
    """A stranger is told of popularity."""
    found = explain(
        history([]),
        np.array([1], np.int32),
        columns={"ease": np.ones(1)},
        sources=["ever"],
        scorers={"ease": Known(np.eye(2))},  # type: ignore[dict-item] - it saves nothing
    )
    assert [one.why for one in found] == ["popular"]
