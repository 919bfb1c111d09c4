"""A profile counts every row, finds outliers by a robust rule, and says what it sampled."""

import json
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.core.records import Example
from argosy.data.profile import balance, measured, profile


def _examples(count: int) -> list[Example]:
    chance = random.Random(1)
    return [
        Example(
            id=str(row),
            text="".join(chance.choices("abc 好评不", k=max(2, round(chance.lognormvariate(3, 0.5))))),
            label=("good", "bad", "bad")[row % 3],
            meta={"language": "zh" if row % 4 else "en"},
        )
        for row in range(count)
    ]


def test_rows_are_counted_by_label_language_and_length() -> None:
    """All of them, whatever the size of the sample; the whole has a JSON form."""
    seen = profile(iter(_examples(1200)), sample=100)
    assert (seen.rows, seen.sampled) == (1200, 100)
    assert seen.labels == {"bad": 800, "good": 400}
    assert seen.languages == {"zh": 900, "en": 300}
    assert seen.labels_by_language["en"] == {"bad": 200, "good": 100}
    assert set(seen.lengths) == {"all", "zh", "en"}
    assert sum(seen.lengths["zh"].histogram.values()) == 900
    told = json.loads(json.dumps(seen.to_json(), ensure_ascii=False))
    assert told["balance"]["verdict"] == "uneven"
    assert told["scripts"] is None
    assert told["lengths"]["all"]["quantiles"].keys() >= {"0", "0.5", "1"}


def test_a_profile_is_the_same_for_the_same_seed() -> None:
    """The sample is drawn, not the head of the file."""
    examples = [
        *_examples(300),
        *(Example(id=f"x{row}", text="此用户没有填写评价", label="good") for row in range(300)),
    ]
    assert profile(examples, sample=200, seed=3) == profile(examples, sample=200, seed=3)
    assert 0.35 < profile(examples, sample=200, seed=3).boilerplate[0].share < 0.65


def test_phrases_scripts_and_giveaways_are_looked_for() -> None:
    """In the labelled rows of the sample."""
    pytest.importorskip("opencc")
    rows = [
        Example(id=str(row), text=f"這個{row} [{label}]", label=label) for row in range(60) for label in ("yes", "no")
    ]
    rows.append(Example(id="unlabelled", text="这个"))
    seen = profile(rows, with_scripts=True)
    assert {found.culprit for found in seen.giveaways} == {"[yes]", "[no]"}
    assert seen.scripts is not None
    assert (seen.scripts.traditional, seen.scripts.simplified) == (120, 1)


def test_outliers_are_few_where_lengths_are_usual() -> None:
    """A text of two characters and one of ten thousand stand out among hundreds of about fifty, at any unit."""
    counts = Counter({45: 100, 50: 200, 56: 100, 62: 80, 40: 80, 2: 1, 10_000: 2})
    lengths = measured(counts)
    assert (lengths.too_short, lengths.too_long, lengths.shortest, lengths.longest) == (1, 2, 40, 62)
    same = measured({7: 10})
    assert (same.too_short, same.too_long, same.quantiles[0.5]) == (0, 0, 7)


@settings(deadline=None)
@given(st.lists(st.integers(0, 5000), min_size=1))
def test_quantiles_are_those_of_the_sorted_lengths(values: list[int]) -> None:
    """The median and the ends; every row is in the histogram."""
    lengths = measured(Counter(values))
    ranked = sorted(values)
    assert lengths.quantiles[0.0] == ranked[0]
    assert lengths.quantiles[0.5] == ranked[(len(ranked) + 1) // 2 - 1]
    assert lengths.quantiles[1.0] == ranked[-1]
    assert sum(lengths.histogram.values()) == len(values)
    assert all(low <= ranked[-1] for low in lengths.histogram)
    assert lengths.too_short + lengths.too_long < len(values)


def test_balance_counts_labels_by_their_entropy() -> None:
    """Two even labels are two; one label is no balance."""
    even, skewed = balance({"a": 50, "b": 50}), balance({"a": 990, "b": 10, "": 7})
    assert even is not None
    assert skewed is not None
    assert (even.effective, even.ratio, even.verdict) == (pytest.approx(2), 1, "even")
    assert (skewed.ratio, skewed.smallest, skewed.labels, skewed.verdict) == (99, "b", 2, "skewed")
    assert 1 < skewed.effective < 1.1
    assert "macro F1" in str(skewed.to_json()["advice"])
    assert balance({"a": 3}) is None


def test_no_rows_make_an_empty_profile() -> None:
    """Nothing is divided by nothing."""
    assert profile([]).to_json()["lengths"] == {}
