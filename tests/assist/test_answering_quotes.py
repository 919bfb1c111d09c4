"""Every sentence of a composed answer is quoted: its citation reads the same characters, whatever the documents."""

from dataclasses import replace

from assisting import DOCUMENTS, assistant, entries, rules, talk, texts
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.assist.answering.composing import Written, composed, covered, stored
from argosy.assist.answering.engine import AssistantEngine, shown, tokens_of
from argosy.core.knowledge import Entry
from argosy.core.records import Message, Settings
from argosy.core.support import Citation

_TEXT = st.text(st.sampled_from("ab 1.!?，。\n“”{}的退货éß😀"), max_size=60)
_MESSAGES = st.lists(
    st.builds(
        Message, role=st.sampled_from(["user", "assistant", "system"]), content=st.one_of(st.text(max_size=80), _TEXT)
    ),
    max_size=4,
)


def piece(text: str, before: str = "") -> tuple[Entry, str]:
    """A piece of a document that begins with something else, and the whole document."""
    entry = Entry(
        id="p",
        kind="piece",
        text=text,
        keys=("k",),
        document="d.md",
        title="D",
        start=len(before),
        end=len(before + text),
    )
    return entry, before + text


@given(_TEXT, _TEXT, _TEXT, st.integers(1, 4))
def test_each_sentence_is_covered_by_its_citation(question: str, text: str, before: str, longest: int) -> None:
    """Of any question and any text; nothing but white space stands between quotations."""
    entry, document = piece(text, before)
    written = composed(question, [entry], longest)
    if written is not None:
        assert covered(written.text, written.citations, {"d.md": document})
        assert len(written.citations) <= longest


@given(_TEXT, st.dictionaries(st.sampled_from(["order", "date"]), st.text(max_size=8)))
def test_a_stored_answer_changes_in_its_slots_alone(text: str, slots: dict[str, str]) -> None:
    """Its quotations read as they are stored, and braces that are no slot stay."""
    template = f"{text}{{order}} is {{what}}{text}"
    entry = replace(piece(template)[0], slots=("order",))
    written = stored(entry, slots)
    if "order" not in slots:
        assert written is None
        return
    assert written is not None
    assert written.text == template.replace("{order}", slots["order"])
    assert "{what}" in written.text
    assert all(written.text[one.begin : one.stop] == template[one.start : one.end] for one in written.citations)


def test_what_is_not_quoted_is_not_covered() -> None:
    """The check tells a changed character, a sentence without a citation and a document that is gone."""
    entry, document = piece("One. Two.")
    written = composed("one", [entry], 2)
    assert written is not None
    known = {"d.md": document}
    assert covered(written.text, written.citations, known)
    assert not covered(f"{written.text} More.", written.citations, known)
    assert not covered(written.text.replace("One", "Ono"), written.citations, known)
    assert not covered(written.text, written.citations[1:], known)
    assert not covered(written.text, written.citations, {})


def test_the_sentences_about_the_question_are_chosen() -> None:
    """In the order of the document, next to each other, in either language."""
    (returns,) = [entry for entry in entries() if entry.id == "returns.md"]
    written = composed("when are refunds of sale items paid", [returns], 2)
    assert written is not None
    assert written.text == "Refunds take 5 days. Sale items may not be returned."
    chinese = assistant(kept=replace(rules(), longest=2)).reply(talk("专用发票请联系客服吗"))
    assert chinese.decision == "composed"
    assert chinese.text == "纸质发票需要三天。专用发票请联系客服。"
    assert covered(chinese.text, chinese.citations, texts())


def test_a_composed_answer_names_its_sources() -> None:
    """The place in the document, character by character; who reads text alone gets marks and a list."""
    reply = assistant().reply(talk("What does a transfer abroad cost?"))
    (one,) = reply.citations
    assert isinstance(one, Citation)
    assert DOCUMENTS[one.document][one.start : one.end] == reply.text
    assert shown(reply) == f"{reply.text} [1]\n\nSources:\n[1] Fees, Fees"
    assert shown(assistant().reply(talk("发票抬头可以修改几次"))).endswith("来源：\n[1] 发票, 发票")


def test_the_title_of_a_stored_answer_is_no_source() -> None:
    """It is another customer's question: an answer that is partly stored names the documents alone."""
    reply = assistant().reply(talk("How do I reset my password? What does a transfer abroad cost?"))
    assert [one.document for one in reply.citations] == ["answers/password", "fees.md"]
    assert shown(reply).endswith("Sources:\n[1] Fees, Fees")


@settings(max_examples=60, deadline=None)
@given(_MESSAGES)
def test_the_same_conversation_gets_the_same_bytes(messages: list[Message]) -> None:
    """From assistants opened apart, whatever the messages; and it never fails."""
    first, second = assistant().reply(messages), assistant().reply(messages)
    assert repr(first.to_json()) == repr(second.to_json())
    assert first.text


@settings(max_examples=40, deadline=None)
@given(_TEXT)
def test_the_pieces_of_a_stream_make_the_whole(text: str) -> None:
    """Sentence by sentence; the last piece tells the reply and the tokens are those of the text."""
    known = [replace(entries()[0], text=text or "x", end=len(text or "x"))]
    engine = AssistantEngine(assistant=assistant(known))
    pieces = list(engine.generate(talk("How do I reset my password?"), Settings()))
    told = "".join(one.text for one in pieces)
    assert told == (text or "x")
    assert sum(one.tokens for one in pieces) == tokens_of(told)
    assert pieces[-1].finish == "stop"
    assert pieces[-1].more == assistant(known).reply(talk("How do I reset my password?")).to_json()


def test_a_quotation_has_no_text_of_its_own() -> None:
    """What is written is made of places in entries, so it cannot read otherwise."""
    entry, _ = piece("One. Two.")
    written = stored(entry, {})
    assert isinstance(written, Written)
    assert [type(part).__name__ for part in written.parts] == ["Quote"]
