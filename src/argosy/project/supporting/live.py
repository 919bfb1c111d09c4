"""An assistant as it serves: a model's folder over knowledge that changes, with its log, its desk and its watch.

The model's own entries are put into the store once for each version of it; from then on the store is what is known:
documents are followed, approvals and corrections count at once, and every process takes them up within a second or so.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from argosy.assist.answering.engine import AssistantEngine
from argosy.assist.folder import Parts, open_knowledge, open_parts, read_entries
from argosy.assist.retrieval.current import Current
from argosy.assist.retrieval.pieces import entries_of_document
from argosy.config.schema import Project
from argosy.config.selling import Sell
from argosy.core.engine import Generator
from argosy.core.errors import MissingError, ProjectError
from argosy.core.knowledge import Entry, Found, Knowledge
from argosy.core.records import Message
from argosy.core.support import Assistant, Reply
from argosy.data.documents.find import documents_of
from argosy.data.documents.read import read_document
from argosy.infer.folder import told
from argosy.project.selling.shop import Shop, open_store
from argosy.project.supporting.desk import Outgoing, SupportDesk
from argosy.project.supporting.following import Follower, following
from argosy.project.supporting.guarding import Guard, guarantee
from argosy.project.supporting.nearest import vectors_in
from argosy.project.supporting.numbers import Ground
from argosy.project.supporting.reading import Read, reader
from argosy.project.supporting.secret import derived, open_secret
from argosy.project.supporting.sending import Hook, sending
from argosy.project.supporting.teaching import Teaching, decided, entry_of, read_mined
from argosy.store.database import Database
from argosy.store.support.conversations import SqlConversations
from argosy.store.support.decisions import SqlDecisions
from argosy.store.support.events import SqlEvents
from argosy.store.support.knowledge import SqlKnowledge
from argosy.store.watching.turns import SqlTurns


class LiveAssistant:
    """The Assistant of a folder by the rules that hold now; personal data is taken out before anything is read."""

    def __init__(self, parts: Parts, current: Current, read: Read) -> None:
        self._parts = parts
        self._current = current
        self._read = read
        self._writer: Generator | None = None
        self._now = parts.over(current).assistant

    @property
    def parts(self) -> Parts:
        """What it is made of, the rules as they hold now."""
        return self._parts

    @property
    def version(self) -> str:
        """What its replies say of themselves."""
        return f"{self._parts.version}/{self._parts.rules.share:g}"

    def reckon(self, share: float) -> None:
        """Answer from now on as for this share of questions that have no answer here."""
        if share == self._parts.rules.share:
            return
        self._parts = replace(self._parts, rules=replace(self._parts.rules, share=share))
        self._now = self._parts.over(self._current, self._writer).assistant

    def write_with(self, writer: Generator) -> None:
        """Word composed answers anew by a model."""
        self._writer = writer
        self._now = self._parts.over(self._current, writer).assistant

    def reply(self, messages: Sequence[Message], generation: int | None = None) -> Reply:
        """The answer to the last message."""
        return self._now.reply(self._clean(messages), generation)

    def suggest(self, messages: Sequence[Message], most: int = 3) -> Sequence[Found]:
        """What a person may answer with."""
        return self._now.suggest(self._clean(messages), most)

    def _clean(self, messages: Sequence[Message]) -> list[Message]:
        return [replace(message, content=self._read(message.content)) for message in messages]


@dataclass(frozen=True, slots=True, kw_only=True)
class Noting:
    """The Assistant for those who keep their conversations themselves: what it says is logged before it is told."""

    inner: Assistant
    desk: SupportDesk

    def reply(self, messages: Sequence[Message], generation: int | None = None) -> Reply:
        """The answer to the last message."""
        began = self.desk.clock()
        reply = self.inner.reply(messages, generation)
        self.desk.note(messages, reply, began)
        return reply

    def suggest(self, messages: Sequence[Message], most: int = 3) -> Sequence[Found]:
        """What a person may answer with."""
        return self.inner.suggest(messages, most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """An assistant that serves: ``engine`` for the chat route, ``desk`` for the channels and the people behind it."""

    engine: AssistantEngine
    desk: SupportDesk
    assistant: LiveAssistant
    knowledge: SqlKnowledge
    refresh: Callable[[], object]
    prepare: Callable[[Sequence[Entry]], object]

    def rewrite_by(self, engines: Mapping[str, object], name: str | None) -> None:
        """Let the model of a name, if there is one, word composed answers anew; raises ProjectError for another."""
        if name is None:
            return
        writer = engines.get(name)
        if not isinstance(writer, Generator) or writer is self.engine:
            raise ProjectError(
                "There is no model {name!r} here that writes.",
                where="argosy.toml, [support] rewrite",
                mend="Name one of [serve] models: {known}.",
                name=name,
                known=", ".join(one for one in engines if engines[one] is not self.engine) or "–",
            )
        self.assistant.write_with(writer)


def open_live(home: Shop, model: Path, database: Database, *, threads: int | None = None) -> Live:
    """The assistant of a built ``model`` over the store of a project; nothing runs beside it yet."""
    project, folder = home.project, home.folder
    parts = open_parts(model, threads=threads)
    knowledge, decisions = SqlKnowledge(database, parts.name), SqlDecisions(database, parts.name)
    _begin(model, parts.version, knowledge, decisions)
    current = open_knowledge(model, parts, knowledge=knowledge, embedded=knowledge, opened=vectors_in(database))
    secret = open_secret(folder)
    read = reader(project, derived(secret, "pseudonyms"))
    assistant = LiveAssistant(parts, current, read)
    teaching = Teaching(
        knowledge=knowledge,
        decisions=decisions,
        folder=folder,
        mined=read_mined(model),
        changed=current.refresh,
    )
    log = SqlConversations(database, parts.name)
    hook, curve = hook_of(project, secret), _curve(model)
    desk = SupportDesk(
        assistant=lambda: assistant,
        log=log,
        teaching=teaching,
        read=read,
        ground=Ground.of(project),
        outgoing=Outgoing(target=hook.target if hook else ""),
        promise=lambda: {**guarantee(log, decisions, parts.rules.thresholds), "curve": curve},
    )
    engine = AssistantEngine(assistant=Noting(inner=assistant, desk=desk), name=parts.name)
    return Live(
        engine=engine,
        desk=desk,
        assistant=assistant,
        knowledge=knowledge,
        refresh=current.refresh,
        prepare=current.prepare,
    )


@contextmanager
def serving_live(home: Shop, model: Path, database: Database, *, threads: int | None = None) -> Iterator[Live]:
    """The same, kept up to date while the block runs: documents, other processes' changes, events, days, promise."""
    project, folder = home.project, home.folder
    live = open_live(home, model, database, threads=threads)
    turns, name = SqlTurns(database), live.assistant.parts.name
    with ExitStack() as stack:
        follower = follower_of(project, folder, live.knowledge, live.prepare)
        if follower is not None:
            follower.look()  # what was deleted while nothing served is not quoted for a moment
            stack.enter_context(following(follower, live.refresh, turns, f"support documents {name}"))
        live.refresh()
        live.desk.teaching.export()
        hook = hook_of(project, open_secret(folder))
        if hook is not None:
            stack.enter_context(sending(SqlEvents(database), hook))
        guard = Guard(
            log=live.desk.log,
            decisions=live.desk.teaching.decisions,
            thresholds=live.assistant.parts.rules.thresholds,
            turns=turns,
            keep_days=project.support.keep_days,
            reckon=live.assistant.reckon,
            refresh=live.refresh,
            clock=live.desk.clock,
        )
        stack.enter_context(guard.running())
        yield live


@contextmanager
def store_of(home: Shop) -> Iterator[Database]:
    """The store of a project, whether it sells or not."""
    with open_store(home.project.sell or Sell(), home.folder) as database:
        yield database


@contextmanager
def live_of(home: Shop, model: Path, *, threads: int | None = None) -> Iterator[Live]:
    """The assistant over the project's own store, for a verb: nothing runs beside it."""
    with store_of(home) as database:
        yield open_live(home, model, database, threads=threads)


def _curve(model: Path) -> list[dict[str, Any]]:
    """Wrong answers over what is answered, as the model's test questions showed it; none of an older model."""
    return list(told(model).get("metrics", {}).get("selective", {}).get("curve", ()))


def hook_of(project: Project, secret: str) -> Hook | None:
    """Where events of the project go, if anywhere."""
    return Hook(url=project.support.webhook, secret=secret) if project.support.webhook else None


def _begin(model: Path, version: str, knowledge: SqlKnowledge, decisions: SqlDecisions) -> None:
    """Know what this version of the model was built with, as people decided on it since."""
    verdicts = decisions.verdicts()
    entries = [
        decided(entry, verdicts[entry.id]) if entry.kind == "answer" and entry.id in verdicts else entry
        for entry in read_entries(model)
    ]
    if knowledge.begin(version, entries):
        corrected = {}
        for correction in decisions.corrections():
            entry = entry_of(correction)
            corrected[entry.document] = [entry]
        knowledge.replace_all(corrected)


def follower_of(
    project: Project, folder: Path, knowledge: Knowledge, prepare: Callable[[Sequence[Entry]], object] = len
) -> Follower | None:
    """What keeps a knowledge as the documents are; None where none of them is: those of the model stay then."""
    try:
        here = bool(documents_of(project.support.documents, folder))
    except MissingError:
        here = True
    return Follower(folder, project.support.documents, knowledge, _entries_of, prepare) if here else None


def _entries_of(path: Path, name: str) -> Sequence[Entry]:
    return entries_of_document(read_document(path, name))
