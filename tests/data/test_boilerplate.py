"""Phrases that recur word by word are found; ordinary language is not."""

import random

import pytest

from argosy.data.boilerplate import boilerplate

ENGLISH = (
    "the a parcel box lift room staff was were is not very quite never clean broken late good bad on in of it we they"
)
CHINESE = "这个那是不很好坏了的房间快递电池屏幕早餐服务员我们他大小新旧慢快热冷上下来去有没得到给让把被从在和也都就"


def _texts(count: int, seed: int = 1) -> list[str]:
    chance = random.Random(seed)
    english = [" ".join(chance.choices(ENGLISH.split(), k=chance.randint(6, 20))) for _ in range(count)]
    chinese = ["".join(chance.choices(CHINESE, k=chance.randint(6, 30))) for _ in range(count)]
    return [text for pair in zip(english, chinese, strict=True) for text in pair]


@pytest.mark.parametrize(
    ("phrase", "place"),
    [("Sent from my iPhone", "end"), ("此用户没有填写评价", "whole"), ("【官方旗舰店】 尊敬的客户，您好", "start")],
)
def test_a_recurring_phrase_is_told_with_its_place_and_share(phrase: str, place: str) -> None:
    """Once, in full, and as it is written."""
    texts = _texts(500)
    for at in range(0, 1000, 25):
        texts[at] = {"end": f"{texts[at]} {phrase}", "start": f"{phrase} {texts[at]}", "whole": phrase}[place]
    (found,) = boilerplate(texts)
    assert (found.place, found.count, found.share) == (place, 40, 0.04)
    assert found.text == phrase.strip("【】")
    assert found.to_json() == {"text": found.text, "count": 40, "share": 0.04, "place": place}


def test_a_phrase_in_the_middle_is_inside() -> None:
    """Whatever stands around it."""
    texts = [
        f"{one} terms and conditions apply {other}" for one, other in zip(_texts(30, 2), _texts(30, 3), strict=True)
    ]
    (found,) = boilerplate([*texts, *_texts(500)])
    assert (found.text, found.place, found.count) == ("terms and conditions apply", "inside", 60)


def test_ordinary_language_is_no_boilerplate() -> None:
    """Frequent beginnings that go on in many ways are how people speak."""
    chance = random.Random(4)
    verbs = ["get", "use", "change", "order", "block", "find", "cancel", "top", "verify", "see"]
    starts = ["how do i {}", "how can i {}", "where can i {}", "do i need to {}", "how do you {}", "i do not {}"]
    asked = [f"{chance.choice(starts).format(chance.choice(verbs))} {text}" for text in _texts(500)]
    assert boilerplate(asked) == []
    assert boilerplate([]) == boilerplate(["one text"]) == []


def test_a_rare_phrase_is_not_told() -> None:
    """Below the share, or in fewer than ten texts."""
    texts = _texts(1000)
    texts[:15] = [f"{text} sent from my iPhone" for text in texts[:15]]
    assert boilerplate(texts) == []
    assert [phrase.text for phrase in boilerplate(texts, 0.005)] == ["sent from my iPhone"]


def test_the_ends_of_very_long_texts_are_looked_at() -> None:
    """A signature below thousands of words is found and written as it stands."""
    texts = [" ".join(_texts(100, seed)) + " -- Kind regards, the Crane Team" for seed in range(12)]
    assert [phrase.text for phrase in boilerplate(texts) if phrase.place == "end"] == ["Kind regards, the Crane Team"]
