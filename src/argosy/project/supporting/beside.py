"""The model that a project built last, beside whatever serves: over what would be known were it to begin now.

Nothing that serves is touched: its answers, as people decided on them, with the store's corrections and the documents
as they are now, are put together in memory.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from argosy.assist.folder import open_knowledge, open_parts, read_entries
from argosy.assist.retrieval.memory import KeptKnowledge
from argosy.core.knowledge import CORRECTED, Entry
from argosy.project.selling.shop import Shop
from argosy.project.supporting.live import LiveAssistant, follower_of, store_of
from argosy.project.supporting.reading import Read, reader
from argosy.project.supporting.secret import derived, open_secret
from argosy.project.supporting.teaching import Teaching, decided, read_mined
from argosy.store.support.conversations import SqlConversations, now
from argosy.store.support.decisions import SqlDecisions
from argosy.store.support.knowledge import SqlKnowledge


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """The assistant, what people decided on its answers, and the log; ``stored`` is what serves."""

    assistant: LiveAssistant
    teaching: Teaching
    stored: SqlKnowledge
    log: SqlConversations
    read: Read

    def decide(self, entry: str, *, approved: bool, text: str, by: str) -> None:
        """Decide on a stored answer; what serves gives it so from now on, where it knows it."""
        self.teaching.decide(entry, approved=approved, text=text, by=by, at=now())
        verdict = self.teaching.decisions.verdicts()[entry]
        for one in self.stored.entries():
            if one.id == entry:
                self.stored.replace(one.document, [decided(one, verdict)])


@contextmanager
def open_beside(home: Shop, model: Path) -> Iterator[Beside]:
    """The assistant of a built ``model`` while the block runs."""
    parts, read = open_parts(model), reader(home.project, derived(open_secret(home.folder), "pseudonyms"))
    with store_of(home) as database:
        stored, decisions = SqlKnowledge(database, parts.name), SqlDecisions(database, parts.name)
        knowledge = KeptKnowledge(_known(model, stored, decisions))
        follower = follower_of(home.project, home.folder, knowledge)
        if follower is not None:
            follower.look()
        yield Beside(
            assistant=LiveAssistant(parts, open_knowledge(model, parts, knowledge=knowledge), read),
            teaching=Teaching(knowledge=knowledge, decisions=decisions, folder=home.folder, mined=read_mined(model)),
            stored=stored,
            log=SqlConversations(database, parts.name),
            read=read,
        )


def _known(model: Path, stored: SqlKnowledge, decisions: SqlDecisions) -> list[Entry]:
    verdicts = decisions.verdicts()
    kept = [one for one in stored.entries() if one.kind == "piece" or one.document.startswith(CORRECTED)]
    followed = {one.document for one in kept}
    own = [entry for entry in read_entries(model) if entry.document not in followed]
    return [*(decided(one, verdicts[one.id]) if one.id in verdicts else one for one in own), *kept]
