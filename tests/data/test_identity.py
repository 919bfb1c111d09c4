"""A swapped text is the same text about somebody else, in both languages, and nothing else is touched."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.data.identity import GROUPS, counterfactuals


def swapped(text: str, group: str, seed: int = 0) -> str:
    """The text with this group's terms swapped; itself where there are none."""
    return next((one.text for one in counterfactuals(text, Random(seed)) if one.group == group), text)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Her husband told her HIS price, not hers.", "His wife told him HER price, not his."),
        ("He gave it to her and left.", "She gave it to him and left."),
        ("that book of his is bad", "that book of hers is bad"),
        ("She's a waitress; he isn't", "He's a waiter; she isn't"),
        ("Mr. Brown is no gentleman", "Ms. Brown is no lady"),
        ("她老公说他很好", "他老婆说她很好"),
        ("王先生和李女士", "王女士和李先生"),
        ("帅哥服务员的女朋友", "美女服务员的男朋友"),
    ],
)
def test_gender_changes_all_at_once_and_keeps_the_grammar(text: str, other: str) -> None:
    """Pronouns by what follows them, letter case as it was; pairs swap both ways."""
    assert swapped(text, "gender") == other


@pytest.mark.parametrize(
    "text",
    [
        "oh man this is bad",
        "the old phone went straight to a black case",
        "a blind date with French fries",
        "Christian Dior",
        "theater, shepherd, this",
        "其他吉他",
        "先生产再卖",
        "两公斤他妈的",
        "美国人民，北京人口",
        "盲人按摩",
        "190后",
        "ask @her at http://he.com/she about [NAME]",
        "",
    ],
)
def test_words_that_mean_something_else_stay(text: str) -> None:
    """Compounds, colours, idioms, mentions, addresses and tokens are no identity terms."""
    assert counterfactuals(text, Random(0)) == []


@pytest.mark.parametrize(
    ("text", "group", "found"),
    [
        ("an old man", "age", "old"),
        ("90后", "age", "90后"),
        ("A Chinese customer", "origin", "Chinese"),
        ("河南人很热情", "origin", "河南人"),
        ("Muslims live here", "religion", "Muslims"),
        ("门口有清真寺", "religion", "清真寺"),
        ("blind people", "disability", "blind"),
        ("对残疾人友好", "disability", "残疾人"),
        ("a gay couple", "orientation", "gay"),
        ("同性恋", "orientation", "同性恋"),
        ("ask Emily", "name", "Emily"),
        ("找李娜", "name", "李娜"),
    ],
)
def test_each_group_is_found_in_both_languages(text: str, group: str, found: str) -> None:
    """The term changes into another of the group; the rest of the text stays."""
    (one,) = [one for one in counterfactuals(text, Random(3)) if one.group == group]
    assert one.found == found
    assert one.put.lower() != found.lower()
    assert one.put in one.text
    assert found not in one.text


def test_the_article_fits_the_new_term() -> None:
    """Whatever is drawn."""
    made = {swapped("He is an old man", "age", seed) for seed in range(20)}
    assert made == {"He is a young man", "He is an elderly man", "He is a middle-aged man"}
    assert swapped("An American customer", "origin", 5).split()[0] in {"A", "An"}
    assert all("a Indian" not in swapped("a German man", "origin", seed) for seed in range(30))


def test_a_term_that_the_text_holds_already_is_not_put() -> None:
    """Two groups that are compared stay two, and every mention of the one changes alike."""
    made = {swapped("Muslims and Christians; Muslims!", "religion", seed) for seed in range(30)}
    assert all(text.count("Christians") == 1 and "Muslims" not in text for text in made)
    assert all(len({text.split()[0], text.split()[-1].rstrip("!")}) == 1 for text in made)


@given(
    st.text(st.sampled_from("她he his Mr. 他先生 old Chinese man 90后 基督徒 a\n#@[]/:"), max_size=60),
    st.integers(0, 9),
)
def test_any_text_is_taken(text: str, seed: int) -> None:
    """At most one swap a group, none that changes nothing, the same for the same seed."""
    found = counterfactuals(text, Random(seed))
    groups = [one.group for one in found]
    assert groups == [group for group in GROUPS if group in groups]
    assert all(one.text != text for one in found)
    assert found == counterfactuals(text, Random(seed))
