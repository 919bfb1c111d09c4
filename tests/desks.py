"""A desk behind a small assistant that finds among a few entries: for the tests of what stands around assistants."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from argosy.assist.retrieval.current import Current, Finding
from argosy.assist.retrieval.fusion import unfitted
from argosy.config.places import CORRECTIONS
from argosy.config.schema import Project
from argosy.core.knowledge import CORRECTED, Entry, Found
from argosy.core.records import Message
from argosy.core.support import Citation, Reply
from argosy.project.supporting.desk import Outgoing, SupportDesk
from argosy.project.supporting.numbers import Ground
from argosy.project.supporting.reading import reader
from argosy.project.supporting.teaching import Teaching
from argosy.store.database import Database
from argosy.store.support.conversations import SqlConversations
from argosy.store.support.decisions import SqlDecisions
from argosy.store.support.knowledge import SqlKnowledge

PROJECT = Project.model_validate({"name": "shop", "task": "support", "languages": ["en", "zh"]})
ANSWERS = {
    "ship": (("When is my parcel sent?", "how long until you ship"), "Parcels leave within two days."),
    "fee": (("What does shipping cost?",), "Shipping costs 3 EUR."),
    "tui": (("怎么退货？", "可以退货吗"), "十五天内可以退货。"),
}


def entries() -> list[Entry]:
    """Stored answers that nobody has decided on."""
    return [
        Entry(id=name, kind="answer", text=text, keys=keys, document=f"answers/{name}", title=keys[0], end=len(text))
        for name, (keys, text) in ANSWERS.items()
    ]


@dataclass(slots=True)
class Small:
    """An Assistant over a knowledge: what it finds surely it says, and who is angry gets a person."""

    current: Current
    version: str = "1"
    before: Callable[[], None] = field(default=lambda: None)

    def reply(self, messages: Sequence[Message], generation: int | None = None) -> Reply:
        """What is known, as it is stored."""
        question = messages[-1].content
        retrieval = self.current.of(generation)
        reply = self._said(question, retrieval.find(question))
        self.before()
        if "person" in question or "人工" in question or "!!!" in question:
            summary = " / ".join(one.content for one in messages if one.role == "user")
            reason = "angry" if "!!!" in question else "wants_person"
            reply = Reply(decision="hand_over", text="A person will answer.", reason=reason, summary=summary)
        return replace(reply, generation=retrieval.generation, version=self.version)

    def suggest(self, messages: Sequence[Message], most: int = 3) -> Sequence[Found]:
        """The nearest."""
        return self.current.of().find(messages[-1].content, most)

    def _said(self, question: str, found: Sequence[Found]) -> Reply:
        sure = [one for one in found if one.score > 0.1 and one.entry.approved is not False]
        sure.sort(key=lambda one: not (one.entry.document.startswith(CORRECTED) and one.parts["exact"]))
        if not sure:
            return Reply(decision="unknown", text="I do not know that.", reason="nothing_known")
        best = sure[0].entry
        cited = Citation(
            begin=0,
            stop=len(best.text),
            entry=best.id,
            document=best.document,
            title=best.title,
            where="",
            start=0,
            end=best.end,
        )
        return Reply(decision="stored", text=best.text, citations=(cited,), entries=(best.id,), chance=sure[0].score)


@dataclass(slots=True)
class House:
    """A desk with what it is made of."""

    desk: SupportDesk
    knowledge: SqlKnowledge
    current: Current
    assistant: Small
    database: Database


def house(database: Database, folder: Path, *, target: str = "", clock: Callable[[], int] | None = None) -> House:
    """The desk over a database; what it knows is what is in there."""
    knowledge = SqlKnowledge(database, "shop")
    current = Current(knowledge, Finding(fusion=unfitted()), knowledge)
    teaching = Teaching(
        knowledge=knowledge, decisions=SqlDecisions(database, "shop"), folder=folder, changed=current.refresh
    )
    assistant = Small(current)
    desk = SupportDesk(
        assistant=lambda: assistant,
        log=SqlConversations(database, "shop"),
        teaching=teaching,
        read=reader(PROJECT, b"k" * 32),
        ground=Ground.of(PROJECT),
        outgoing=Outgoing(target=target),
    )
    if clock is not None:
        desk.clock = clock
    return House(desk=desk, knowledge=knowledge, current=current, assistant=assistant, database=database)


@contextmanager
def stocked(url: str, folder: Path, *, target: str = "") -> Iterator[House]:
    """The desk over the database at a URL, which knows the few entries."""
    database = Database(url)
    SqlKnowledge(database, "shop").replace_all({one.document: [one] for one in entries()})
    yield house(database, folder, target=target)
    database.close()


def corrections_in(folder: Path) -> list[dict[str, Any]]:
    """What the next build of a project will learn from."""
    return [json.loads(line) for line in (folder / CORRECTIONS).read_text(encoding="utf-8").splitlines()]
