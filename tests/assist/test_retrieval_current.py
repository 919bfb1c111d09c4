"""The newest state of the knowledge while it changes: followed, replayed, embedded anew, and never seen in halves."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest
from numpy.typing import NDArray

from argosy.assist.retrieval.current import Current, Finding
from argosy.assist.retrieval.fusion import FEATURES, Fusion, unfitted
from argosy.assist.retrieval.memory import KeptKnowledge, KeptVectors
from argosy.assist.retrieval.snapshot import Encoder
from argosy.core.knowledge import Entry


def entry(name: str, text: str, document: str = "faq.md") -> Entry:
    """A piece that its text is found by."""
    return Entry(id=name, kind="piece", text=text, keys=(f"about {text}",), document=document, title="FAQ")


def encoder(name: str, wait: Callable[[], object] = bool) -> Encoder:
    """Vectors of the words of a text, others for each encoder; ``wait`` is called before texts are embedded."""

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        if len(texts) > 1:
            wait()
        rows = np.zeros((len(texts), 256), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.split():
                rows[row, sha256(f"{name} {word}".encode()).digest()[0]] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)

    return Encoder(digest=name, embed=embed, width=256)


def alone(feature: str) -> Fusion:
    """Chances by one feature alone."""
    weights = tuple(8.0 if name == feature else 0.0 for name in FEATURES)
    return replace(unfitted(), weights=weights, bias=-4.0)


@pytest.fixture
def knowledge() -> KeptKnowledge:
    """Three entries of two documents."""
    known = KeptKnowledge([entry("a", "parcels arrive tomorrow"), entry("b", "refunds take a week")])
    known.replace("more.md", [entry("c", "cards are free", "more.md")])
    return known


def ids(current: Current, question: str = "parcels refunds cards", generation: int | None = None) -> list[str]:
    """The ids that a question finds."""
    return sorted(found.entry.id for found in current.of(generation).find(question))


def test_changes_are_taken_up(knowledge: KeptKnowledge) -> None:
    """Once each; a retriever that was taken before keeps to its state."""
    current = Current(knowledge, Finding(fusion=unfitted(), encoder=encoder("one")), KeptVectors())
    assert ids(current) == ["a", "b", "c"]
    before = current.of()
    knowledge.replace("faq.md", [entry("a", "parcels arrive today")])
    assert ids(current) == ["a", "b", "c"]
    assert current.refresh()
    assert not current.refresh()
    assert ids(current) == ["a", "c"]
    assert current.of().generation == knowledge.generation
    assert before.entry("b") is not None
    assert current.of().entry("b") is None


def test_an_earlier_state_is_replayed(knowledge: KeptKnowledge) -> None:
    """With the same numbers as then, until what it quotes is purged; many replays keep few states."""
    current = Current(knowledge, Finding(fusion=unfitted(), encoder=encoder("one")), KeptVectors())
    then, said = knowledge.generation, current.of().find("how long do refunds take")
    for number in range(9):
        knowledge.replace("new.md", [entry(f"n{number}", f"refunds number {number}", "new.md")])
        current.refresh()
    assert current.of(then).find("how long do refunds take") == said
    for number in range(9):
        assert current.of(then + 1 + number).find("refunds number")[0].entry.id == f"n{number}"
    assert current.of(then).find("how long do refunds take") == said
    knowledge.purge("faq.md")
    current.refresh()
    assert ids(current, generation=then) == ["c"]


def test_nothing_known_is_no_error() -> None:
    """A knowledge that begins empty, and ends so."""
    knowledge = KeptKnowledge()
    current = Current(knowledge, Finding(fusion=unfitted(), encoder=encoder("one")), KeptVectors())
    assert ids(current) == []
    knowledge.replace("faq.md", [entry("a", "parcels")])
    current.refresh()
    assert ids(current) == ["a"]
    knowledge.replace("faq.md", [])
    current.refresh()
    assert ids(current) == []


def test_what_is_prepared_is_not_embedded_again(knowledge: KeptKnowledge) -> None:
    """So that the process that reads a document embeds it, and the others take its vectors."""
    batches: list[int] = []
    kept = KeptVectors()
    finding = Finding(fusion=unfitted(), encoder=encoder("one", lambda: batches.append(1)))
    first, second = Current(knowledge, finding, kept), Current(knowledge, finding, kept)
    fresh = [entry("d", "gifts are wrapped", "d.md"), entry("e", "gifts are free", "d.md")]
    first.prepare(fresh)
    batches.clear()
    knowledge.replace("d.md", fresh)
    assert first.refresh()
    assert second.refresh()
    assert batches == []
    assert {"d", "e"} < set(ids(second, "gifts"))


@pytest.fixture
def asking() -> Iterator[ThreadPoolExecutor]:
    """Threads that ask."""
    with ThreadPoolExecutor(4) as pool:
        yield pool


def test_a_new_encoder_takes_over_at_once(knowledge: KeptKnowledge, asking: ThreadPoolExecutor) -> None:
    """While all is embedded anew the old one answers, and changes are followed; no question sees vectors of both."""
    embedding, go_on, stop = threading.Event(), threading.Event(), threading.Event()

    def wait() -> None:
        embedding.set()
        assert go_on.wait(20)

    old, new = encoder("old"), encoder("new", wait)
    current = Current(knowledge, Finding(fusion=alone("cosine"), encoder=old), KeptVectors())
    question = "about refunds take a week"

    def ask() -> set[tuple[str, float]]:
        seen = set()
        while not stop.is_set():
            retriever = current.of()
            best = retriever.find(question)[0]
            assert retriever.entry(best.entry.id) == best.entry
            digest = retriever.snapshot.encoder.digest if retriever.snapshot.encoder else ""
            seen.add((digest, best.parts["cosine"]))
        return seen

    asked = [asking.submit(ask) for _ in range(3)]
    renewed = threading.Thread(target=current.renew, args=[Finding(fusion=alone("cosine"), encoder=new)])
    renewed.start()
    assert embedding.wait(20)
    knowledge.replace("more.md", [])
    assert current.refresh()
    assert ids(current) == ["a", "b"]
    assert current.of().snapshot.encoder is old
    go_on.set()
    renewed.join(20)
    assert current.of().snapshot.encoder is new
    assert ids(current) == ["a", "b"]
    stop.set()
    assert set.union(*(one.result() for one in asked)) <= {("old", 1.0), ("new", 1.0)}


def test_questions_meanwhile_see_whole_states(asking: ThreadPoolExecutor) -> None:
    """A document changes many times under questions: what is found is of one version of it, and all of that."""
    knowledge = KeptKnowledge()
    current = Current(knowledge, Finding(fusion=unfitted(), encoder=encoder("one")), KeptVectors())
    stop = threading.Event()

    def ask() -> int:
        count = 0
        while not stop.is_set():
            found = current.of().find("version of the terms")
            versions = {one.entry.text.rpartition(" ")[2] for one in found}
            assert len(versions) == min(1, len(found))
            assert len(found) in {0, 3}
            count += 1
        return count

    asked = [asking.submit(ask) for _ in range(3)]
    try:
        for version in range(40):
            names = ("x", "y", "z")
            knowledge.replace("t.md", [entry(name, f"terms {name} version {version}", "t.md") for name in names])
            current.refresh()
    finally:
        stop.set()
    assert all(one.result() for one in asked)
