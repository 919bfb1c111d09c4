"""The text model pools histories, ranks items that nobody touched, and is the same after it was stored."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shoppers import DAY, HULLS, TEXTS, WORLD, embed, taken, world

from argosy.recommend.interactions import Floats, History
from argosy.recommend.interest.bridge import bridged, leaning, principal, turned
from argosy.recommend.interest.examples import Examples, Trial, ndcg
from argosy.recommend.interest.model import Interest, load, raw_vectors, untrained
from argosy.recommend.interest.pooling import LONGEST, Pooling, features


def history(*items: int, success: Sequence[bool] = (), strength: Sequence[float] = ()) -> History:
    """One event a day."""
    return History(
        items=np.array(items, np.int32),
        times=np.arange(len(items), dtype=np.int64) * DAY,
        strength=np.array(strength or [1.0] * len(items), np.float32),
        success=np.array(success or [True] * len(items), bool),
        now=len(items) * DAY,
    )


@pytest.fixture
def model() -> Interest:
    """Over five texts, one of them empty."""
    return untrained(raw_vectors(TEXTS, embed))


def test_what_is_like_the_history_comes_first(model: Interest) -> None:
    """An item that nobody touched is found by its text; one without a text is neither near nor far."""
    (scores,) = model.scores([history(0)])
    assert scores[1] > scores[2] == 0 > scores[3]
    assert scores.dtype == np.float32


def test_who_did_nothing_has_no_interest(model: Interest) -> None:
    """Nobody's history, and one of events that tell nothing, score every item 0; no histories give no rows."""
    assert not model.scores([History.none(0), history(0, 1, strength=[0.0, 0.0])]).any()
    assert model.scores([]).shape == (0, len(TEXTS))


def test_later_and_stronger_events_count_more(model: Interest) -> None:
    """The last item decides; a success outweighs what was only seen; weights sum to 1."""
    assert model.scores([history(0, 3)])[0, 4] > model.scores([history(3, 0)])[0, 4]
    seen = model.scores([history(0, 3, success=[True, False])])
    assert seen[0, 1] > model.scores([history(0, 3)])[0, 1]
    weights = Pooling().weights(history(0, 1, 3, strength=[1.0, 5.0, 1.0]))
    assert weights.sum() == pytest.approx(1)
    assert weights.argmax() == 1


def test_features_of_events() -> None:
    """How many came later, how many days ago, no success; an event from the future is as old as now."""
    told = features(np.array([1, 0]), np.array([3 * DAY, -DAY]), np.array([False, True]))
    assert told.tolist() == [[1, 2, 1], [0, 0, 0]]


def test_a_long_history_counts_by_its_end(model: Interest) -> None:
    """Events before the last ones change nothing."""
    ended = [3] * LONGEST
    same = model.user_vector(history(0, *ended)) - model.user_vector(history(1, *ended))
    assert not same.any()


def test_new_items_are_ranked_by_their_text_at_once(model: Interest) -> None:
    """A vector made of a text alone equals that of the catalogue; the item is scored behind the others."""
    new = model.embed_new(["red ship", " "], embed)
    assert np.allclose(new[0], model.vectors[1])
    assert not new[1].any()
    scores = model.extended(new).scores([history(0)])
    assert scores.shape == (1, len(TEXTS) + 2)
    assert scores[0, len(TEXTS)] == pytest.approx(scores[0, 1])


def test_it_is_the_same_when_stored(model: Interest, tmp_path: Path) -> None:
    """Bit by bit."""
    model.save(tmp_path / "interest")
    kept = load(tmp_path / "interest")
    assert np.array_equal(kept.scores([history(0, 3)]), model.scores([history(0, 3)]))
    assert kept.pooling == model.pooling
    assert kept.name == "text"


def test_a_catalogue_without_a_text() -> None:
    """Scores nothing, and says so by zeros."""

    def none(texts: Sequence[str]) -> Floats:
        return np.empty((len(texts), 4), np.float32)

    assert not untrained(raw_vectors(["", " "], none)).scores([history(0, 1)]).any()


def test_what_is_liked_together_bridges_texts_that_share_no_word() -> None:
    """Whoever had ships is shown a boat that nobody had, before any bird; so is whoever had a new ship alone."""
    raw = raw_vectors(HULLS, embed)
    all_of_it = world()
    train = all_of_it.where(~np.isin(all_of_it.items, [0, 21]))
    model = bridged(turned(raw, principal(raw)), train)
    ships = history(1, 3, 5)
    assert model.scores([ships])[0, 0] > model.scores([ships])[0, 21]
    plain = untrained(raw).scores([ships])[0]
    assert plain[0] <= plain[21]  # by words alone nothing says so
    wider = model.extended(model.embed_new(["ship", "bird"], embed))
    new = wider.scores([history(WORLD)])[0]
    assert new[0] > new[20]


def test_popular_texts_lean() -> None:
    """A new item whose text is that of popular ones has more given to it; twice the weight gives twice as much."""
    train = taken([(user, item) for user in range(9) for item in (1, 3, 5) if item < 5 or not user], users=9, size=6)
    texts = ["boat", "boat", "boat", "boat", "song", "song"]
    model = untrained(raw_vectors(texts, embed))
    once, twice = leaning(model, train, 0.1).given, leaning(model, train, 0.2).given
    assert once[0] > once[4]
    assert np.allclose(2 * once, twice)
    assert np.ptp(leaning(model, train, 0.0).given) == 0


def test_examples_hold_what_came_before() -> None:
    """One for each success with something before it; arrays begin with the latest event."""
    found = Examples.of(taken([(0, 1), (1, 2), (0, 3), (0, 1)], users=2, size=5))
    assert found.target.tolist() == [3, 1]
    told = found.gather(np.arange(2))
    assert told["items"].tolist() == [[1, -1], [3, 1]]
    assert told["features"][1, :, 0].tolist() == [0, 1]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 7)), min_size=1, max_size=80), st.integers(0, 5))
def test_a_trial_never_shows_what_it_hides(pairs: list[tuple[int, int]], seed: int) -> None:
    """No hidden item is learnt from or stands in a history, nothing later than a judged moment is learnt from."""
    train = taken(pairs, users=10, size=8)
    trial = Trial.drawn(train, seed=seed, parts=2)
    hidden = set(trial.hidden.tolist())
    assert not hidden & set(trial.train.items.tolist())
    assert all(not hidden & set(history.items.tolist()) for history in trial.histories)
    assert all(set(items.tolist()) <= hidden for items in trial.wanted)
    assert all((history.times < history.now).all() for history in trial.histories)
    assert len(trial.histories) == len(trial.wanted)


def test_gain_of_a_list() -> None:
    """1 where what is wanted comes first, by the ideal list of ten at most; ties keep the order of the items."""
    scores = np.array([[3, 2, 1, 0], [0, 0, 0, 0]], np.float32)
    told = ndcg(scores, [np.array([True, False, False, False]), np.array([False, True, False, False])])
    assert told == pytest.approx([1, 1 / np.log2(3)])
