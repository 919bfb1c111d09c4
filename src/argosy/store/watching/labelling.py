"""Captured texts that wait for a label, and who gave which.

What stands here names a text and never holds it: the text is in its capture, and without one an item is gone.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from argosy.core.errors import MissingError
from argosy.core.labelling import Asked, Item, Progress, State
from argosy.core.watch import Place
from argosy.store.database import Database, metadata
from argosy.store.persons.captures import captures_table
from argosy.store.writing import put

HOLD = 600_000_000
"""Microseconds that a text is kept for who was given it."""
_BOTH = 2
_LOCK = 0x6172676F6C62  # names the lock under which PostgreSQL lets one writer at a time give texts out

items_table = sa.Table(
    "labelling_items",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("model", sa.String(200), nullable=False, index=True),
    sa.Column("tenant", sa.String(64), nullable=False),
    sa.Column("event", sa.String(200), nullable=False),
    sa.Column("index", sa.Integer, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("wanted", sa.Integer, nullable=False),  # annotators
    sa.Column("why", sa.JSON, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # open, disputed, done
    sa.Column("label", sa.Text),
    sa.UniqueConstraint("model", "tenant", "event", "index", name="labelling_items_once"),
)
votes_table = sa.Table(
    "labelling_votes",
    metadata,
    sa.Column("item", sa.String(64), primary_key=True),
    sa.Column("annotator", sa.String(200), primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),  # held, passed, given, word
    sa.Column("label", sa.Text),
    sa.Column("at", sa.BigInteger, nullable=False),
)
TABLES = (items_table.name, votes_table.name)
_ITEM, _VOTE = items_table.c, votes_table.c


class SqlLabelling:
    """The queue; see ``core.labelling.Labelling``. ``clock`` gives microseconds since the epoch."""

    def __init__(self, database: Database, *, clock: Callable[[], int] = lambda: time.time_ns() // 1000) -> None:
        self._database = database
        self._clock = clock

    def add(self, model: str, asked: Sequence[Asked]) -> int:
        """Put texts into the queue, each once; how many were not there yet."""
        rows = [_row(model, one, self._clock()) for one in asked]

        def work(connection: sa.Connection) -> int:
            _alone(connection)
            count = sa.select(sa.func.count()).where(_ITEM.model == model)
            before = connection.scalar(count) or 0
            put(connection, items_table, rows, replace=False)
            return (connection.scalar(count) or 0) - before

        return self._database.write(work).result()

    def next(self, model: str, annotator: str, *, without: Collection[str] = ()) -> Item | None:
        """A text for this person, kept for them."""

        def work(connection: sa.Connection) -> Item | None:
            _alone(connection)
            now = self._clock()
            found = connection.scalar(_free(model, annotator, now - HOLD, without))
            if found is None:
                return None
            _mark(connection, found, annotator, "held", now)
            return _one(connection, found)

        return self._database.write(work).result()

    def vote(self, item: str, annotator: str, label: str) -> Item:
        """The item with this person's label; on a disputed one a third person's is the word that decides."""
        return self.take({item: label}, annotator)[0]

    def take(self, labels: Mapping[str, str], by: str, *, decides: bool = False) -> list[Item]:
        """The items with the labels that a person gives them, all or none; or ``decides`` on, whatever votes there are.

        Raises MissingError where one is not there any more.
        """

        def work(connection: sa.Connection) -> list[Item]:
            _alone(connection)
            return [self._taken(connection, item, by, label, decides=decides) for item, label in labels.items()]

        return self._database.write(work).result()

    def skip(self, item: str, annotator: str) -> None:
        """Leave the text to others."""

        def work(connection: sa.Connection) -> None:
            _one(connection, item)
            _mark(connection, item, annotator, "passed", self._clock())

        self._database.write(work).result()

    def undo(self, model: str, annotator: str) -> Item | None:
        """Take back this person's last label or skip; the text is kept for them again."""
        last = (
            sa.select(_VOTE.item, _VOTE.kind)
            .join(items_table, _ITEM.id == _VOTE.item)
            .where(_ITEM.model == model, _VOTE.annotator == annotator, _VOTE.kind != "held")
            .order_by(_VOTE.at.desc(), _VOTE.item)
            .limit(1)
        )

        def work(connection: sa.Connection) -> Item | None:
            _alone(connection)
            found = connection.execute(last).one_or_none()
            if found is None:
                return None
            own = (_VOTE.item == found.item) & (_VOTE.annotator == annotator)
            connection.execute(votes_table.delete().where(own, _VOTE.kind == found.kind))
            _mark(connection, found.item, annotator, "held", self._clock())
            return _judged(connection, found.item)

        return self._database.write(work).result()

    def waiting(self, model: str) -> dict[str, Place]:
        """The items that are not done, and where their texts were captured."""
        query = sa.select(_ITEM.id, _ITEM.tenant, _ITEM.event, _ITEM.index).where(_waits(model))
        with self._database.reading() as connection:
            return {id_: (tenant, event, index) for id_, tenant, event, index in connection.execute(query)}

    def progress(self, model: str, annotator: str) -> Progress:
        """How far a model's queue is."""
        there = _there().label("there")
        query = sa.select(_ITEM.state, there, sa.func.count()).where(_ITEM.model == model).group_by(_ITEM.state, there)
        own = sa.select(sa.func.count(_VOTE.item.distinct())).join(items_table, _ITEM.id == _VOTE.item)
        own = own.where(_ITEM.model == model, _VOTE.annotator == annotator, _VOTE.kind.in_(("given", "word")))
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
            labelled = connection.scalar(own) or 0
        counts = Counter({state: count for state, known, count in rows if known})
        gone = sum(count for _, known, count in rows if not known)
        return Progress(open=counts["open"], disputed=counts["disputed"], done=counts["done"], gone=gone, own=labelled)

    def models(self) -> list[str]:
        """The models that texts were asked for."""
        with self._database.reading() as connection:
            return list(connection.scalars(sa.select(_ITEM.model).distinct().order_by(_ITEM.model)))

    def items(self, model: str, *states: State) -> list[Item]:
        """The items of a model whose texts are still there, in these states, or in any; the oldest first."""
        wanted = (_ITEM.model == model) & _there()
        with self._database.reading() as connection:
            return _read(connection, wanted & _ITEM.state.in_(states) if states else wanted)

    def ids(self, model: str) -> set[str]:
        """The ids of all items of a model, of those too whose texts are gone."""
        with self._database.reading() as connection:
            return set(connection.scalars(sa.select(_ITEM.id).where(_ITEM.model == model)))

    def places(self, model: str) -> set[Place]:
        """Every text that was ever asked for."""
        query = sa.select(_ITEM.tenant, _ITEM.event, _ITEM.index).where(_ITEM.model == model)
        with self._database.reading() as connection:
            return {(tenant, event, index) for tenant, event, index in connection.execute(query)}

    def pairs(self, model: str) -> list[list[str]]:
        """The first two labels of each text that two people labelled, unknown to each other; of gone texts too."""
        with self._database.reading() as connection:
            votes = [list(item.votes.values())[:_BOTH] for item in _read(connection, _ITEM.model == model)]
        return [pair for pair in votes if len(pair) == _BOTH]

    def _taken(self, connection: sa.Connection, item: str, by: str, label: str, *, decides: bool) -> Item:
        before = _one(connection, item)
        third = before.state == "disputed" and by not in before.votes
        _mark(connection, item, by, "word" if decides or third else "given", self._clock(), label)
        return _judged(connection, item)


def told(connection: sa.Connection, wanted: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
    """Items with the labels that they were given, not by whom."""
    return [
        {"event": item.place[1], "index": item.place[2], "model": item.model, "at": item.at}
        | {"state": item.state, "label": item.label, "votes": list(item.votes.values())}
        for item in _read(connection, wanted)
    ]


def erase(connection: sa.Connection, wanted: sa.ColumnElement[bool]) -> int:
    """Remove items with their votes; how many items."""
    ids = connection.scalars(sa.select(_ITEM.id).where(wanted)).all()
    connection.execute(votes_table.delete().where(_VOTE.item.in_(ids)))
    return connection.execute(items_table.delete().where(_ITEM.id.in_(ids))).rowcount


def _alone(connection: sa.Connection) -> None:
    """Let no other process give texts out until the transaction ends; SQLite lets one write at a time anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def _row(model: str, asked: Asked, at: int) -> dict[str, Any]:
    tenant, event, index = asked.place
    name = sha256("\0".join((model, tenant, event, str(index))).encode("utf-8", "surrogatepass")).hexdigest()[:24]
    common = {"model": model, "tenant": tenant, "event": event, "index": index, "at": at}
    return {"id": f"lab_{name}", "wanted": asked.wanted, "why": dict(asked.why), "state": "open", **common}


def _there() -> sa.ColumnElement[bool]:
    """Whether the text of an item is still kept."""
    capture = captures_table.c
    return sa.exists().where(capture.tenant == _ITEM.tenant, capture.event == _ITEM.event)


def _waits(model: str) -> sa.ColumnElement[bool]:
    return (_ITEM.model == model) & _ITEM.state.in_(("open", "disputed")) & _there()


def _free(model: str, annotator: str, since: int, without: Collection[str]) -> sa.Select[Any]:
    """The item that comes next for a person: of those held since ``since`` by others, none with too few seats left."""
    mine = votes_table.alias("mine").c
    seen = sa.exists().where(mine.item == _ITEM.id, mine.annotator == annotator, mine.kind != "held")
    keeps = sa.exists().where(mine.item == _ITEM.id, mine.annotator == annotator, mine.kind == "held")
    others = sa.select(sa.func.count()).where(_VOTE.item == _ITEM.id, _VOTE.annotator != annotator)
    holding = others.where(_VOTE.kind == "held", _VOTE.at > since).scalar_subquery()
    given = others.where(_VOTE.kind == "given").scalar_subquery()
    seats = sa.case((_ITEM.state == "open", _ITEM.wanted - given), else_=1)
    return (
        sa.select(_ITEM.id)
        .where(_waits(model), _ITEM.id.not_in(without), ~seen, seats > holding)
        .order_by(keeps.desc(), _ITEM.state.desc(), holding > 0, _ITEM.at, _ITEM.id)
        .limit(1)
    )


def _mark(connection: sa.Connection, item: str, annotator: str, kind: str, at: int, label: str | None = None) -> None:
    """Note what a person did with an item, in the place of its being kept for them, or skipped."""
    own = (_VOTE.item == item) & (_VOTE.annotator == annotator)
    connection.execute(votes_table.delete().where(own, _VOTE.kind.in_(("held", "passed"))))
    row = {"item": item, "annotator": annotator, "kind": kind, "label": label, "at": at}
    put(connection, votes_table, [row])


def _judged(connection: sa.Connection, item: str) -> Item:
    """The item in the state that follows from its votes."""
    found = _one(connection, item)
    words = sa.select(_VOTE.label).where(_VOTE.item == item, _VOTE.kind == "word").order_by(_VOTE.at.desc())
    state, label = _state(list(found.votes.values()), found.wanted, connection.scalar(words))
    connection.execute(items_table.update().where(_ITEM.id == item).values(state=state, label=label))
    return _one(connection, item)


def _state(votes: Sequence[str], wanted: int, word: str | None) -> tuple[State, str | None]:
    """A word decides; without one, when enough have labelled, the label that more gave than any other."""
    if word is not None:
        return "done", word
    if len(votes) < wanted:
        return "open", None
    (first, most), *rest = Counter(votes).most_common(_BOTH)
    return ("disputed", None) if rest and rest[0][1] == most else ("done", first)


def _one(connection: sa.Connection, item: str) -> Item:
    found = _read(connection, _ITEM.id == item)
    if not found:
        raise MissingError(
            "There is no text {item} to label: it was never asked for, or erased.",
            mend="Go on with the next one.",
            item=item,
        )
    return found[0]


def _read(connection: sa.Connection, wanted: sa.ColumnElement[bool]) -> list[Item]:
    rows = connection.execute(sa.select(items_table).where(wanted).order_by(_ITEM.at, _ITEM.id)).mappings().all()
    votes = sa.select(_VOTE.item, _VOTE.annotator, _VOTE.label).join(items_table, _ITEM.id == _VOTE.item)
    votes = votes.where(wanted, _VOTE.kind == "given").order_by(_VOTE.at, _VOTE.annotator)
    given: dict[str, dict[str, str]] = defaultdict(dict)
    for item, annotator, label in connection.execute(votes):
        given[item][annotator] = label
    return [_item(row, given[row["id"]]) for row in rows]


def _item(row: Mapping[Any, Any], votes: Mapping[str, str]) -> Item:
    names = ("id", "model", "at", "wanted", "why", "state", "label")
    place = (row["tenant"], row["event"], row["index"])
    return Item(place=place, votes=votes, **{name: row[name] for name in names})
