"""What an assistant knows, on SQLite, PostgreSQL and in memory: generations, deletion for good, and kept vectors."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from argosy.assist.retrieval.memory import KeptKnowledge, KeptVectors
from argosy.core.knowledge import Embedded, Entry, Knowledge, digest_of
from argosy.store.database import Database, sqlite_url
from argosy.store.support.knowledge import SqlKnowledge

KINDS = ("sqlite", "postgres", "memory")


@pytest.fixture(params=KINDS)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database | None]:
    """An upgraded database of each kind in turn; None stands for memory."""
    if request.param == "memory":
        yield None
        return
    if request.param == "postgres":
        url = request.getfixturevalue("postgres").database("argosy_template")
    else:
        url = sqlite_url(shutil.copy(request.getfixturevalue("sqlite"), tmp_path / "known.db"))
    database = Database(url)
    yield database
    database.close()


@pytest.fixture
def knowledge(opened: Database | None) -> Knowledge:
    """Nothing known yet."""
    return SqlKnowledge(opened, "helper") if opened else KeptKnowledge()


@pytest.fixture
def embedded(opened: Database | None) -> Embedded:
    """No vector yet."""
    return SqlKnowledge(opened, "helper") if opened else KeptVectors()


def entry(name: str, document: str = "faq.md", text: str = "") -> Entry:
    """A piece of a document."""
    text = text or f"Text of {name}，文本 😀"
    return Entry(id=name, kind="piece", text=text, keys=(f"key of {name}",), document=document, title="FAQ", end=9)


def ids(knowledge: Knowledge, generation: int | None = None) -> list[str]:
    """The ids that are known."""
    return [entry.id for entry in knowledge.entries(generation)]


def test_nothing_is_known_at_first(knowledge: Knowledge) -> None:
    """No generation, no entries, nothing to remove."""
    assert (knowledge.generation, knowledge.entries(), knowledge.entries(7)) == (0, [], [])
    assert knowledge.replace("faq.md", []) == 0
    assert knowledge.purge("faq.md") == 0
    assert knowledge.generation == 0


def test_each_change_is_a_generation(knowledge: Knowledge) -> None:
    """An earlier state stays as it was, whatever became of its entries; what changes nothing makes no new one."""
    first = knowledge.replace("faq.md", [entry("b"), entry("a")])
    assert knowledge.replace("faq.md", [entry("a"), entry("b")]) == first == knowledge.generation
    second = knowledge.replace("faq.md", [replace(entry("a"), text="new"), entry("c")])
    third = knowledge.replace("faq.md", [])
    assert first < second < third == knowledge.generation
    assert [ids(knowledge, number) for number in (first, second, third)] == [["a", "b"], ["a", "c"], []]
    assert knowledge.entries(first) == [entry("a"), entry("b")]
    assert knowledge.entries(second)[0].text == "new"
    assert knowledge.entries() == []


def test_documents_are_apart(knowledge: Knowledge) -> None:
    """Replacing one leaves the others; an entry that moves to another document is there once."""
    knowledge.replace("faq.md", [entry("a")])
    knowledge.replace("更多.md", [entry("z", "更多.md")])
    assert ids(knowledge) == ["a", "z"]
    knowledge.replace("更多.md", [entry("a", "更多.md"), entry("z", "更多.md")])
    assert ids(knowledge) == ["a", "z"]
    knowledge.replace("faq.md", [])
    assert ids(knowledge) == ["a", "z"]
    knowledge.replace("更多.md", [])
    assert ids(knowledge) == []


def test_a_purged_document_is_in_no_generation(knowledge: Knowledge) -> None:
    """No replay shows it again, and who follows the generations hears of it."""
    first = knowledge.replace("faq.md", [entry("a"), entry("b")])
    second = knowledge.replace("more.md", [entry("c", "more.md")])
    knowledge.replace("faq.md", [entry("b")])
    assert knowledge.purge("faq.md") == 2
    assert knowledge.generation > second
    assert (ids(knowledge, first), ids(knowledge, second), ids(knowledge)) == ([], ["c"], ["c"])


def test_changes_at_once_are_generations_of_their_own(knowledge: Knowledge) -> None:
    """Threads that put in documents lose none, and each is told another generation."""
    names = [f"{number}.md" for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(lambda name: knowledge.replace(name, [entry(name, name)]), names))
    assert len(set(told)) == len(names)
    assert knowledge.generation == max(told)
    assert ids(knowledge) == sorted(names)


def test_vectors_are_kept_by_text_and_encoder(embedded: Embedded) -> None:
    """Each comes back as it was, and no encoder sees another one's."""
    vectors = {digest_of(f"{number}"): np.full(3, number / 7, dtype=np.float32) for number in range(1200)}
    embedded.keep("e5", vectors)
    embedded.keep("e5", {digest_of("1"): vectors[digest_of("1")]})
    embedded.keep("e5", {})
    found = embedded.vectors("e5", [*vectors, digest_of("none")])
    assert found.keys() == vectors.keys()
    assert all((found[name] == vectors[name]).all() for name in vectors)
    assert embedded.vectors("minilm", list(vectors)) == {}
    assert embedded.vectors("e5", []) == {}


def test_assistants_know_apart(database: Database) -> None:
    """What one of them knows, and forgets, is not the other's."""
    mine, theirs = SqlKnowledge(database, "helper"), SqlKnowledge(database, "shop")
    mine.replace("faq.md", [entry("a")])
    theirs.replace("faq.md", [entry("b")])
    mine.purge("faq.md")
    assert (ids(mine), ids(theirs)) == ([], ["b"])
    assert theirs.generation == 1


def test_vectors_of_a_purged_document_go_with_it(database: Database) -> None:
    """Unless another entry, of whatever assistant, has the same text."""
    mine, theirs = SqlKnowledge(database, "helper"), SqlKnowledge(database, "shop")
    mine.replace("faq.md", [entry("a"), entry("b")])
    theirs.replace("faq.md", [entry("b")])
    texts = [digest_of(text) for name in "ab" for text in (f"key of {name}", entry(name).text)]
    mine.keep("e5", {text: np.ones(2, dtype=np.float32) for text in texts})
    mine.purge("faq.md")
    assert mine.vectors("e5", texts).keys() == set(texts[2:])
