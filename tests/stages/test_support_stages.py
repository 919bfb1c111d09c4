"""The stages of an assistant before any model: what is read, mined and shared out."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from argosy.assist.folder import open_assistant
from argosy.config import file
from argosy.config.places import CORRECTIONS
from argosy.core.errors import DataError
from argosy.core.records import Message
from argosy.project.building.build import Built, build, check
from argosy.project.building.plan import read_lock
from argosy.report.verdict import verdict
from argosy.stages.support import read, split

pytest.importorskip("torch", reason="the stages of a training import it")

PROJECT = """
name = "shop"
task = "support"
languages = ["en", "zh"]
"""
DIALOGUES = '[data]\npath = "dialogues.jsonl"\ntime = "time"\n'
DOCUMENTS = '[support]\ndocuments = ["*.md"]\n'
DELIVERY = "Parcels arrive within three working days, and we send you a message in the morning."
REFUND = "The refund reaches your card five working days after the parcel is back with us."
STORE = "Our store in the harbour street opens at nine every morning but Sunday."


def spoken(day: int, number: int, question: str, answer: str) -> list[dict[str, str]]:
    """A dialogue of two turns on a day of March."""
    shared = {"dialogue": f"d{number:03}", "time": f"2025-03-{day:02} 10:00:00"}
    return [{**shared, "speaker": "customer", "text": question}, {**shared, "speaker": "agent", "text": answer}]


def dialogues() -> list[dict[str, str]]:
    """Twenty days of two answers, and five days of a third one at the end."""
    rows: list[dict[str, str]] = []
    for day in range(1, 21):
        rows += spoken(day, 2 * day, f"When will parcel number {day} of mine arrive here?", DELIVERY)
        rows += spoken(day, 2 * day + 1, f"When is the money of return {day} back on my card?", REFUND)
    for day in range(24, 29):
        rows += spoken(day, 100 + day, f"At what time does your shop open on the {day}th?", STORE)
    return rows


def project(folder: Path, tables: str, rows: Sequence[Mapping[str, str]] = ()) -> Path:
    """A project in a folder with these tables and dialogues."""
    (folder / "argosy.toml").write_text(PROJECT + tables, encoding="utf-8")
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "dialogues.jsonl").write_text(lines, encoding="utf-8")
    return folder


def checked(folder: Path) -> dict[str, Any]:
    """What `argosy check` finds."""
    return check(file.load(folder), folder, lambda news: None)


def artifact(folder: Path, stage: str) -> Path:
    """The artifact of a stage."""
    return folder / ".argosy" / "artifacts" / read_lock(folder)[stage].artifact


def test_later_dialogues_are_tested_on_and_nothing_is_known_before_it_was_said(tmp_path: Path) -> None:
    """An answer that was given at the end only is no entry of what is measured, and one of what serves."""
    found = checked(project(tmp_path, DIALOGUES, dialogues()))
    folder = artifact(tmp_path, "split")
    times = {part: [row.at or 0 for row in split.rows(folder, part)] for part in split.PARTS}
    assert max(times["train"]) <= min(times["validation"]) <= max(times["validation"]) <= min(times["test"])
    assert {entry.text for entry in split.entries(folder)} == {DELIVERY, REFUND}
    assert {entry.text for entry in split.entries(folder, every=True)} == {DELIVERY, REFUND, STORE}
    asked = {row.question for row in split.rows(folder, "train")}
    assert {key for entry in split.entries(folder) for key in entry.keys} <= asked
    assert found["splits"] == {"train": 27, "validation": 9, "test": 9}
    assert (found["answers"], found["known"]) == (3, 2)


def test_personal_data_is_gone_before_anything_is_stored(tmp_path: Path) -> None:
    """A number in a question stands in no artifact."""
    rows = [*dialogues(), *spoken(2, 900, "My phone is 13812345678, when will the parcel arrive?", DELIVERY)]
    found = checked(project(tmp_path, DIALOGUES, rows))
    assert found["redacted"] == {"phone": 1}
    stored = [path.read_bytes() for path in (tmp_path / ".argosy").rglob("*") if path.is_file()]
    assert not any(b"13812345678" in content for content in stored)


def test_what_people_corrected_is_learnt(tmp_path: Path) -> None:
    """A correction is a question with the answer that should have been given."""
    folder = project(tmp_path, DIALOGUES, dialogues())
    told = {"id": "c1", "question": "Do you deliver to islands?", "answer": "Yes, on Fridays.", "by": "key_1", "at": 1}
    (folder / CORRECTIONS).parent.mkdir()
    (folder / CORRECTIONS).write_text(json.dumps(told) + "\n", encoding="utf-8")
    checked(folder)
    turns = [turn for turn in read.turns(artifact(folder, "read")) if turn.text in (told["question"], told["answer"])]
    assert [(turn.speaker, turn.text) for turn in turns] == [("customer", told["question"]), ("agent", told["answer"])]


def test_documents_alone_are_knowledge_enough(tmp_path: Path) -> None:
    """Without any dialogue the pieces of one document are entries; each reads as its place in the document does."""
    (tmp_path / "returns.md").write_text("# Returns\n\nSend it back within 14 days.\n", encoding="utf-8")
    found = checked(project(tmp_path, DOCUMENTS))
    (document,) = read.documents(artifact(tmp_path, "read"))
    entries = split.entries(artifact(tmp_path, "split"))
    assert entries
    assert found["pieces"] == len(entries)
    assert all(document.text[entry.start : entry.end] == entry.text for entry in entries)


def test_nothing_to_answer_with_is_told(tmp_path: Path) -> None:
    """Neither dialogues nor documents: the error names both keys."""
    with pytest.raises(DataError) as caught:
        checked(project(tmp_path, DOCUMENTS))
    assert "[data] path" in str(caught.value)
    assert "[support] documents" in str(caught.value)


def test_one_document_becomes_an_assistant(tmp_path: Path) -> None:
    """Without a question to test on there is a report, a card and a folder that serves; the figures say nothing."""
    (tmp_path / "returns.md").write_text("# Returns\n\nSend it back within 14 days.\n", encoding="utf-8")
    folder = project(tmp_path, DOCUMENTS)
    built = build(file.load(folder), folder, lambda news: None)
    assert isinstance(built, Built)
    assert built.results["guarantee"]["answered"] is None
    assert "nothing is known" in verdict(built.results, str).headline.lower()
    assistant = open_assistant(built.model).assistant
    reply = assistant.reply([Message(role="user", content="Send it back within 14 days.")])
    assert reply.decision in {"composed", "clarify"}
