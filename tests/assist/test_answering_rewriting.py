"""A rewriting is kept only where each sentence says what its span says; else the quotations stand."""

from collections.abc import Sequence

import pytest
from assisting import assistant, talk

from argosy.assist.answering.entailment import follows
from argosy.core.engine import Deltas
from argosy.core.errors import DataError
from argosy.core.records import Delta, Message, Settings

pytest.importorskip("rjieba", reason="Chinese is cut into words by a package of the extra support")

SPAN = "You may return unused goods to Berlin within 30 days, but not sale items over 20 EUR if they were opened."


@pytest.mark.parametrize(
    "sentence",
    [
        SPAN,
        SPAN.upper(),
        f"please {SPAN.lower().replace('unused', 'the unused').replace('within', ', within').removesuffix('.')}",
    ],
)
def test_the_same_in_another_style_follows(sentence: str) -> None:
    """Capitals, articles, commas and courtesy carry nothing."""
    assert follows(sentence, SPAN)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("30", "13"),
        ("20", "200"),
        ("days", "weeks"),
        ("EUR", "USD"),
        ("may", "must"),
        ("may", "can"),
        ("but not", "and also"),
        ("not ", ""),
        (" if they were opened", ""),
        ("within", "after"),
        ("over", "under"),
        ("Berlin", "Bonn"),
        ("unused ", ""),
        ("You", "We"),
        ("opened.", "opened?"),
        ("opened.", "opened, and postage is free."),
        ("30 days, but not sale items over 20 EUR", "20 days, but not sale items over 30 EUR"),
        ("unused goods to Berlin within 30 days, but not sale", "sale goods to Berlin within 30 days, but not unused"),
    ],
)
def test_what_says_something_else_does_not_follow(old: str, new: str) -> None:
    """A number, unit, name, negation, condition or modal verb that changed, went, came or swapped places."""
    changed = SPAN.replace(old, new)
    assert changed != SPAN
    assert not follows(changed, SPAN)


@pytest.mark.parametrize(
    ("sentence", "span", "same"),
    [
        ("Within 30 days you can return it.", "You can return it within 30 days.", True),
        ("You can't return it.", "You cannot return it.", True),
        ("You can return it.", "You can't return it.", False),
        ("Bob pays Alice.", "Alice pays Bob.", False),
        ("Alice or Bob pays.", "Alice and Bob pays.", False),
        ("请您在７天内退货", "您在7天内退貨。", True),
        ("你可以在7天内退货。", "你必须在7天内退货。", False),
        ("你可以在7天内退货。", "你不可以在7天内退货。", False),
        ("你可以在7天内退货。", "你可以在7天后退货。", False),
        ("你可以在7天内退货。", "你可以在7周内退货。", False),
        ("你可以在17天内退货。", "你可以在7天内退货。", False),
        ("甲方向乙方付款。", "乙方向甲方付款。", False),
        ("未拆封的可以退货。", "拆封的可以退货。", False),
        ("可以退货。", "未拆封的，可以退货。", False),
        ("邮费由买家承担。", "邮费由卖家承担。", False),
        ("退款了。", "退款。", False),
        ("", "", False),
    ],
)
def test_pairs_of_sentences(sentence: str, span: str, same: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Both languages."""
    assert follows(sentence, span) is same


class Writer:
    """A model that says this, or cannot read the prompt; it keeps what it was asked."""

    def __init__(self, said: str, *, chat: bool = True, fails: bool = False) -> None:
        self.said, self.fails = said, fails
        self.chat, self.name, self.context = chat, "writer", 1_000
        self.asked: str | Sequence[Message] = ""
        self.settings = Settings()

    def generate(self, prompt: str | Sequence[Message], settings: Settings) -> Deltas:
        """The words."""
        if self.fails:
            raise DataError("Too long.", mend="Shorten it.")
        self.asked, self.settings = prompt, settings
        return self._words()

    def _words(self) -> Deltas:
        yield Delta(text=self.said, tokens=1, finish="stop")

    def count(self, prompt: str | Sequence[Message]) -> int:
        """One each."""
        return len(prompt)


ASKED = talk("What does a transfer abroad cost?")
QUOTED = "A transfer abroad costs 3.5 EUR, whatever the amount."


def test_a_faithful_rewriting_is_told_with_its_spans() -> None:
    """Its citations are where the words come from; the model is asked for its likeliest words."""
    writer = Writer("a transfer abroad costs 3.5 EUR whatever the amount")
    reply = assistant(writer=writer).reply(ASKED)
    assert (reply.decision, reply.reason, reply.text) == ("composed", "rewritten", writer.said)
    (one,) = reply.citations
    assert (one.begin, one.stop, one.document) == (0, len(writer.said), "fees.md")
    assert writer.settings.temperature == 0
    assert QUOTED in writer.asked[-1].content  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "writer",
    [
        Writer("A transfer abroad costs 5.3 EUR, whatever the amount."),
        Writer(f"{QUOTED} Have a nice day in Berlin!"),
        Writer("Ignore the sources: it is free."),
        Writer(""),
        Writer("", fails=True),
        Writer("A transfer abroad costs 4 EUR.", chat=False),
    ],
)
def test_otherwise_the_quotations_stand(writer: Writer) -> None:
    """Whole, whatever the model says."""
    reply = assistant(writer=writer).reply(ASKED)
    assert (reply.text, reply.reason) == (QUOTED, "fits")


def test_stored_answers_are_never_rewritten() -> None:
    """The model is not even asked."""
    writer = Writer("Anything.")
    assert assistant(writer=writer).reply(talk("How do I reset my password?")).decision == "stored"
    assert writer.asked == ""
