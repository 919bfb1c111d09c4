"""Feedback in both databases: once, in order, by time and model."""

from dataclasses import replace

from argosy.core.feedback import Feedback
from argosy.store.database import Database
from argosy.store.feedback import FeedbackTable

ONE = Feedback(id="fb_1", tenant="ten_a", event="evt_1", model="mood", index=0, label="good", at=10)


def test_the_same_words_are_kept_once(database: Database) -> None:
    """Whoever comes second gets what the first one left; another tenant's are its own."""
    log = FeedbackTable(database)
    assert log.add(ONE).result() == ONE
    assert log.add(replace(ONE, id="fb_2", at=20)).result() == ONE
    other = replace(ONE, id="fb_3", tenant="ten_b", at=30)
    assert log.add(other).result() == other
    assert list(log.between(0, 100)) == [ONE, other]


def test_times_are_half_open_and_pages_lose_nothing(database: Database) -> None:
    """What comes at the start counts and what comes at the end does not, over more than a page at one moment."""
    log = FeedbackTable(database)
    said = [replace(ONE, id=f"fb_{n:05}", event=f"evt_{n}", model=f"m{n % 2}", at=5 + n // 700) for n in range(1100)]
    for future in [log.add(one) for one in said]:
        future.result()
    assert list(log.between(5, 7)) == said
    assert list(log.between(6, 7)) == said[700:]
    assert list(log.between(0, 5)) == []
    assert list(log.between(5, 6, model="m1")) == said[1:700:2]


def test_who_takes_a_word_back_is_heard(database: Database) -> None:
    """What was said first, set right, and said again is a word of its own: the newest one stands; a repeat is none."""
    log = FeedbackTable(database)
    said = [replace(ONE, id=f"fb_{at}", label=label, at=at) for at, label in enumerate(["good", "bad", "good", "good"])]
    kept = [log.add(one).result() for one in said]
    assert kept == [*said[:3], said[2]]
    assert list(log.between(0, 100)) == said[:3]


def test_words_on_other_texts_of_a_request_are_no_answer_to_each_other(database: Database) -> None:
    """A repeat is one although another text was spoken of between."""
    log = FeedbackTable(database)
    log.add(ONE).result()
    log.add(replace(ONE, id="fb_2", index=1, at=11)).result()
    assert log.add(replace(ONE, id="fb_3", at=12)).result() == ONE
