"""Languages are told apart among the project's own, and a label that is only the language is warned of."""

import numpy as np
import pytest

from argosy.core.errors import ProjectError
from argosy.data.language import association, detect, likeliest

ENGLISH = ["broke after a day", "Great value!", "ok", "The battery died within one week", "would buy again"]
CHINESE = ["物流很快", "这个app很好用，UI也nice", "iPhone 15 Pro Max 很好", "好", "不錯"]


def test_chinese_and_english_are_told_apart_in_short_texts() -> None:
    """Also in mixed ones, and in either order of the project's languages."""
    for languages in (["zh", "en"], ["en", "zh"]):
        assert detect([*ENGLISH, *CHINESE], languages) == ["en"] * 5 + ["zh"] * 5


def test_an_english_sentence_about_a_chinese_name_is_english() -> None:
    """A few characters do not make a sentence Chinese."""
    assert detect(["The hotpot at 海底捞 was great and the staff were really friendly"], ["zh", "en"]) == ["en"]


def test_only_the_languages_of_the_project_are_answered() -> None:
    """A text in another language gets the nearest; regions are kept as the project writes them."""
    assert set(detect(["Das ist ein gutes Buch", "très bien", "12 !", ""], ["zh-CN", "en"])) <= {"zh-CN", "en"}
    assert detect(["很好", "Das ist wirklich ein gutes Buch"], ["zh-CN", "de"]) == ["zh-CN", "de"]
    assert detect(["anything"], ["fr"]) == ["fr"]


def test_three_languages_with_two_in_latin_letters() -> None:
    """Characters settle Chinese, statistics the rest."""
    texts = ["Das Essen war leider nicht besonders gut", "The food was not that good", "味道一般"]
    assert detect(texts, ["en", "de", "zh"]) == ["de", "en", "zh"]


def test_japanese_beside_chinese_goes_by_statistics() -> None:
    """Characters are shared there, so they prove nothing."""
    assert detect(["この製品は本当に良いです", "这个产品真的很好"], ["zh", "ja"]) == ["ja", "zh"]


def test_an_unknown_language_is_an_error() -> None:
    """With the key of the project file that holds it."""
    with pytest.raises(ProjectError, match="languages: The language 'xx' is not known"):
        detect(["a"], ["en", "xx"])


def test_the_languages_of_a_file_are_guessed() -> None:
    """Both, most frequent first; digits do not vote."""
    texts = ["The delivery was late and the box was broken"] * 6 + ["物流很快，包装也好"] * 4 + ["123"] * 9
    assert likeliest(texts) == ["en", "zh"]


def test_a_label_given_away_by_the_language_is_warned_of() -> None:
    """All Chinese rows positive and all English rows negative: the language is the answer."""
    found = association(["zh"] * 50 + ["en"] * 50, ["pos"] * 50 + ["neg"] * 50)
    assert found.warn
    assert found.cramers_v == pytest.approx(1, abs=0.02)
    assert (found.by_language, found.majority) == (1, 0.5)


def test_a_class_that_one_language_alone_has_is_warned_of() -> None:
    """Three classes in English, two in Chinese: the accuracy hardly moves, the association does."""
    languages, labels = ["zh"] * 300 + ["en"] * 300, ["pos", "neg"] * 150 + ["pos", "neg", "neutral"] * 100
    assert association(languages, labels).warn


def test_labels_independent_of_the_language_are_not_warned_of() -> None:
    """Over many draws, about one in a hundred may be."""
    draw = np.random.default_rng(0)
    warned = 0
    for _ in range(100):
        languages, labels = draw.choice(["zh", "en"], 400), draw.choice(["a", "b", "c"], 400)
        warned += association(languages.tolist(), labels.tolist()).warn
    assert warned <= 3


@pytest.mark.parametrize(("languages", "labels"), [([], []), (["zh"] * 3, ["a", "b", "a"]), (["zh", "en"], ["a", "a"])])
def test_one_language_or_one_label_tells_nothing(languages: list[str], labels: list[str]) -> None:
    """No table, no association, no warning."""
    found = association(languages, labels)
    assert (found.cramers_v, found.p, found.warn) == (0, 1, False)
    assert found.by_language == found.majority


def test_texts_that_are_hardly_in_any_language_end_the_search() -> None:
    """A text that even its likeliest language does not explain is not looked at for ever."""
    assert len(likeliest(["a b"])) == 1
    assert len(likeliest(["z q"] * 20)) == 1
