"""New labelled rows are settled, each text once, and parted for good into those that teach and those that judge."""

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.config.file import load
from argosy.core.watch import Place
from argosy.data.clean import DEFAULT_STEPS
from argosy.project.improving.challenger import divide, toml
from argosy.project.improving.gather import (
    FEEDBACK,
    FEWEST,
    PEOPLE,
    Gathered,
    Rules,
    Word,
    gather,
    held_out,
    key_of,
    spelt,
)
from argosy.project.improving.known import JUDGE, LEARN, Known, Pair, read_pairs, write_pairs
from argosy.project.improving.tries import Improvement, due, made, next_number, place_of, save, tries
from argosy.project.persons.carriers import carried, remove

RULES = Rules(steps=DEFAULT_STEPS, near=0.9, labels=("good", "bad"), trust={"ten_liar": 0.1})
NOUNS = (
    "camera",
    "kettle",
    "blanket",
    "lantern",
    "saddle",
    "trumpet",
    "ladder",
    "compass",
    "anchor",
    "violin",
    "锅",
    "伞",
)


def word(event: int, label: str, by: str = "ten_a", source: str = FEEDBACK, at: int = 0) -> Word:
    """What a source said of the text of an event; people label the events of the first tenant."""
    return Word(place=("ten_a", f"e{event}", 0), label=label, source=source, by=by, at=at)


def texts(*said: str) -> dict[Place, str]:
    """The texts of events in order."""
    return {("ten_a", f"e{event}", 0): text for event, text in enumerate(said)}


def labels_of(found: Gathered) -> dict[str, str]:
    """The label of each text."""
    return {row.text: row.label for row in found.rows}


def test_the_one_who_was_asked_is_believed_before_customers() -> None:
    """Two customers against one person; without the person, the majority by trust, and nobody where it is a tie."""
    said = [word(0, "bad"), word(0, "bad", "ten_b"), word(0, "good", PEOPLE, PEOPLE)]
    said += [word(1, "bad"), word(1, "good", "ten_b"), word(1, "good", "ten_c")]
    said += [word(2, "bad"), word(2, "good", "ten_b")]
    said += [word(3, "bad"), word(3, "good", "ten_liar")]
    said += [word(4, "bad", "ten_liar")]
    found = gather(said, texts("the camera", "a kettle", "my saddle", "old anchor", "一把伞"), [], RULES)
    assert labels_of(found) == {"the camera": "good", "a kettle": "good", "old anchor": "bad"}
    assert found.sources == {FEEDBACK: 2, PEOPLE: 1}
    assert found.dropped == {"outvoted": 4, "same_text": 1, "disputed": 2, "distrusted": 1}


def test_a_source_that_changes_its_mind_counts_once_and_spelling_is_no_topic() -> None:
    """The last word of a source stands; case, width and mapped spellings are the champion's labels."""
    said = [word(0, "bad", at=1), word(0, "ＧＯＯＤ ", at=2), word(1, "pos"), word(2, "NULL"), word(3, "good")]
    found = gather(spelt(said, RULES.labels, {"pos": "good"}), texts("the camera", "a kettle", "a ladder"), [], RULES)
    assert labels_of(found) == {"the camera": "good", "a kettle": "good"}
    assert found.dropped == {"taken_back": 1, "no_label": 1, "no_text": 1}


def test_what_the_champion_knows_is_not_learnt_again_and_near_twins_are_one() -> None:
    """A text that stands in its rows, nearly or in other case, is left out; so is one that another row repeats."""
    known = "The delivery was fast and everything was well packed indeed."
    near = "the delivery was fast and everything was well packed, indeed!!"
    twin = "It broke after one single day and nobody at all answers my mails"
    found = gather(
        [word(event, "bad") for event in range(4)],
        texts(near, known.upper(), twin, f"{twin}."),
        [known],
        RULES,
    )
    assert len(found.rows) == 1
    assert found.dropped == {"known": 2, "near_twin": 1}


@pytest.mark.parametrize(("rows", "kept"), [(FEWEST, FEWEST), (FEWEST - 1, 0)])
def test_a_new_label_is_a_topic_when_enough_texts_have_it(rows: int, kept: int) -> None:
    """A typing error is none."""
    found = gather([word(at, "login") for at in range(rows)], texts(*NOUNS[:rows]), [], RULES)
    assert len(found.rows) == kept
    assert found.dropped.get("rare_label", 0) == rows - kept


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["good", "bad"]), st.sampled_from("abc")), max_size=12))
def test_the_order_in_which_words_come_changes_nothing(said: Sequence[tuple[int, str, str]]) -> None:
    """The same words at the same times give the same rows, and every word is accounted for."""
    words = [word(event, label, by, at=at) for at, (event, label, by) in enumerate(said)]
    shuffled = random.Random(1).sample(words, len(words))
    one, other = (gather(some, texts(*NOUNS[:5]), [], RULES) for some in (words, shuffled))
    assert (one.rows, one.dropped, one.digest) == (other.rows, other.dropped, other.digest)
    assert len(one.rows) + sum(one.dropped.values()) == len(words)


def test_a_row_is_held_out_for_good() -> None:
    """The text decides, so that no later try learns from a row that judged; about the share is held out."""
    keys = [key_of(f"text number {at}", DEFAULT_STEPS) for at in range(2_000)]
    held = {key for key in keys if held_out(key, 0.3)}
    assert 0.26 < len(held) / len(keys) < 0.34
    assert held <= {key for key in keys if held_out(key, 0.5)}


def test_each_row_has_one_part() -> None:
    """New rows teach or judge; a label that stood on one row alone is learnt from where it judged before."""
    rows = gather([word(at, "good") for at in range(12)], texts(*NOUNS), [], RULES)
    known = Known(learn=[Pair(text="x", label="bad")] * 3, judge=[Pair(text="y", label="rare")], measured=["z"])
    parts = divide(known, rows, 0.4)
    assert len(parts.fresh) + len(parts.new) == 12
    assert not {pair.text for pair in parts.fresh} & {pair.text for pair in parts.new}
    assert (parts.old, parts.known[-1].label) == ([], "rare")
    assert all(pair.new and pair.new["source"] == FEEDBACK for pair in parts.fresh)


PLAIN = st.one_of(st.booleans(), st.integers(-(2**53), 2**53), st.text(st.characters(codec="utf-8")))


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8"), min_size=1), st.one_of(PLAIN, st.lists(st.text('a"\\\n\x7f店')))
    )
)
def test_what_is_written_as_toml_is_read_as_it_was(table: Mapping[str, object]) -> None:
    """Whatever stands in a project file."""
    import tomllib

    values = {"name": "x", "data": {"inner": dict(table), **table}}
    assert tomllib.loads("\n".join(toml(values))) == (values if table else {"name": "x"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project that is tried each week."""
    text = (
        'name = "p"\nlanguages = ["en"]\n[data]\npath = "r.csv"\n[base]\nmodel = "scratch"\n[improve]\nevery_days = 7\n'
    )
    (tmp_path / "argosy.toml").write_text(text, encoding="utf-8")
    return tmp_path


def done(number: int, at: int, challenger: Mapping[str, object] | None = None) -> Improvement:
    """A try."""
    return Improvement(
        number=number,
        at=at,
        model="p",
        champion={"version": 1, "digest": "a"},
        rows={},
        dropped={},
        rows_digest="",
        decision="keep",
        why="too_few_rows",
        challenger=challenger,
    )


def test_tries_are_numbered_kept_and_due(folder: Path) -> None:
    """A try that was stopped keeps its number; old ones go, but for the rows of those that a version came of."""
    day = 86_400_000_000
    assert (next_number(folder), due(folder, 0)) == (1, True)
    place_of(folder, 1).mkdir(parents=True)
    assert next_number(folder) == 1
    for number in range(1, 7):
        (place_of(folder, number) / ".argosy").mkdir(parents=True)
        (place_of(folder, number) / LEARN).touch()
        save(folder, done(number, number * day, {"version": 2, "digest": "b"} if number == 2 else None))
    assert next_number(folder) == 7
    assert [one.number for one in tries(folder)] == [2, 4, 5, 6]
    assert (place_of(folder, 2) / LEARN).exists()
    assert not (place_of(folder, 2) / ".argosy").exists()
    assert made(folder, "b") == done(2, 2 * day, {"version": 2, "digest": "b"})
    assert made(folder, "c") is None
    assert [due(folder, at * day) for at in (12, 13)] == [False, True]
    (place_of(folder, 6).parent / "begun").write_text(str(13 * day))
    assert [due(folder, at * day) for at in (13, 14)] == [False, True]
    (folder / "argosy.toml").write_text(
        (folder / "argosy.toml").read_text().replace("every_days = 7", "every_days = 0")
    )
    assert load(folder).improve.every_days == 0
    assert not due(folder, 100 * day)


def test_an_erased_text_leaves_the_files_of_every_try(folder: Path) -> None:
    """The line goes, the other rows stay as they were, and the file that names places holds no text."""
    pairs = [Pair(text="the parcel of Kim", label="bad"), Pair(text='好的\n"fine"', label="good", new={"event": "e1"})]
    for number, name in ((1, LEARN), (2, JUDGE)):
        place_of(folder, number).mkdir(parents=True)
        write_pairs(pairs, place_of(folder, number) / name)
    found = carried(folder, "", ["the parcel of Kim"])
    assert sorted(map(len, found.lines.values())) == [1, 1]
    remove(folder, found)
    assert [read_pairs(path) for path in found.lines] == [pairs[1:], pairs[1:]]
    assert json.loads((place_of(folder, 1) / LEARN).read_text(encoding="utf-8"))["new"] == {"event": "e1"}
