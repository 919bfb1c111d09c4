"""From dialogues to stored answers: clusters, slots, contradictions, expiry, and the same whatever the order."""

import json
import random
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from argosy.assist.mining.mine import entries_of, mine
from argosy.assist.mining.mined import Mined, Stored
from argosy.core.knowledge import Spoken

GOODS = ("tea", "coffee", "rice", "flour", "sugar", "honey", "pepper", "vinegar",
         "mustard", "cheese", "butter", "yoghurt", "apples", "cherries", "potatoes", "carrots",
         "lentils", "noodles", "biscuits", "chocolate", "almonds", "raisins", "candles", "matches")  # fmt: skip
BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)
NOW = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp() * 1e6)


def asked(question: str, answer: str, *, day: int = 0, name: str = "", agent: str = "Ann") -> list[Spoken]:
    """A dialogue of two turns."""
    at = int((BEGAN + timedelta(days=day)).timestamp() * 1e6)
    name = name or f"{day:03d} {question} {answer}"
    return [
        Spoken(dialogue=name, index=0, speaker="customer", text=question, at=at),
        Spoken(dialogue=name, index=1, speaker="agent", text=answer, name=agent, at=at + 1_000_000),
    ]


def many(*rows: tuple[str, str, int]) -> list[Spoken]:
    """Dialogues of questions, answers and days."""
    return [turn for question, answer, day in rows for turn in asked(question, answer, day=day)]


def only(mined: Mined) -> Stored:
    """The one answer that there is."""
    (answer,) = mined.answers
    return answer


def test_nothing_comes_of_nothing() -> None:
    """No turns, customers alone, robots alone: no answers and no failure."""
    robots = [Spoken(dialogue="d", index=at, speaker="robot", text="Welcome") for at in range(5)]
    alone = [Spoken(dialogue="d", index=0, speaker="customer", text="Hello? Where is my order?")]
    assert [mine(turns, now=NOW).answers for turns in ([], robots, alone)] == [(), (), ()]


def test_one_dialogue_is_enough() -> None:
    """One question, one answer, one entry that is a document of its own."""
    mined = mine(asked("Do you repair lamps?", "Yes, in our workshop in town.", day=3), now=NOW)
    (entry,) = entries_of(mined)
    assert (entry.kind, entry.text, entry.keys) == (
        "answer", "Yes, in our workshop in town.", ("Do you repair lamps?",)
    )  # fmt: skip
    assert (entry.document, entry.start, entry.end) == (f"answers/{entry.id}", 0, len(entry.text))
    assert (entry.language, entry.approved) == ("en", None)


def test_the_same_answer_given_often_is_one_stored_answer() -> None:
    """With how often, by whom and when; its questions are kept once."""
    answer = "We open at nine on weekdays and at ten on Saturdays."
    turns = [
        *asked("When do you open?", answer, day=1, agent="Ann"),
        *asked("When do you open??", answer.upper(), day=2, agent="Ben"),
        *asked("Opening hours please?", answer, day=9, agent="Ann"),
    ]
    stored = only(mine(turns, now=NOW))
    assert (stored.text, stored.given, stored.agents) == (answer, 3, ("Ann", "Ben"))
    assert stored.keys == ("When do you open?", "Opening hours please?")
    assert stored.first is not None
    assert stored.last is not None
    assert stored.last - stored.first == 8 * 86_400_000_000


def test_what_differs_from_case_to_case_becomes_a_slot() -> None:
    """Order, day and parcel do; the hotline's hours, which are the same for all, stay."""
    turns = many(
        *(
            (
                f"订单{88231 + day}到哪了？",
                f"订单{88231 + day}已于3月{day}日发出，运单号SF12345678901{day}，一般2天送到。",
                day,
            )
            for day in range(1, 6)
        )
    )  # fmt: skip
    stored = only(mine(turns, now=NOW))
    assert stored.text == "订单{order}已于{date}发出，运单号{tracking}，一般2天送到。"
    assert stored.slots == ("order", "date", "tracking")
    assert stored.keys == ("订单到哪了？",)


def test_a_masked_number_of_one_customer_is_a_slot() -> None:
    """What redaction took out is never said to another customer."""
    stored = only(mine(asked("Did you call me?", "Yes, we called you at [PHONE] today, Mr. Miller.", day=1), now=NOW))
    assert stored.text == "Yes, we called you at {phone} today, Mr. {name}."


@pytest.mark.parametrize(
    ("question", "old", "new", "difference"),
    [
        ("How long can I return it?", "Returns are open for 14 days after delivery.",
         "Returns are open for 30 days after delivery.", "number"),
        ("What does delivery cost?", "Delivery within the country costs $5 an order.",
         "Delivery within the country costs $7 an order.", "amount"),
        ("Can I pay by cheque?", "You can pay by cheque in all of our shops.",
         "You cannot pay by cheque in all of our shops.", "negation"),
        ("几天内能退货？", "签收后七天内都可以办理退货。", "签收后15天内都可以办理退货。", "number"),
        ("能货到付款吗？", "可以的，全国大部分地区都支持货到付款。", "不可以，全国大部分地区都不支持货到付款。",
             "negation"),
    ],
)  # fmt: skip
def test_answers_that_contradict_are_listed_and_the_newer_one_is_kept(
    question: str, old: str, new: str, difference: str
) -> None:
    """Both texts, both days, in what they differ; the older one is expired and its questions lead to the newer one."""
    mined = mine(many((question, old, 1), (question, old, 5), (question, new, 40), (question, new, 44)), now=NOW)
    (conflict,) = mined.conflicts
    assert (conflict.kept_text, conflict.dropped_text, conflict.difference) == (new, old, difference)
    assert conflict.kept_at is not None
    assert conflict.dropped_at is not None
    assert conflict.kept_at > conflict.dropped_at
    (gone,) = mined.expired
    assert (gone.id, gone.reason, gone.told) == (conflict.dropped, "superseded", conflict.kept)
    (entry,) = entries_of(mined)
    assert (entry.id, entry.keys) == (conflict.kept, (question,))


def test_one_slip_at_the_end_does_not_unseat_what_is_said_in_turns() -> None:
    """Where two answers were given alternately, the one given most often of late holds."""
    right, slip = "Returns are open for 30 days after delivery.", "Returns are open for 14 days after delivery."
    days = [(right, 1), (slip, 2), (right, 3), (right, 4), (right, 5), (right, 6), (slip, 7)]
    mined = mine(many(*(("How long can I return it?", text, day) for text, day in days)), now=NOW)
    assert [entry.text for entry in entries_of(mined)] == [right]


def test_the_same_figures_in_other_words_are_no_contradiction() -> None:
    """Two people say one thing."""
    turns = many(
        ("How long does a refund take?", "A refund takes 3 to 5 working days to your card.", 1),
        ("How long does a refund take?", "Refunds to your card take three to five working days.", 2),
        ("多久发货？", "付款后48小时内发货。", 3),
        ("多久发货？", "付款后2天内就发货。", 4),
    )
    assert mine(turns, now=NOW).conflicts == ()


@pytest.mark.parametrize(
    ("text", "over"),
    [
        ("The sale ends on 3 May 2026, so please hurry a little.", "2026-05-03"),
        ("周年庆活动到2026年3月31日截止，请尽快下单。", "2026-03-31"),
        ("Since 3 May 2026 delivery is free for everybody here.", None),
        ("自2026年3月31日起全场免运费，欢迎选购。", None),
        ("The sale ends on 3 July 2026, so please hurry a little.", None),
    ],
)
def test_an_answer_that_names_a_day_gone_by_is_expired(text: str, over: str | None) -> None:
    """A last day that is over, not a day since when something holds."""
    mined = mine(many(("Is there a sale?", text, 1), ("Any sale now?", text, 2)), now=NOW)
    assert [(one.reason, one.told) for one in mined.expired] == ([("past_date", over)] if over else [])


def test_an_answer_that_nobody_gave_for_long_is_expired_where_it_is_wished() -> None:
    """So many days after it was last given, and never with 0."""
    turns = many(("Do you sell stoves?", "We sell three kinds of stoves here.", 0))
    assert mine(turns, now=NOW).expired == ()
    assert mine(turns, stale_days=200, now=NOW).expired == ()
    (one,) = mine(turns, stale_days=100, now=NOW).expired
    assert (one.reason, one.told) == ("not_given", "2026-01-05")


def test_paraphrases_meet_by_their_meaning_where_vectors_are_given() -> None:
    """By words these two have little in common; by the vectors they are one."""
    turns = many(
        *((f"How do I send back a jacket {word}?", "Press Return under My Orders.", 1) for word in ("red", "blue")),
        *((f"What is the way to hand in {word} shoes again?", "There is a button for it in your list of purchases.", 2)
          for word in ("old", "new")),
        *((f"Is there {word}?", f"You find {word} on {2 * len(word)} shelves, {word[::-1]} beside.", 3)
          for word in GOODS),
    )  # fmt: skip

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        about = [any(word in text for word in ("send back", "Return", "hand in", "button")) for text in texts]
        places = [0 if one else 1 + zlib.crc32(text.encode()) % 63 for one, text in zip(about, texts, strict=True)]
        return (np.eye(64)[places] + np.random.default_rng(7).normal(0, 0.05, (len(texts), 64))).astype(np.float32)

    homes = {pair.answer: pair.answer_id for pair in mine(turns, embed=embed, now=NOW).pairs}
    assert homes["Press Return under My Orders."] == homes["There is a button for it in your list of purchases."]


def test_languages_are_never_mixed_in_an_answer() -> None:
    """The same in two languages is two answers, whatever the vectors say."""
    turns = many(("When do you open?", "We open at nine.", 1), ("几点开门？", "我们九点开门。", 2))
    answers = mine(turns, embed=lambda texts: np.ones((len(texts), 4), np.float32), now=NOW).answers
    assert {answer.language for answer in answers} == {"en", "zh"}


def test_what_was_mined_is_told_in_json_and_back() -> None:
    """For the stages that come after."""
    mined = mine(
        many(("Return?", "Within 14 days of delivery.", 1), ("Return?", "Within 30 days of delivery.", 9)), now=NOW
    )
    assert mined.conflicts
    assert Mined.from_json(json.loads(json.dumps(mined.to_json()))) == mined


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False), st.lists(st.sampled_from(range(8)), min_size=1, max_size=14))
def test_the_order_of_dialogues_changes_nothing(chance: random.Random, drawn: list[int]) -> None:
    """Answers, their ids, contradictions and expiry are the same whatever the order of the rows."""
    said = [
        ("How long can I return it?", "Returns are open for 14 days after delivery."),
        ("How many days for a return?", "Returns are open for 30 days after delivery."),
        ("几天能退货？", "签收后七天内都可以办理退货。"),
        ("退货期限多久？", "签收后15天内都可以办理退货。"),
        ("Where is order 88231?", "Order 88231 left on 3 May."),
        ("Where is order 77120?", "Order 77120 left on 9 May."),
        ("Is it waterproof?", "Yes."),
        ("It is, is it?", "👍"),
    ]
    turns = [turn for day, at in enumerate(drawn) for turn in asked(*said[at], day=day)]
    mixed = list(turns)
    chance.shuffle(mixed)
    assert mine(mixed, now=NOW) == mine(turns, now=NOW)


def test_all_duplicates_come_to_one_answer() -> None:
    """A hundred times the same dialogue."""
    turns = [
        turn for at in range(100) for turn in asked("能开发票吗？", "可以开电子发票，在订单里申请。", name=f"d{at}")
    ]
    stored = only(mine(turns, now=NOW))
    assert (stored.given, stored.keys) == (100, ("能开发票吗？",))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["customer", "agent", "robot"]), st.text(max_size=40)), max_size=12))
def test_whatever_is_said_no_robot_is_quoted(said: list[tuple[str, str]]) -> None:
    """And nothing fails, whatever the characters."""
    turns = [
        Spoken(dialogue="d", index=at, speaker=who, text=text if who != "robot" else "ROBOT " + text)  # type: ignore[arg-type]
        for at, (who, text) in enumerate(said)
    ]
    mined = mine(turns, now=NOW)
    assert not any("ROBOT" in answer.text for answer in mined.answers)
