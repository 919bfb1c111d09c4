"""A project's log asked again: over the model that it built last, or, exactly, by the version that said it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from argosy.assist.folder import open_knowledge, open_parts
from argosy.core.knowledge import Spoken
from argosy.data.dialogues.read import read_dialogues
from argosy.project.selling.shop import Shop
from argosy.project.supporting.beside import open_beside
from argosy.project.supporting.live import LiveAssistant, store_of
from argosy.project.supporting.reading import storable
from argosy.project.supporting.replay import Compared, Replayed, cases, cases_of, compare, replay
from argosy.stages.support import read
from argosy.store.support.conversations import SqlConversations, now
from argosy.store.support.knowledge import SqlKnowledge


def replayed(home: Shop, model: Path, since: int, *, dialogues: bool = False) -> list[Replayed]:
    """Each question logged since a time (µs), over the model and what is known; those of ``dialogues`` too."""
    with open_beside(home, model) as beside:
        asked = list(cases(beside.log.between(since, now()), beside.teaching.decisions.corrections()))
        if dialogues:
            asked += cases_of([replace(turn, text=beside.read(turn.text)) for turn in _spoken(home)])
        return replay(asked, beside.assistant)


def compared(home: Shop, model: Path, since: int) -> list[Compared]:
    """Each reply logged since a time, said again by its own version over its own state of the knowledge."""
    parts = open_parts(model)
    with store_of(home) as database:
        knowledge = SqlKnowledge(database, parts.name)
        current = open_knowledge(model, parts, knowledge=knowledge, embedded=knowledge)
        log = list(SqlConversations(database, parts.name).between(since, now()))
        assistants = {}
        for version in {turn.reply.version for _, turns in log for turn in turns if turn.reply}:
            name, _, reckoned = version.rpartition("/")
            if name == parts.version:
                assistant = LiveAssistant(parts, current, storable)
                assistant.reckon(float(reckoned))
                assistants[version] = assistant
        return compare(log, assistants, knowledge.purged)


def said(value: Replayed | Compared) -> dict[str, Any]:
    """A row of a table."""
    return {name: getattr(value, name) for name in value.__slots__}


def _spoken(home: Shop) -> Sequence[Spoken]:
    """The turns of the project's own dialogues."""
    paths = read.dialogues(home.project, home.folder)
    return list(read_dialogues(paths, read.columns(home.project))) if paths else []
