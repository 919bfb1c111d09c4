"""Documents that are followed while the assistant serves: changed, deleted, broken, by several processes."""

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest

from argosy.assist.retrieval.current import Current, Finding
from argosy.assist.retrieval.fusion import unfitted
from argosy.assist.retrieval.memory import KeptVectors
from argosy.assist.retrieval.pieces import entries_of_document
from argosy.core.errors import MachineError
from argosy.core.knowledge import Entry
from argosy.data.documents.read import read_document
from argosy.project.supporting.following import Change, Follower, following
from argosy.store.database import Database, sqlite_url
from argosy.store.support.knowledge import SqlKnowledge
from argosy.store.upgrade import upgrade
from argosy.store.watching.turns import SqlTurns

pytest.importorskip("lxml", reason="documents are read by packages of the extra support")

REFUNDS = "# Refunds\n\nA refund takes seven days.\n"
SHIPPING = "# 配送\n\n包裹三天内送达。\n"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An upgraded database."""
    opened = Database(sqlite_url(tmp_path / "argosy.db"))
    upgrade(opened)
    yield opened
    opened.close()


@pytest.fixture
def knowledge(database: Database) -> SqlKnowledge:
    """One that also holds a stored answer, which is no document of the folder."""
    known = SqlKnowledge(database, "helper")
    answer = Entry(
        id="a1",
        kind="answer",
        text="Yes, daily.",
        keys=("Are you open?",),
        document="answers/a1",
        title="Are you open?",
    )
    known.replace("answers/a1", [answer])
    return known


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two documents."""
    folder = tmp_path / "project" / "docs"
    folder.mkdir(parents=True)
    (folder / "refunds.md").write_text(REFUNDS, encoding="utf-8")
    (folder / "配送.md").write_text(SHIPPING, encoding="utf-8")
    return folder


def follower(folder: Path, knowledge: SqlKnowledge, patterns: tuple[str, ...] = ("docs/*",)) -> Follower:
    """What follows them."""
    return Follower(
        folder.parent, patterns, knowledge, lambda path, name: entries_of_document(read_document(path, name))
    )


def searched(knowledge: SqlKnowledge) -> Current:
    """Retrieval by words."""
    return Current(knowledge, Finding(fusion=unfitted()), KeptVectors())


def done(changes: list[Change]) -> set[tuple[str, str]]:
    """What became of which document."""
    return {(change.document, change.what) for change in changes}


def test_documents_are_put_in_once(folder: Path, knowledge: SqlKnowledge) -> None:
    """A second look, and that of a process that starts anew, change nothing."""
    first = follower(folder, knowledge)
    assert first.differs()
    assert done(first.look()) == {("docs/refunds.md", "put"), ("docs/配送.md", "put")}
    assert not first.differs()
    generation = knowledge.generation
    assert first.look() == []
    assert follower(folder, knowledge).look() == []
    os.utime(folder / "refunds.md")
    assert first.differs()
    assert first.look() == []
    assert knowledge.generation == generation


def test_a_changed_document_answers_anew(folder: Path, knowledge: SqlKnowledge) -> None:
    """What it said before is found no more, though it kept its size and its time."""
    following, current = follower(folder, knowledge), searched(knowledge)
    following.look()
    assert current.refresh()
    assert "seven days" in current.of().find("How long does a refund take?")[0].entry.text
    file = folder / "refunds.md"
    before = file.stat()
    file.write_text(REFUNDS.replace("seven", "eight"), encoding="utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert done(following.look()) == {("docs/refunds.md", "put")}
    assert current.refresh()
    found = current.of().find("How long does a refund take?")
    assert "eight days" in found[0].entry.text
    assert not any("seven" in one.entry.text for one in found)


@pytest.mark.parametrize("patterns", [("docs/*",), ("docs/refunds.md", "docs/配送.md")])
def test_a_deleted_document_is_never_quoted_again(
    folder: Path, knowledge: SqlKnowledge, patterns: tuple[str, ...]
) -> None:
    """Whichever process noticed first, and though the file was gone before this one began; answers stay."""
    follower(folder, knowledge, patterns).look()
    current = searched(knowledge)
    (quoted,) = [one.entry for one in current.of().find("refund") if one.entry.document == "docs/refunds.md"]
    (folder / "refunds.md").unlink()
    assert done(follower(folder, knowledge, patterns).look()) == {("docs/refunds.md", "removed")}
    assert current.refresh()
    assert current.of().find("refund") == []
    assert current.of().find("A refund takes seven days.") == []
    assert current.of().entry(quoted.id) is None
    assert {entry.document for entry in knowledge.entries()} == {"docs/配送.md", "answers/a1"}


def test_a_broken_document_stays_as_it_was(
    folder: Path, knowledge: SqlKnowledge, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told once; the others are followed, and the mended one is taken up again."""
    following, current = follower(folder, knowledge), searched(knowledge)
    following.look()
    (folder / "refunds.md").write_bytes(b"%PDF-1.7 half a file")
    (folder / "配送.md").write_text(SHIPPING.replace("三", "五"), encoding="utf-8")
    (told, _) = sorted(following.look(), key=lambda change: change.document)
    assert (told.document, told.what) == ("docs/refunds.md", "broken")
    assert "docs/refunds.md" in told.said
    assert not following.differs()
    assert following.look() == []
    assert [record.getMessage() for record in caplog.records] == [
        f"docs/refunds.md stays as it was last read: {told.said}"
    ]
    current.refresh()
    assert current.of().find("refund")[0].entry.text == "A refund takes seven days."
    assert "五天" in current.of().find("包裹")[0].entry.text
    (folder / "refunds.md").write_text(REFUNDS.replace("seven", "nine"), encoding="utf-8")
    assert done(following.look()) == {("docs/refunds.md", "put")}


def test_a_folder_that_is_gone_removes_nothing(folder: Path, knowledge: SqlKnowledge) -> None:
    """A drive that is not there is no wish to forget all."""
    following = follower(folder, knowledge)
    following.look()
    generation = knowledge.generation
    folder.parent.rename(folder.parent.parent / "elsewhere")
    with pytest.raises(MachineError, match="gone"):
        following.look()
    assert knowledge.generation == generation


def test_processes_follow_each_other(
    folder: Path, knowledge: SqlKnowledge, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Two that follow the same folder both answer from what one of them read, and a failure ends neither."""
    currents = [searched(knowledge), searched(knowledge)]
    heard = [Event(), Event()]
    runs = [
        following(follower(folder, knowledge), refreshed(current, event), SqlTurns(database), "helper", nap=0.01)
        for current, event in zip(currents, heard, strict=True)
    ]
    with caplog.at_level(logging.ERROR, "argosy.error"), runs[0], runs[1]:
        assert all(event.wait(20) for event in heard)
        for event in heard:
            event.clear()
        (folder / "empty.md").write_text("", encoding="utf-8")
        (folder / "refunds.md").unlink()
        assert all(event.wait(20) for event in heard)
    assert [current.of().find("refund") for current in currents] == [[], []]
    assert [current.of().find("包裹")[0].entry.document for current in currents] == ["docs/配送.md"] * 2
    told = [record.getMessage() for record in caplog.records]
    assert sum("docs/empty.md" in one for one in told) >= 1


def test_what_others_put_in_is_taken_up_though_the_folder_is_gone(
    folder: Path, knowledge: SqlKnowledge, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """The failure is told once, however long it lasts."""
    follower(folder, knowledge).look()
    current, heard = searched(knowledge), Event()
    folder.parent.rename(folder.parent.parent / "elsewhere")

    def refresh() -> None:
        if current.refresh() and current.of().find("refund") == []:
            heard.set()

    with following(follower(folder, knowledge), refresh, SqlTurns(database), "helper", nap=0.01):
        knowledge.replace("docs/refunds.md", [])
        assert heard.wait(20)
    assert sum("gone" in record.getMessage() for record in caplog.records) == 1


def refreshed(current: Current, event: Event) -> Callable[[], None]:
    """Refreshes, and tells when both documents, or the one that is left, are known."""
    wanted = iter([{"docs/refunds.md", "docs/配送.md", "answers/a1"}, {"docs/配送.md", "answers/a1"}])
    expected = next(wanted)

    def refresh() -> None:
        nonlocal expected
        current.refresh()
        if {entry.document for entry in current.of().snapshot.entries} == expected:
            event.set()
            expected = next(wanted, expected)

    return refresh
