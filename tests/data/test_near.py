"""Near-duplicates are found whatever carries no meaning changes, and short answers are never taken for each other."""

import random
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from argosy.data.near import THRESHOLD, clusters, leaks, leaks_between, similarity
from argosy.data.sketch import SKETCH, normal, signatures, sketches

HAN = [chr(code) for code in range(0x4E00, 0x5200)]
CONSONANTS, VOWELS = "bcdfghklmnprst", "aeiou"


Write = Callable[[random.Random], str]


def _chinese(chance: random.Random) -> str:
    return "，".join("".join(chance.choices(HAN, k=chance.randint(9, 14))) for _ in range(chance.randint(2, 6))) + "。"


def _word(chance: random.Random) -> str:
    return "".join(chance.choice(CONSONANTS) + chance.choice(VOWELS) for _ in range(chance.randint(1, 4)))


def _english(chance: random.Random) -> str:
    return " ".join(_word(chance) for _ in range(chance.randint(11, 30))).capitalize() + "."


def _one_character(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) - 1)
    return text[:at] + "x" + text[at + chance.randint(0, 1) :]


def _one_word(text: str, chance: random.Random) -> str:
    if " " not in text:
        at = chance.randrange(len(text) - 2)
        return text[:at] + "".join(chance.choices(HAN, k=2)) + text[at + 2 :]
    words = text.split()
    at = chance.randrange(len(words))
    return " ".join([*words[:at], _word(chance), *words[at + chance.randint(0, 1) :]])


def near_clusters(texts: Sequence[str], threshold: float = THRESHOLD) -> NDArray[np.int64]:
    """The first text of each text's cluster, of texts in memory."""
    return clusters(sketches(texts), lambda rows: [texts[row] for row in rows], threshold)


CHANGES = {
    "marks, case, spaces and emoji": lambda text, chance: "😀 " + text.upper().replace("，", " ! ").replace(" ", "  "),
    "one character": _one_character,
    "one word": _one_word,
    "a repost": lambda text, chance: ("RT " if " " in text else "转发：") + text,
    "a link": lambda text, chance: f"{text} https://t.co/{chance.random()}",
    "the last tenth": lambda text, chance: text[: len(text) - len(text) // 10],
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("write", [_chinese, _english])
def test_planted_near_duplicates_are_found_inside_a_pool_and_across_splits(write: Write, change: str) -> None:
    """In both languages at least 99 of 100, and nothing else is found."""
    chance = random.Random(f"{change} {write.__name__}")
    texts = [write(chance) for _ in range(400)]
    copies = [CHANGES[change](text, chance) for text in texts]
    first = near_clusters([*texts, *copies])
    assert (first[:400] == np.arange(400)).all()
    assert (first[400:] == np.arange(400)).mean() >= 0.99
    found = leaks(copies, texts)
    assert all(leak.held_out == leak.training and leak.similarity >= 0.9 for leak in found)
    assert len(found) >= 396


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("要退款", "不要退款"),
        ("not good", "good"),
        ("打5分", "打1分"),
        ("好评", "差评"),
        ("I like it", "I liked it not"),
    ],
)
def test_short_texts_are_near_only_when_they_are_equal(one: str, other: str) -> None:
    """One character turns their meaning."""
    assert similarity(one, other) == 0
    assert near_clusters([one, other]).tolist() == [0, 1]
    assert similarity(one, f"  {one.upper()}！") == 1


def test_texts_of_emoji_alone_are_not_all_the_same() -> None:
    """What has no letter is compared as it is."""
    assert near_clusters(["😀", "😡", "!!", "??", "", "😀"]).tolist() == [0, 1, 2, 3, 4, 0]


def test_near_to_near_is_one_cluster_named_by_its_first_row() -> None:
    """A chain of single changes hangs together; the order within it does not matter."""
    start = "the parcel arrived two days late and the box was wet on one side"
    chain = [start, start.replace("two", "three"), start.replace("two", "three").replace("wet", "torn")]
    assert near_clusters(["something else entirely, nothing of the kind", *reversed(chain)]).tolist() == [0, 1, 1, 1]


def test_equal_texts_and_templates_in_great_numbers_take_no_quadratic_time() -> None:
    """20,000 equal texts and 5,000 that differ in a number are two clusters."""
    texts = ["此用户没有填写评价，系统默认好评，谢谢惠顾"] * 20_000
    texts += [f"Your order number {number} has left our warehouse and will arrive soon" for number in range(5_000)]
    first = near_clusters(texts)
    assert (first[:20_000] == 0).all()
    assert (first[20_000:] == 20_000).mean() > 0.999


def test_every_leaking_row_of_either_side_is_told() -> None:
    """With its most similar partner; twins on both sides do not multiply."""
    near = "the hotel was clean and the breakfast was good but the lift was broken"
    training = ["好评！"] * 100 + [near.upper(), "nothing like it at all, I am afraid to say", near + " again"]
    found = leaks(["好评", near, "好 评", "unheard of"], training)
    assert {leak.held_out for leak in found} == {0, 1, 2}
    assert {leak.training for leak in found} == {*range(101), 102}
    assert [leak.similarity for leak in found if leak.training == 100] == [1.0]
    assert all(0.9 <= leak.similarity < 1 for leak in found if leak.training == 102)
    assert len(found) <= 104
    assert leaks([], training) == leaks(training, []) == []


def test_a_higher_threshold_finds_less() -> None:
    """At 1 only texts that are equal but for marks are left."""
    texts = [
        "今天下午收到了货，包装很好，物流也快",
        "今天下午收到了货，包装很好，物流很快",
        "今天下午收到了货!包装很好!物流也快!",
    ]
    assert near_clusters(texts).tolist() == [0, 0, 0]
    assert near_clusters(texts, 1.0).tolist() == [0, 1, 0]


@settings(deadline=None)
@given(st.lists(st.text(max_size=40)))
def test_a_sketch_does_not_depend_on_the_company(texts: list[str]) -> None:
    """So batches of any size give the same; rows with equal letters have equal keys."""
    alone = [sketches([text])[0] for text in texts]
    assert [row.tobytes() for row in sketches(texts)] == [row.tobytes() for row in alone]
    bare = [form.replace(" ", "") for form in normal(texts)]
    keys = [int(row["key"]) for row in alone]
    assert len(set(zip(keys, bare, strict=True))) == len(set(keys)) == len(set(bare))


@settings(deadline=None)
@given(st.lists(st.text(alphabet="ab 好评不。😀", max_size=40)))
def test_every_text_belongs_to_the_cluster_of_its_equals(texts: list[str]) -> None:
    """The first row of a cluster is its own, and equal letters meet."""
    first = near_clusters(texts)
    assert (first[first] == first).all()
    assert (first <= np.arange(len(texts))).all()
    for row, text in enumerate(texts):
        assert first[row] == first[next(at for at, other in enumerate(texts) if similarity(text, other) == 1)]


def test_texts_are_asked_for_by_ascending_rows_and_only_where_sketches_meet() -> None:
    """So that they may stand in a file."""
    chance = random.Random(1)
    texts = [_english(chance) for _ in range(500)]
    texts.append(texts[7] + " again")
    asked: list[int] = []

    def texts_of(rows: NDArray[np.int64]) -> list[str]:
        assert (np.diff(rows) > 0).all()
        asked.extend(rows.tolist())
        return [texts[row] for row in rows]

    drawn = sketches(texts)
    assert drawn.dtype == SKETCH
    assert clusters(drawn, texts_of)[500] == 7
    assert len(asked) < 50
    assert leaks_between(drawn[500:], drawn[:500], lambda rows: [texts[500]], texts_of)["training"].tolist() == [7]


def test_long_texts_are_compared_too() -> None:
    """5,000 characters with a few words changed, in the middle of others like them."""
    chance = random.Random(2)
    long = [" ".join(_word(chance) for _ in range(1000)) for _ in range(20)]
    changed = " ".join(word if chance.random() > 0.03 else "other" for word in long[3].split())
    assert near_clusters([*long, changed]).tolist() == [*range(20), 3]


def test_signatures_of_long_texts_share_values_as_their_shingles_do() -> None:
    """Equal texts share all, alike ones some, others none; short ones have none; whatever stands beside them."""
    text = "thequickbrownfoxjumpsoverthelazydogandrunsawayfromtheriverbank"
    texts = [text, "short", text, text.replace("lazy", "idle"), "".join(reversed(text))]
    long, columns = signatures(texts, 16, 3)
    assert long.tolist() == [0, 2, 3, 4]
    shared = [(columns[0] == row).sum() for row in columns]
    assert shared[0] == shared[1] == columns.shape[1]
    assert 1 <= shared[2] < columns.shape[1]
    assert shared[3] == 0
    assert (signatures(texts[4:], 16, 3)[1] == columns[3:]).all()
    assert signatures([], 16, 3)[1].shape == (0, columns.shape[1])
