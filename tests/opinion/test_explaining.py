"""Why a text is read so: the words without which its label would be less likely."""

from collections.abc import Mapping, Sequence

import pytest

from argosy.opinion.explaining import explained

BAD = {"broke": 0.5, "垃圾": 0.6, "late": 0.2}


def chances(texts: Sequence[str]) -> list[Mapping[str, float]]:
    """A model that adds up what bad words weigh."""
    said = [min(sum(weight for word, weight in BAD.items() if word in text), 1.0) for text in texts]
    return [{"negative": one, "positive": 1 - one} for one in said]


@pytest.mark.parametrize(
    ("text", "heavy"),
    [("The kettle broke, and it came late.", {"broke": 0.5, "late": 0.2}), ("这个水壶真是垃圾", {"垃圾": 0.6})],
)
def test_the_words_that_speak_for_the_label_weigh(text: str, heavy: dict[str, float]) -> None:
    """Each with its place; the others weigh nothing."""
    told = explained(text, chances)
    assert told["label"] == "negative"
    found = {text[one["begin"] : one["end"]]: one["weight"] for one in told["words"]}
    assert {word: weight for word, weight in found.items() if weight > 0} == pytest.approx(heavy)
    assert [one["begin"] for one in told["words"]] == sorted(one["begin"] for one in told["words"])


@pytest.mark.parametrize("text", ["", "😀😀", "…", "a" * 100_000])
def test_whatever_stands_there_is_explained(text: str) -> None:
    """A text without words has none, and a long one is not asked about without end."""
    asked = 0

    def counted(texts: Sequence[str]) -> list[Mapping[str, float]]:
        nonlocal asked
        asked += len(texts)
        return chances(texts)

    told = explained(text, counted)
    assert all(one["word"] for one in told["words"])
    assert asked <= 81
