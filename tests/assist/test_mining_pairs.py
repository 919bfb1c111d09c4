"""Which answer a question had, in dialogues written for each case."""

from collections.abc import Sequence

import pytest

from argosy.assist.mining.courtesy import courteous, said
from argosy.assist.mining.pairs import follows_on, pairs_of
from argosy.core.knowledge import Speaker, Spoken

WHO: dict[str, Speaker] = {"c": "customer", "a": "agent", "b": "agent", "r": "robot", "s": "system"}


def dialogue(*turns: str, name: str = "d1") -> list[Spoken]:
    """Turns told as ``c: text``; ``a`` and ``b`` are two agents."""
    return [
        Spoken(dialogue=name, index=index, speaker=WHO[turn[0]], text=turn[3:], name=turn[0] if turn[0] in "ab" else "")
        for index, turn in enumerate(turns)
    ]


def told(turns: Sequence[Spoken]) -> list[tuple[str, str]]:
    """Questions and answers alone."""
    return [(pair.question, pair.answer) for pair in pairs_of(turns)[0]]


def test_greetings_and_waiting_are_no_answers_in_english() -> None:
    """The question meets the answer, past everything that is said whatever is asked."""
    turns = dialogue(
        "c: Hello",
        "a: Good morning, how can I help you?",
        "c: How long is the warranty?",
        "a: One moment please.",
        "a: Two years on everything.",
        "c: Thanks!",
        "a: You're welcome. Have a nice day!",
    )
    (pair,) = pairs_of(turns)[0]
    assert (pair.question, pair.answer) == ("How long is the warranty?", "Two years on everything.")
    assert (pair.dialogue, pair.index, pair.agent, pair.accepted) == ("d1", 4, "a", True)


def test_greetings_and_waiting_are_no_answers_in_chinese() -> None:
    """The same in Chinese, also where the courtesy stands in the answer's own turn."""
    turns = dialogue(
        "c: 在吗",
        "a: 亲，您好！请问有什么可以帮您？",
        "c: 你好，保修多久？",
        "a: 请稍等，我帮您查一下。",
        "a: 您好！整机保修两年。祝您生活愉快！",
        "c: 好的谢谢",
        "a: 不客气",
    )
    assert told(turns) == [("保修多久？", "整机保修两年。")]


def test_robots_and_systems_are_never_quoted() -> None:
    """What a machine said is no answer, even where nobody else answered."""
    turns = [
        *dialogue("c: Can I pay in cash?", "r: Yes, always.", "s: Anna joined.", "a: Only in our shops."),
        *dialogue("c: 能开发票吗", "r: 可以开发票", name="d2"),
    ]
    pairs, left = pairs_of(turns)
    assert [pair.answer for pair in pairs] == ["Only in our shops."]
    assert (left["robot"], left["unanswered"]) == (2, 1)


def test_short_turns_that_belong_together_are_one_answer() -> None:
    """Several turns of one person are read as one text."""
    english = dialogue("c: How do I return it?", "a: Open My Orders.", "a: Then press Return.")
    chinese = dialogue("c: 怎么退货？", "a: 打开我的订单。", "a: 点申请售后。")
    assert told(english) == [("How do I return it?", "Open My Orders. Then press Return.")]
    assert told(chinese) == [("怎么退货？", "打开我的订单。点申请售后。")]


@pytest.mark.parametrize(
    ("asked", "wrong", "no", "right"),
    [
        ("Where is the lamp made?", "We ship in 3 days.", "No, that is not what I asked.", "It is made in Spain."),
        ("台灯是哪里产的？", "三天内发货。", "不对，我问的不是这个", "是杭州生产的。"),
        ("Where is the lamp made?", "We ship in 3 days.", "Where is the lamp made??", "It is made in Spain."),
    ],
)
def test_an_answer_that_was_disputed_gives_way(asked: str, wrong: str, no: str, right: str) -> None:
    """The customer's word counts: what he refused, or asked again after, is not the answer."""
    assert told(dialogue(f"c: {asked}", f"a: {wrong}", f"c: {no}", f"a: {right}")) == [(asked, right)]


@pytest.mark.parametrize(
    "second", ["My voucher does not work, what now?", "地址填错了怎么办？", "刚下的单拍错了，想取消"]
)
def test_a_question_about_what_went_wrong_is_a_question(second: str) -> None:
    """It does not dispute the answer before it."""
    turns = dialogue("c: 几天能到？", "a: 一般两天送达。", f"c: {second}", "a: Please write to us about it.")
    assert told(turns) == [("几天能到？", "一般两天送达。"), (second, "Please write to us about it.")]


def test_where_every_answer_was_disputed_nothing_is_learnt() -> None:
    """And the account says why."""
    pairs, left = pairs_of(dialogue("c: Where is it made?", "a: In three days.", "c: That is wrong."))
    assert (pairs, left["disputed"]) == ([], 1)


def test_a_question_back_is_no_answer_and_does_not_end_the_question() -> None:
    """The order number that was asked for belongs to the first question."""
    turns = dialogue(
        "c: Where is my parcel?",
        "a: May I have your order number?",
        "c: 88231",
        "a: It left on 3 May.",
    )
    assert told(turns) == [("Where is my parcel?", "It left on 3 May.")]
    assert pairs_of(turns[:2])[1]["asked_back"] == 1


def test_a_question_that_follows_on_is_kept_with_what_it_refers_to() -> None:
    """So that it can be read alone."""
    turns = dialogue("c: Do you ship abroad?", "a: To Norway.", "c: And how much is it?", "a: Twelve dollars.")
    first, second = pairs_of(turns)[0]
    assert (first.refers, second.refers) == ("", "Do you ship abroad?")
    assert second.question == "Do you ship abroad? And how much is it?"
    chinese = dialogue("c: 能寄到日本吗？", "a: 可以寄到日本。", "c: 那运费呢？", "a: 按重量收。")
    assert told(chinese)[1] == ("能寄到日本吗？那运费呢？", "按重量收。")


def test_another_question_is_not_taken_for_one_that_follows_on() -> None:
    """By the way, as people say."""
    turns = dialogue("c: 能寄到日本吗？", "a: 可以寄到日本。", "c: 另外，怎么开发票？", "a: 在订单里申请。")
    assert told(turns)[1] == ("怎么开发票？", "在订单里申请。")


def test_a_sentence_that_stands_under_questions_of_all_kinds_is_no_answer() -> None:
    """Also one that no rule knows; the same words under one kind of question stay."""
    kinds = ["price of a kettle", "colour of jackets", "warranty on lamps", "opening hours today", "parking nearby",
             "gift cards", "tax invoice", "lost password", "broken zipper", "courier phone", "sizes of shoes",
             "battery life"]  # fmt: skip
    turns = [
        turn
        for number, kind in enumerate(kinds)
        for turn in dialogue(
            f"c: What about {kind}?", f"a: Number {number} is so. Our team values your trust.", name=f"d{number:02d}"
        )
    ]
    assert [answer for _, answer in told(turns)] == [f"Number {number} is so." for number in range(len(kinds))]
    same = [
        turn
        for number in range(12)
        for turn in dialogue("c: Are you open on Sunday?", "a: Our shop rests then.", name=f"s{number:02d}")
    ]
    assert len(told(same)) == 12


@pytest.mark.parametrize(
    "text",
    ["Hello Ann!", "Thank you for your patience.", "OK, thanks", "Is there anything else I can help you with?",
     "Let me check that for you.", "👍", "亲，在的", "感谢您的耐心等待", "好的好的，谢谢您",
     "请问还有其他可以帮您的吗？", "让您久等了",
     "我是客服小林", "祝您购物愉快"],
)  # fmt: skip
def test_courtesies_are_known(text: str) -> None:
    """In both languages."""
    assert courteous(text)
    assert said(text) == ""


@pytest.mark.parametrize(
    "text",
    ["Thank you card: can I add one?", "Hello is printed on the mug.", "有什么颜色的？", "可以货到付款吗",
     "谢谢卡怎么加",
     "Let me know how to return it"],
)  # fmt: skip
def test_what_only_begins_like_a_courtesy_is_kept(text: str) -> None:
    """A question is a question."""
    assert said(text) == text


def test_what_stands_alone_does_not_follow_on() -> None:
    """Only what points at something does."""
    assert not follows_on("How do I return a lamp that is broken?")
    assert not follows_on("怎么申请退货")
    assert follows_on("那西藏呢")
