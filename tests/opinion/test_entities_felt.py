"""What is felt about each entity follows the parts that speak of it, in both languages."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.core.opinion import About
from argosy.opinion.entities.clauses import parts
from argosy.opinion.entities.felt import felt
from argosy.opinion.entities.find import Entities, Named
from argosy.opinion.entities.validate import Told, validate

KNOWN = Entities([Named(name="Apple", aliases=["苹果"]), Named(name="Tesla", aliases=["特斯拉"])])
GOOD = ("great", "love", "better", "prefer", "reliable", "praised", "beautiful", "好", "喜欢", "可靠", "表扬", "快")
BAD = ("terrible", "hate", "worse", "sued", "criticized", "awful", "break", "差", "讨厌", "起诉", "批评", "失灵", "慢")


class Model:
    """Counts good and bad words; ``asked`` are the texts of each call."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def __call__(self, texts: Sequence[str]) -> list[Mapping[str, float]]:
        """By ``chances``."""
        self.asked.append(list(texts))
        return [chances(text) for text in texts]


def chances(text: str) -> dict[str, float]:
    """By good less bad words."""
    score = sum(word in text.lower() for word in GOOD) - sum(word in text.lower() for word in BAD)
    likely = "positive" if score > 0 else "negative" if score < 0 else "neutral"
    return {label: 0.8 if label == likely else 0.1 for label in ("negative", "neutral", "positive")}


def read(texts: Sequence[str], model: Model | None = None) -> list[tuple[About, ...]]:
    """What is felt in each text."""
    return felt(texts, [KNOWN.find(text) for text in texts], model or Model(), [chances(text) for text in texts])


def said(text: str) -> tuple[str, str]:
    """What is felt about Apple and about Tesla."""
    by = {one.entity: one.sentiment for one in read([text])[0]}
    return by["Apple"], by["Tesla"]


UP, DOWN, NONE = "positive", "negative", "neutral"


@pytest.mark.parametrize(
    ("text", "apple", "tesla"),
    [
        ("Apple is great, but Tesla is terrible.", UP, DOWN),
        ("Apple is great; however, Tesla is terrible", UP, DOWN),
        ("While Apple is terrible, Tesla is great", DOWN, UP),
        ("I love Apple and hate Tesla", UP, DOWN),
        ("Apple is better than Tesla", UP, DOWN),
        ("Apple is worse than the Tesla", DOWN, UP),
        ("I prefer Tesla to Apple", DOWN, UP),
        ("Apple is not better than Tesla", DOWN, UP),
        ("Apple is more reliable than Tesla", UP, DOWN),
        ("Tesla beats Apple", DOWN, UP),
        ("Tesla lags behind Apple", UP, DOWN),
        ("Unlike Tesla, Apple is reliable", UP, DOWN),
        ("Compared to Apple, Tesla is awful", UP, DOWN),
        ("Apple was sued by Tesla", DOWN, NONE),
        ("Apple criticized Tesla", NONE, DOWN),
        ("Tesla praised Apple", UP, NONE),
        ("Apple and Tesla are both awful", DOWN, DOWN),
        ("Apple is here. It is beautiful. Tesla doors break.", UP, DOWN),
        ("Apple met Tesla. Both are great.", UP, UP),
        ("苹果很好用，但特斯拉太差了", UP, DOWN),
        ("我喜欢苹果而讨厌特斯拉", UP, DOWN),
        ("苹果很好，反而特斯拉慢", UP, DOWN),
        ("苹果比特斯拉好", UP, DOWN),
        ("苹果不如特斯拉", DOWN, UP),
        ("苹果没有特斯拉好", DOWN, UP),
        ("苹果比特斯拉可靠", UP, DOWN),
        ("特斯拉完胜苹果", DOWN, UP),
        ("和特斯拉相比，苹果更可靠", UP, DOWN),
        ("特斯拉被苹果起诉", NONE, DOWN),
        ("苹果表扬了特斯拉", NONE, UP),
        ("苹果和特斯拉都很差", DOWN, DOWN),
        ("特斯拉来了，刹车失灵。苹果来了，物流快", UP, DOWN),
    ],
)
def test_each_has_its_own(text: str, apple: str, tesla: str) -> None:
    """Contrast, comparison, passive, lists, and clauses that name nobody."""
    assert said(text) == (apple, tesla)


def test_who_is_named_beside_one_of_a_comparison_stands_with_it() -> None:
    """A list on either side."""
    entities = Entities([Named(name=name) for name in ("Apple", "Tesla", "Acme")])
    text = "Apple and Acme are more reliable than Tesla"
    found = felt([text], [entities.find(text)], Model(), [chances(text)])[0]
    assert {one.entity: one.sentiment for one in found} == {"Apple": UP, "Acme": UP, "Tesla": DOWN}


def test_who_is_meant_after_a_comparison() -> None:
    """The one that it is about."""
    assert said("Apple is worse than Tesla. It is terrible.") == (DOWN, UP)


def test_one_entity_or_one_statement_has_the_whole_texts_chances() -> None:
    """The model is not asked again."""
    model = Model()
    found = read(["Apple is great. The rest is terrible.", "Apple, Tesla: awful", "nobody"], model)
    assert [one.chances for one in found[0]] == [chances("Apple is great. The rest is terrible.")]
    assert {one.sentiment for one in found[1]} == {DOWN}
    assert found[2] == ()
    assert model.asked == []


def test_all_texts_are_asked_about_at_once() -> None:
    """One call, each question once."""
    model = Model()
    read(["Apple is great, but Tesla is terrible."] * 3 + ["苹果比特斯拉可靠", "苹果比特斯拉好"], model)
    assert [sorted(asked) for asked in model.asked] == [["Apple is great", "Tesla is terrible", "苹果可靠"]]


@given(
    st.lists(st.sampled_from(["Apple", "Tesla", " but ", ", ", ". ", " and ", "than ", "比", "被", "苹果", "和", "x"]))
)
@settings(max_examples=200, deadline=None)
def test_every_named_entity_has_a_feeling(words: list[str]) -> None:
    """Whatever the text; chances sum to one."""
    text = "".join(words)
    found = KNOWN.find(text)
    assert {part.entity for part in parts(text, found)} <= {entity for entity, _ in found}
    for one in read([text])[0]:
        assert sum(one.chances.values()) == pytest.approx(1)


@pytest.mark.parametrize("junk", [", " * 5_000, " " * 50_000, "!" * 20_000, "and " * 3_000, "—" * 20_000, "。" * 9_000])
def test_junk_between_names_takes_no_time(junk: str) -> None:
    """No pattern tries every way to part it."""
    assert {one.entity for one in read([f"Apple {junk}x Tesla {junk}"])[0]} == {"Apple", "Tesla"}


def test_validated_from_a_hundred_rows_of_a_language_on() -> None:
    """Missed entities count as wrong, and each language for itself."""
    rows = [
        Told(text=f"Apple is great, but Tesla is terrible {number}", language="en", entity=entity, about=about)
        for number in range(50)
        for entity, about in (("Apple", "positive"), ("Tesla", "negative"))
    ]
    rows += [Told(text=f"苹果很好 {number}", language="zh", entity="苹果", about="positive") for number in range(99)]
    english, chinese = validate(rows, read)
    assert (english.language, english.rows, english.accuracy.value, english.validated) == ("en", 100, 1.0, True)
    assert english.macro_f1.value == pytest.approx(1.0)
    assert (chinese.found, chinese.accuracy.value, chinese.validated) == (0, 0.0, False)
    assert english.to_json()["accuracy"]["low"] < 1
