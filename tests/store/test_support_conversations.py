"""Conversations in both databases: written whole or not at all, in order, once for each message, and gone when told."""

from dataclasses import replace

import pytest

from argosy.core.errors import MissingError, ProjectError
from argosy.core.support import Asked, Citation, Conversation, Correction, Reply, Turn
from argosy.store.database import Database
from argosy.store.support.conversations import Exchange, OvertakenError, SqlConversations
from argosy.store.support.decisions import SqlDecisions, Verdict
from argosy.store.support.events import HOLD, Event, SqlEvents, pause

CITED = Citation(begin=0, stop=3, entry="e", document="d.md", title="D", where="§", start=4, end=7)
REPLY = Reply(decision="composed", text="寄回即可。", citations=(CITED,), entries=("e",), slots={"order": "7"})
ASKED = Asked(id="m1", channel="widget", peer="p", text="怎么退货？😀")


def opened(name: str = "con_1", at: int = 10) -> Conversation:
    """A new conversation."""
    return Conversation(id=name, channel="widget", peer="p", state="open", opened=at, changed=at)


def turns(name: str = "con_1", first: int = 0, at: int = 10) -> list[Turn]:
    """A question and its answer."""
    asked = Turn(id=f"{name}.{first}", conversation=name, index=first, role="user", text=ASKED.text, at=at)
    told = replace(asked, id=f"{name}.{first + 1}", index=first + 1, role="assistant", text=REPLY.text, reply=REPLY)
    return [asked, told]


def first(log: SqlConversations, **more: object) -> Turn:
    """Log the first exchange."""
    exchange = Exchange(asked=ASKED, seen=None, after=opened(), turns=turns())
    return log.log(replace(exchange, **more), 0)  # type: ignore[arg-type]


def test_what_was_logged_is_read_again(database: Database) -> None:
    """The turns with the whole reply, the conversation, and the answer by the channel's own id."""
    log = SqlConversations(database, "shop")
    assert first(log) == turns()[1]
    assert log.turns("con_1") == turns()
    assert log.turns("con_1", after=0) == turns()[1:]
    assert log.turn("con_1.1") == turns()[1]
    assert log.conversation("con_1") == opened() == log.current("widget", "p", 10)
    assert log.answered(ASKED) == turns()[1]
    assert log.answered(replace(ASKED, channel="api")) is None


def test_another_model_sees_nothing(database: Database) -> None:
    """Conversations belong to the model they were had with."""
    first(SqlConversations(database, "shop"))
    other = SqlConversations(database, "other")
    assert other.listed([], 9) == []
    for look in (other.conversation, other.turn):
        with pytest.raises(MissingError):
            look("con_1" if look == other.conversation else "con_1.1")


def test_the_same_message_again_writes_nothing(database: Database) -> None:
    """Whatever is to be written, the answer is the first one."""
    log = SqlConversations(database, "shop")
    first(log)
    again = first(log, after=opened("con_2"), turns=turns("con_2"))
    assert again == turns()[1]
    assert [one.id for one in log.listed([], 9)] == ["con_1"]


def test_a_very_long_id_is_known_again(database: Database) -> None:
    """A channel's id of any length counts as a whole."""
    log = SqlConversations(database, "shop")
    long = replace(ASKED, id="号" * 5000)
    first(log, asked=long)
    assert log.answered(long) == turns()[1]
    assert log.answered(replace(long, id=long.id + "x")) is None


def test_who_read_an_older_state_writes_nothing(database: Database) -> None:
    """A turn, a change of state, or another first message since then: the exchange is refused whole."""
    log = SqlConversations(database, "shop")
    first(log)
    late = Exchange(asked=replace(ASKED, id="m2"), seen=opened(), after=opened(), turns=turns(first=2))
    log.log(late, 0)
    behind = replace(late, asked=replace(ASKED, id="m3"), turns=turns("con_1", 2))
    with pytest.raises(OvertakenError):
        log.log(behind, 0)
    log.change("con_1", lambda seen: replace(seen, state="taken", by="ann"))
    with pytest.raises(OvertakenError):
        log.log(replace(behind, turns=turns("con_1", 4)), 0)
    with pytest.raises(OvertakenError):
        first(log, asked=replace(ASKED, id="m4"), after=opened("con_9"), turns=turns("con_9"))
    assert len(log.turns("con_1")) == 4
    assert log.answered(replace(ASKED, id="m3")) is None


def test_a_change_that_raises_changes_nothing(database: Database) -> None:
    """The error comes out, the conversation stays."""

    def refuse(_: Conversation) -> Conversation:
        raise ProjectError("no")

    log = SqlConversations(database, "shop")
    first(log)
    with pytest.raises(ProjectError):
        log.change("con_1", refuse)
    with pytest.raises(MissingError):
        log.change("con_?", lambda seen: seen)
    assert log.conversation("con_1") == opened()


def test_who_waits_longest_comes_first(database: Database) -> None:
    """The queue by how long each waits, then the others, the last changed first."""
    log = SqlConversations(database, "shop")
    for number, (state, changed) in enumerate((("open", 5), ("waiting", 9), ("waiting", 3), ("closed", 7))):
        one = replace(opened(f"con_{number}"), state=state, changed=changed, peer=f"p{number}")
        asked = replace(ASKED, id=f"m{number}")
        log.log(Exchange(asked=asked, seen=None, after=one, turns=turns(one.id)), 0)
    assert [one.id for one in log.listed([], 9)] == ["con_2", "con_1", "con_3", "con_0"]
    assert [one.id for one in log.listed(["waiting"], 1)] == ["con_2"]


def test_a_person_writes_behind_all_others(database: Database) -> None:
    """The index is the next one; an event is kept in the same transaction."""
    log, events = SqlConversations(database, "shop"), SqlEvents(database)
    first(log)
    word = Turn(id="t", conversation="con_1", index=0, role="person", text="您好", at=20, by="ann")

    def told(turn: Turn) -> Event:
        return Event(id="e", target="x", told={"conversation": "con_1", "index": turn.index}, due=20)

    placed = log.add(word, lambda seen: replace(seen, state="taken", by="ann"), told)
    assert placed.index == 2
    assert log.turns("con_1")[-1] == placed
    assert log.conversation("con_1").by == "ann"
    assert [one.told["index"] for one in events.all()] == [2]


def test_the_last_word_on_an_answer_counts(database: Database) -> None:
    """A rating is replaced by the next one."""
    log = SqlConversations(database, "shop")
    first(log)
    assert log.rate("con_1.1", helped=True).helped is True
    assert log.rate("con_1.1", helped=False).helped is False
    assert log.turn("con_1.1").helped is False


def test_conversations_come_in_the_order_they_were_opened(database: Database) -> None:
    """Over more than a page, each with its own turns."""
    log = SqlConversations(database, "shop")
    names = [f"con_{number:03}" for number in range(203)]
    for number, name in enumerate(names):
        one = replace(opened(name, at=number // 3), peer="")
        asked = replace(ASKED, id=f"m{number}", peer="")
        log.log(Exchange(asked=asked, seen=None, after=one, turns=turns(name)), 0)
    found = list(log.between(0, 10**9))
    assert [one.id for one, _ in found] == names
    assert all(said == turns(one.id) for one, said in found)
    assert [one.id for one, _ in log.between(1, 2)] == names[3:6]


def test_what_is_old_goes_and_corrections_stay(database: Database) -> None:
    """Retention removes conversations, turns, known ids and events; what was learnt stays learnt."""
    log, decisions = SqlConversations(database, "shop"), SqlDecisions(database, "shop")
    told = {"conversation": "con_1"}
    first(log, event=Event(id="e", target="x", told=told, due=5))
    fix = Correction(id="c", conversation="con_1", question="q", answer="a", instead="", by="ann", at=7)
    decisions.correct(fix).result()
    assert log.forget(10) == 0
    assert log.forget(11) == 1
    assert (log.turns("con_1"), log.answered(ASKED), SqlEvents(database).all()) == ([], None, [])
    assert decisions.corrections() == [fix]


def test_an_erased_customer_leaves_nothing(database: Database) -> None:
    """Corrections of their words go too; other peers' conversations stay."""
    log, decisions = SqlConversations(database, "shop"), SqlDecisions(database, "shop")
    first(log)
    other = replace(opened("con_2"), peer="q")
    log.log(Exchange(asked=replace(ASKED, id="m2", peer="q"), seen=None, after=other, turns=turns("con_2")), 0)
    for name in ("con_1", "con_2"):
        fix = Correction(id=f"c{name}", conversation=name, question="q", answer="a", instead="", by="ann", at=7)
        decisions.correct(fix).result()
    assert log.erase([one.id for one in log.of_peer("p")]) == 1
    assert [one.id for one in log.listed([], 9)] == ["con_2"]
    assert [one.conversation for one in decisions.corrections()] == ["con_2"]


def test_the_last_decision_counts(database: Database) -> None:
    """Of one entry; another model's decisions are its own."""
    decisions = SqlDecisions(database, "shop")
    for approved in (True, False, None):
        decisions.decide(Verdict(entry="a", approved=approved, text="文", by="ann", at=1)).result()
    assert decisions.verdicts() == {"a": Verdict(entry="a", approved=None, text="文", by="ann", at=1)}
    assert SqlDecisions(database, "other").verdicts() == {}


def test_an_event_is_sent_until_it_is_taken(database: Database) -> None:
    """It is one process's for a while, comes back after a failure, later each time, and ends when it was taken."""
    first_log, events = SqlConversations(database, "shop"), SqlEvents(database)
    first(first_log, event=Event(id="e", target="x", told={"conversation": "con_1"}, due=100))
    assert events.due(99, "x") == [] == events.due(100, "y")
    (claimed,) = events.due(100, "x")
    assert events.due(100, "x") == []
    events.failed(claimed, 110, "HTTP 500").result()
    assert events.all()[0].error == "HTTP 500"
    assert events.due(110, "x") == []
    (again,) = events.due(110 + pause(claimed), "x")
    assert again.tries == 2
    (lost,) = events.due(again.due, "x")  # who claimed it has died
    assert lost.due == again.due + HOLD
    events.failed(again, 120, "late").result()  # a claim that has ended notes nothing
    assert events.all()[0].error == "HTTP 500"
    events.sent(lost, 130).result()
    assert events.due(10**12, "x") == []
    assert events.all()[0].sent == 130


def test_pauses_grow_and_end_at_an_hour() -> None:
    """Each pause is between half and the whole of a doubling one."""
    for tries, longest in ((1, 5), (2, 10), (5, 80), (40, 3600)):
        found = pause(Event(id="e", target="x", told={}, due=0, tries=tries)) / 1_000_000
        assert longest / 2 <= found <= longest
