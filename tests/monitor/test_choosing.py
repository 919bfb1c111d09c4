"""Which rows are chosen for labelling: doubtful, unlike each other, never twice, and a share that chance alone drew."""

import numpy as np
import pytest

from argosy.monitor.choosing import NEAR, choose, doubt, groups
from argosy.monitor.embedding import Hashed

RNG = np.random.default_rng(5)


def answers(margins: np.ndarray) -> np.ndarray:
    """Probabilities [rows, 3] whose two likeliest labels lie so far apart."""
    first = (0.95 + margins) / 2
    return np.stack([first, first - margins, np.full(len(margins), 0.05)], axis=1)


def directions(rows: int, width: int = 64) -> np.ndarray:
    """Vectors of length one, no two of them near."""
    drawn = RNG.normal(size=(rows, width))
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def test_doubt_is_what_the_margin_leaves() -> None:
    """Two labels alike: 1; a sure one: 0; where there is one label there is no doubt."""
    assert doubt(np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0], [0.6, 0.3, 0.1]])) == pytest.approx([1.0, 0.0, 0.7])
    assert doubt(np.ones((2, 1))) == pytest.approx([0.0, 0.0])


def test_the_doubtful_are_chosen_and_spread() -> None:
    """Of a crowd of like doubtful rows and a few others as doubtful, the others are chosen too; sure ones are not."""
    margins = np.concatenate([np.full(60, 0.02), np.full(10, 0.01), np.full(400, 0.9)])
    crowd = directions(1) + 0.5 * directions(60)
    vectors = np.concatenate([crowd / np.linalg.norm(crowd, axis=1, keepdims=True), directions(410)])
    rows = [one.row for one in choose(answers(margins), vectors, 15, seed=3)]
    assert len(set(rows)) == 15
    assert max(rows) < 70
    assert len([row for row in rows if row >= 60]) >= 7


def test_near_duplicates_are_chosen_once_and_never_again() -> None:
    """Thirty texts that stand four times each give thirty rows; a text that is in the queue gives none."""
    texts = [f"my card ending {number} was swallowed by the machine at the station {number}" for number in range(30)]
    vectors = Hashed().embed(texts * 4)
    margins = np.full(120, 0.1)
    rows = [one.row for one in choose(answers(margins), vectors, 120, random=0.3)]
    distinct = groups(vectors[:30])
    assert sorted({row % 30 for row in rows}) == sorted(set(distinct.tolist()))
    assert len(rows) == len(set(distinct.tolist()))
    again = choose(answers(margins), vectors, 120, taken=vectors[:25], random=0.3)
    assert all((vectors[one.row] @ vectors[:25].T).max() < NEAR for one in again)


def test_groups_are_led_by_their_first_row() -> None:
    """Over more than a block of rows, each copy is led by the row that it is a copy of."""
    vectors = directions(1500)
    copied = np.concatenate([vectors, vectors[::-1]])
    expected = np.concatenate([np.arange(1500), np.arange(1500)[::-1]])
    assert groups(copied).tolist() == expected.tolist()
    led = groups(copied, taken=vectors[7:8])
    assert np.flatnonzero(led < 0).tolist() == [7, 2999 - 7]


def test_random_rows_tell_the_truth_of_all() -> None:
    """Weighted, they give the share of wrong answers among all rows, doubles counted, where the chosen ones do not."""
    margins = RNG.uniform(0, 0.9, 400)
    wrong = RNG.random(400) < 0.8 * (1 - margins)
    single = directions(400)
    copies = RNG.integers(1, 4, 400)
    owner = np.repeat(np.arange(400), copies)
    runs = [choose(answers(margins[owner]), single[owner], 100, random=0.5, seed=seed) for seed in range(150)]
    told = [sum(one.weight * wrong[owner[one.row]] for one in run) / len(owner) for run in runs]
    picked = [np.mean([wrong[owner[one.row]] for one in run if not one.random]) for run in runs]
    true = wrong[owner].mean()
    assert np.mean(told) == pytest.approx(true, abs=4 * np.std(told) / np.sqrt(150))
    assert np.mean(picked) > true + 0.15
    assert all(sum(one.random for one in run) == 50 for run in runs)


def test_one_seed_gives_one_choice() -> None:
    """The same again for the same seed, others for another; never more than there are; few rows are no error."""
    probabilities, vectors = answers(RNG.uniform(0, 0.9, 60)), directions(60)
    one, same, other = (choose(probabilities, vectors, 10, random=0.2, seed=seed) for seed in (1, 1, 2))
    assert one == same != other
    assert len(choose(probabilities, vectors, 500, random=0.1)) == 60
    assert choose(probabilities[:0], vectors[:0], 10) == []
    certain = np.tile([1.0, 0.0, 0.0], (60, 1))
    assert len({chosen.row for chosen in choose(certain, vectors, 20)}) == 20
