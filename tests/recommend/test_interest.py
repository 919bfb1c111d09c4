"""The text model pools histories, ranks items that nobody touched, and is the same after it was stored."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from argosy.recommend.interactions import Floats, History
from argosy.recommend.interest.model import Interest, load, untrained
from argosy.recommend.interest.pooling import LONGEST, Pooling, features

DAY = 86_400_000_000
TEXTS = ("red boat", "red ship", "", "blue bird", "blue bird song")
WORDS = ("red", "boat", "ship", "blue", "bird", "song")


def embed(texts: Sequence[str]) -> Floats:
    """A vector of the words of each text, at length 1."""
    counts = np.array([[text.split().count(word) for word in WORDS] for text in texts], np.float32)
    return np.asarray(counts.reshape(-1, len(WORDS)) / np.linalg.norm(counts.reshape(-1, len(WORDS)), axis=1)[:, None])


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
    return untrained(TEXTS, embed)


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
    told = features(history(0, 1, success=[False, True]))
    assert told[:, 0].tolist() == [1, 0]
    assert told[:, 2].tolist() == [1, 0]
    assert told[1, 1] == 1
    assert told[0, 1] == pytest.approx(np.log2(3))
    ahead = History(
        items=np.zeros(1, np.int32),
        times=np.array([5 * DAY], np.int64),
        strength=np.ones(1, np.float32),
        success=np.ones(1, bool),
        now=0,
    )
    assert features(ahead)[0, 1] == 0


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


def test_a_catalogue_without_a_text(tmp_path: Path) -> None:
    """Scores nothing, and says so by zeros."""

    def none(texts: Sequence[str]) -> Floats:
        return np.empty((len(texts), 4), np.float32)

    assert not untrained(["", " "], none).scores([history(0, 1)]).any()
