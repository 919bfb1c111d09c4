"""A label that stands in its texts raises alarm; a topic's own word does not."""

import random

import pytest

from argosy.data.labels.giveaway import giveaways

WORDS = ("parcel", "came", "late", "box", "wet", "lift", "room", "staff", "clean", "broken", "good", "bad", "price")
HAN = "这那个是很好坏了房间快递电池屏幕早餐服务我们大小新旧慢热冷上下来去有没得到"


def _rows(labels: list[str], count: int = 400) -> tuple[list[str], list[str]]:
    chance = random.Random(1)
    texts = [
        " ".join(chance.choices(WORDS, k=9)) if row % 2 else "".join(chance.choices(HAN, k=15)) for row in range(count)
    ]
    return texts, [chance.choice(labels) for _ in range(count)]


@pytest.mark.parametrize(
    ("form", "labels", "place", "culprits"),
    [
        ("{text} [{label}]", ["positive", "negative"], "end", {"[positive]", "[negative]"}),
        ("标签：{label} {text}", ["好评", "差评"], "start", {"标签：好评", "标签：差评"}),
        ("{text} Label = {label}.", ["pos", "neg"], "end", {"label = pos.", "label = neg."}),
        ("{text}（{label}）", ["好评", "差评"], "end", {"（好评）", "（差评）"}),
    ],
)
def test_a_label_in_marks_is_found_even_when_few_rows_have_it(
    form: str, labels: list[str], place: str, culprits: set[str]
) -> None:
    """In one row of ten."""
    texts, given = _rows(labels)
    texts = [
        form.format(text=text, label=label) if row % 10 == 0 else text
        for row, (text, label) in enumerate(zip(texts, given, strict=True))
    ]
    found = giveaways(texts, given)
    assert {one.culprit for one in found} == culprits
    for one in found:
        assert (one.place, one.precision) == (place, 1.0)
        assert 0.04 < one.coverage < 0.2
        assert all(one.culprit in example.casefold() for example in one.examples)
        assert len(one.to_json()["examples"]) == 3  # type: ignore[arg-type]


@pytest.mark.parametrize("labels", [["positive", "negative"], ["好评", "差评"]])
def test_a_bare_label_at_the_end_of_its_texts_is_found(labels: list[str]) -> None:
    """Without any marks, when nearly all have it."""
    texts, given = _rows(labels)
    found = giveaways([f"{text} {label}" for text, label in zip(texts, given, strict=True)], given)
    assert [(one.label, one.place) for one in found] == [(label, "end") for label in sorted(labels)]


def test_a_code_for_the_label_is_found_anywhere() -> None:
    """A word of its own in all texts of the labels of most rows."""
    texts, given = _rows(["positive", "negative"])
    code = {"positive": "xq1", "negative": "xq0"}
    found = giveaways([f"{code[label]} {text}" for text, label in zip(texts, given, strict=True)], given)
    assert {(one.culprit, one.label, one.place) for one in found} == {
        ("xq1", "positive", "anywhere"),
        ("xq0", "negative", "anywhere"),
    }


def test_a_topics_own_word_is_no_alarm() -> None:
    """One label of eight has a word of its own ("passcode" under passcode_forgotten), the rest have ordinary ones."""
    texts, given = _rows([f"topic_{number}" for number in range(7)])
    texts += [f"{text} my passcode {text}" for text in texts[:50]]
    assert giveaways(texts, [*given, *["passcode_forgotten"] * 50]) == []


def test_words_that_lean_to_a_label_are_no_alarm() -> None:
    """In nine of ten cases right and in a third of the texts: that is what there is to learn."""
    chance = random.Random(3)
    texts, given = _rows(["positive", "negative"])
    leaning = {"positive": "great 很棒", "negative": "awful 很差"}
    texts = [
        f"{text} {leaning[label]} {text}" if chance.random() < 0.35 else text
        for text, label in zip(texts, given, strict=True)
    ]
    assert giveaways(texts, given) == []
    assert giveaways(texts, ["same"] * len(texts)) == giveaways([], []) == []


def test_labels_that_are_empty_or_full_of_marks_do_no_harm() -> None:
    """They are names like others."""
    texts, given = _rows(["a(b", "[c]+", " ", "1"])
    assert giveaways(texts, given) == []
