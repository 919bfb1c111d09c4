"""Finding entries for a question: by words, by vectors, in both languages and scripts, whatever the text."""

import json
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest
from numpy.typing import NDArray

from argosy.assist.retrieval import snapshot as snapshots
from argosy.assist.retrieval.fusion import FEATURES, Fusion, fit_fusion, unfitted
from argosy.assist.retrieval.memory import KeptVectors
from argosy.assist.retrieval.retriever import Retriever, fit
from argosy.assist.retrieval.snapshot import Encoder, build
from argosy.assist.retrieval.vectors import CompareAll, Graph
from argosy.core.errors import DataError, MissingError
from argosy.core.knowledge import Entry

KNOWN = {
    "card": (("How do I block a stolen card?", "my card was stolen"), "Press Freeze in the app to block your card."),
    "fee": (("What does a transfer abroad cost?",), "A transfer abroad costs 3.5 EUR, whatever the amount."),
    "parcel": (("我的包裹什么时候到？", "怎么查物流"), "登录后在订单页可以查询物流信息，一般三天送达。"),
    "refund": (("怎么申请退款", "How do I get a refund for order A-1032?"), "退款在七天内原路退回。"),
}


def known(keys: Sequence[str] = tuple(KNOWN)) -> list[Entry]:
    """Entries by these names."""
    return [
        Entry(id=name, kind="answer", text=KNOWN[name][1], keys=KNOWN[name][0], document=f"answers/{name}", title="")
        for name in keys
    ]


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    """Vectors of characters three by three, by their digests: like spellings are near."""
    rows = np.zeros((len(texts), 1024), dtype=np.float32)
    for row, text in enumerate(texts):
        for start in range(len(text)):
            digest = sha256(text.lower()[start : start + 3].encode()).digest()
            rows[row, int.from_bytes(digest[2:4]) % 1024] += 1 if digest[1] % 2 else -1
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


ENCODER = Encoder(digest="trigrams", embed=embed, width=1024)


@pytest.fixture(params=["words", "vectors"])
def encoder(request: pytest.FixtureRequest) -> Encoder | None:
    """None, and one."""
    return ENCODER if request.param == "vectors" else None


def over(entries: Sequence[Entry], encoder: Encoder | None = None) -> Retriever:
    """A retriever that nothing was fitted for."""
    return Retriever(snapshot=build(entries, generation=3, encoder=encoder), fusion=unfitted())


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Someone stole my cards!", "card"),
        ("cost of transfers abroad", "fee"),
        ("3.5 EUR", "fee"),
        ("包裹到哪了", "parcel"),
        ("我想查一下物流", "parcel"),
        ("退款", "refund"),
        ("a-1032", "refund"),
        ("请问 refund 怎么 apply", "refund"),
    ],
)
def test_the_right_entry_comes_first(question: str, name: str, encoder: Encoder | None) -> None:
    """In English, Chinese, a mixture of both, and by numbers and codes."""
    retriever = over(known(), encoder)
    found = retriever.find(question)
    assert found[0].entry.id == name
    assert found[0].key in KNOWN[name][0]
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert retriever.entry(name) == found[0].entry
    assert retriever.generation == 3


def test_traditional_finds_what_simplified_finds(encoder: Encoder | None) -> None:
    """With the same chances, since both are folded before they are cut."""
    pytest.importorskip("opencc")
    retriever = over(known(), encoder)
    simple, traditional = retriever.find("怎么申请退款"), retriever.find("怎麼申請退款")
    assert simple == traditional
    assert simple[0].parts["exact"] == 1


@pytest.mark.parametrize(
    "question",
    ["", "   ", "😀🎉", "？！", "\ud800", "x" * 10_000, "退" * 10_000, "order A-1032 退款 " * 800, "\x00\n", "qwertz"],
)
def test_any_text_is_answered(question: str, encoder: Encoder | None) -> None:
    """Nothing for what asks nothing, and chances between 0 and 1 for what does, however long."""
    for entries in ([], known(("fee",)), known()):
        found = over(entries, encoder).find(question)
        assert len(found) <= len(entries)
        assert all(0 <= one.score <= 1 for one in found)
    assert over([], encoder).entry("fee") is None


def test_one_document_is_found() -> None:
    """A piece by its text alone, without a key and an encoder."""
    piece = Entry(id="p1", kind="piece", text="Refunds take seven days.", keys=(), document="a.md", title="")
    (found,) = over([piece]).find("how many days does a refund take")
    assert (found.entry, found.key) == (piece, "")


def test_an_exact_key_is_told(encoder: Encoder | None) -> None:
    """Case, width and spaces aside."""
    found = over(known(), encoder).find("ｈｏｗ do I  block a STOLEN card?")
    assert [one.parts["exact"] for one in found] == [1.0] + [0.0] * (len(found) - 1)
    assert set(found[0].parts) == set(FEATURES)


def test_the_same_is_found_whatever_the_way_to_a_state(encoder: Encoder | None) -> None:
    """A state made out of earlier ones finds, bit by bit, what the same entries find alone; each keeps its own."""
    first = build(known(("card", "fee")), encoder=encoder)
    second = build(known(("parcel", "refund")), encoder=encoder, before=first)
    third = build(reversed(known()), encoder=encoder, before=second, generation=3)
    alone = over(known(), encoder)
    for question in ("transfer of my stolen card", "物流 退款", "3.5"):
        assert Retriever(snapshot=third, fusion=unfitted()).find(question) == alone.find(question)
        assert {one.entry.id for one in Retriever(snapshot=first, fusion=unfitted()).find(question)} <= {"card", "fee"}


def test_only_new_texts_are_embedded() -> None:
    """By a state that follows another, and by one that finds vectors kept."""
    seen: list[str] = []

    def counted(texts: Sequence[str]) -> NDArray[np.float32]:
        seen.extend(texts)
        return embed(texts)

    encoder, kept = replace(ENCODER, embed=counted, query="q: ", passage="p: "), KeptVectors()
    first = build(known(("card", "fee")), encoder=encoder, embedded=kept)
    assert len(seen) == 5
    assert sorted({text[:3] for text in seen}) == ["p: ", "q: "]
    build(known(("card", "fee", "refund")), encoder=encoder, embedded=kept, before=first)
    assert len(seen) == 8
    build(known(), encoder=encoder, embedded=kept)
    assert len(seen) == 11


def test_a_graph_of_vectors_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in an index beside the states is shared by them: what is gone is found no more, and then removed."""
    shared: dict[str, CompareAll] = {}

    class Shared(CompareAll):
        """A kind of its own, which is not copied for each state."""

    def opened(name: str, width: int, expected: int) -> CompareAll:
        return shared.setdefault(name, Shared(width))

    monkeypatch.setattr(snapshots, "CompareAll", Graph)  # so that it is taken for one that states share
    first = build(known(), encoder=ENCODER, opened=opened)
    second = build(known(("card", "fee")), encoder=ENCODER, before=first, opened=opened)
    assert {one.entry.id for one in Retriever(snapshot=second, fusion=unfitted()).find("退款 card")} <= {"card", "fee"}
    assert Retriever(snapshot=first, fusion=unfitted()).find("怎么申请退款")[0].parts["cosine"] == 1
    build(known(("card",)), encoder=ENCODER, before=second, opened=opened)
    assert sorted(map(len, shared.values())) == [2, 3]


def test_a_fusion_is_fitted() -> None:
    """Of questions with right entries; what it learnt comes back from JSON, and gives the same chances."""
    snapshot = build(known(), encoder=ENCODER)
    asked = [("stolen cards", {"card"}), ("abroad", {"fee"}), ("包裹到哪了", {"parcel"}), ("weather card", set())]
    fusion, reread = fit(snapshot, asked)
    assert reread is None
    again = Fusion.from_json(json.loads(json.dumps(fusion.to_json())))
    retriever = Retriever(snapshot=snapshot, fusion=again)
    assert retriever.find("cards stolen") == Retriever(snapshot=snapshot, fusion=fusion).find("cards stolen")
    assert retriever.find("my card was stolen")[0].score > 0.5
    with pytest.raises(DataError, match="alone"):
        fit(snapshot, [("stolen cards", set())])


def test_a_fusion_gives_chances() -> None:
    """Fitted on many rows of which a known share is right, it says that share; what tells nothing weighs 0."""
    draws = np.random.default_rng(7)
    rows = np.zeros((4000, len(FEATURES)))
    rows[:, 0] = draws.uniform(size=4000)
    right = draws.uniform(size=4000) < rows[:, 0]
    fusion = fit_fusion(rows, right)
    assert fusion.weights[0] > 3
    assert set(fusion.weights[1:]) == {0.0}
    said = fusion.chance(rows)
    for low in (0.2, 0.4, 0.6):
        chosen = (said >= low) & (said < low + 0.2)
        assert right[chosen].mean() == pytest.approx(said[chosen].mean(), abs=0.05)


def test_a_fusion_is_read_where_words_are_cut_the_same() -> None:
    """Another package, or an artifact of other features, is refused with what to do."""
    told = unfitted().to_json()
    assert Fusion.from_json(told) == unfitted()
    with pytest.raises(MissingError, match=r"rjieba 0\.0\.1"):
        Fusion.from_json({**told, "words": {**told["words"], "rjieba": "0.0.1"}})
    with pytest.raises(DataError, match="another version"):
        Fusion.from_json({**told, "features": ["lexical"]})


class Reads:
    """A reranker by the letters that a query and a document share."""

    name, longest = "letters", 512

    def relevance(self, query: str, documents: Sequence[str]) -> NDArray[np.float32]:
        """Shares of letters."""
        return np.array([len({*query} & {*text}) / len({*query} | {*text}) for text in documents], dtype=np.float32)

    def count(self, query: str, document: str) -> int:
        """Letters."""
        return len(query) + len(document)


def test_a_reranker_has_its_say() -> None:
    """It reads the best entries again, with chances of its own."""
    snapshot = build(known())
    asked = [("stolen cards", {"card"}), ("abroad", {"fee"}), ("包裹到哪了", {"parcel"}), ("weather card", set())]
    fusion, reread = fit(snapshot, asked, Reads())
    assert reread is not None
    retriever = Retriever(snapshot=snapshot, fusion=fusion, reranker=Reads(), reread=reread)
    found = retriever.find("card of A-1032", most=2)
    assert len(found) == 2
    assert max(one.parts["relevance"] for one in found) > 0
    assert found[0].parts["relevance_margin"] + found[1].parts["relevance_margin"] <= 1e-9
    assert retriever.find("") == []
