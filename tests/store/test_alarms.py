"""Alarms and their messages on both databases: opened once, told at least once, never lost, and no storm."""

import math
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from argosy.core.errors import MissingError
from argosy.core.watch import Finding
from argosy.store.database import Database, metadata
from argosy.store.tenants.audit import SqlAudit
from argosy.store.watching.alarms import QUIET, Looked, SqlAlarms
from argosy.store.watching.messages import HOLD, SqlMessages, pause
from argosy.store.watching.turns import SqlTurns

HOUR = 3_600_000_000
DAY = 24 * HOUR
NOW = 100 * DAY
MOOD = Finding(
    model="mood",
    signal="label:bad",
    slice="language=zh",
    direction="up",
    since=NOW - 3 * HOUR,
    at=NOW,
    value=0.4,
    usual=0.1,
    size=7.5,
    p_value=1e-6,
    examples=(("ten_a", "evt_1", 0), ("ten_a", "evt_2", 3)),
    slices={"language=zh": 0.9},
)
A, B = "slack:0123", "mailto:4567"
SCRIPT = Path(__file__).with_name("killable_sender.py")


@pytest.fixture
def alarms(database: Database) -> SqlAlarms:
    """No alarm yet."""
    return SqlAlarms(database)


@pytest.fixture
def messages(database: Database) -> SqlMessages:
    """Their messages."""
    return SqlMessages(database)


def _told(messages: SqlMessages, at: int, *targets: str) -> list[tuple[str, str]]:
    """Send everything that is due, and say to whom what was told."""
    due = [message for target in targets or (A, B) for message in messages.due(at, target)]
    for message in due:
        messages.sent(message, at).result()
    return sorted((message.target, message.kind) for message in due)


def test_one_alarm_of_a_kind_is_open(alarms: SqlAlarms, messages: SqlMessages, url: str, database: Database) -> None:
    """The second finding alike opens nothing, in another process too; another slice's is an alarm of its own."""
    alarm = alarms.open(MOOD, at=NOW, targets=[A, B]).result()
    assert alarm is not None
    assert (alarm.finding, alarm.opened, alarm.again) == (MOOD, NOW, 0)
    other = Database(url)
    assert SqlAlarms(other).open(replace(MOOD, size=9.0), at=NOW + 1, targets=[A]).result() is None
    other.close()
    assert alarms.open(replace(MOOD, slice=""), at=NOW + 2).result() is not None
    assert alarms.one(alarm.id) == alarm
    assert [one.finding.slice for one in alarms.all()] == ["", "language=zh"]
    assert _told(messages, NOW) == [(B, "opened"), (A, "opened")]
    assert alarms.close(alarm.id, at=NOW + HOUR, targets=[A]).result()
    assert not alarms.close(alarm.id, at=NOW + HOUR, targets=[A, B]).result()
    assert [one.finding.slice for one in alarms.all(model="mood", still=True)] == [""]
    assert alarms.all(model="other") == []
    assert _told(messages, NOW + HOUR) == [(A, "closed")]
    actions = [(entry.action, entry.about) for entry in SqlAudit(database).entries()]
    assert [action for action, _ in actions] == ["alarm.open", "alarm.open", "alarm.close"]
    assert actions[-1][1] == alarm.id
    with pytest.raises(MissingError, match="alm_no"):
        alarms.one("alm_no")


def test_a_figure_that_is_not_known_is_kept(alarms: SqlAlarms) -> None:
    """An alarm whose usual value nobody knows opens as any other."""
    alarm = alarms.open(replace(MOOD, usual=math.nan), at=NOW).result()
    assert alarm is not None
    assert math.isnan(alarms.one(alarm.id).finding.usual)
    assert alarms.one(alarm.id).to_json()["finding"]["usual"] is None


def test_who_has_seen_it(alarms: SqlAlarms, messages: SqlMessages, database: Database) -> None:
    """The first name stays; who says that the level is usual closes the alarm, and the baseline begins anew."""
    alarm = alarms.open(MOOD, at=NOW, targets=[A]).result()
    assert alarm is not None
    seen = alarms.acknowledge(alarm.id, "key_1", at=NOW + 5).result()
    assert (seen.acknowledged, seen.by, seen.closed, seen.usual) == (NOW + 5, "key_1", None, False)
    assert alarms.restarts("mood") == {}
    usual = alarms.acknowledge(alarm.id, "key_2", at=NOW + 9, usual=True, targets=[A]).result()
    assert (usual.acknowledged, usual.by, usual.closed, usual.usual) == (NOW + 5, "key_1", NOW + 9, True)
    assert alarms.acknowledge(alarm.id, "key_3", at=NOW + 10, usual=True).result() == usual == alarms.one(alarm.id)
    assert alarms.restarts("mood") == {("label:bad", "language=zh"): [MOOD.since]}
    told = [(entry.actor, entry.action) for entry in SqlAudit(database).entries(about=alarm.id)]
    assert told[1:] == [
        ("key_1", "alarm.acknowledge"),
        ("argosy watch", "alarm.close"),
        ("key_2", "alarm.acknowledge"),
    ]
    assert _told(messages, NOW + 9, A) == [(A, "opened")]
    assert _told(messages, NOW + 9, A) == [(A, "closed")]
    with pytest.raises(MissingError, match="alm_no"):
        alarms.acknowledge("alm_no", "key_1", at=NOW).result()


def test_who_deals_with_it(alarms: SqlAlarms, messages: SqlMessages, database: Database) -> None:
    """An owner is named, and closes it by hand; each is told by whom, once, and it may open again."""
    alarm = alarms.open(MOOD, at=NOW, targets=[A]).result()
    assert alarm is not None
    assert alarm.owner == ""
    for _ in range(2):
        assert alarms.assign(alarm.id, "bea", "ann", at=NOW + 1).result() == replace(alarm, owner="bea")
    assert alarms.close(alarm.id, at=NOW + 2, targets=[A], by="bea").result()
    assert not alarms.close(alarm.id, at=NOW + 3, targets=[A], by="ann").result()
    assert (alarms.one(alarm.id).owner, alarms.one(alarm.id).closed) == ("bea", NOW + 2)
    told = [(entry.actor, entry.action) for entry in SqlAudit(database).entries(about=alarm.id)]
    assert told == [("argosy watch", "alarm.open"), ("ann", "alarm.assign"), ("bea", "alarm.close")]
    assert [(message.kind, message.alarm.owner) for message in messages.of(alarm.id)] == [
        ("opened", "bea"),
        ("closed", "bea"),
    ]
    again = alarms.open(MOOD, at=NOW + 4, targets=[A]).result()
    assert again is not None
    assert (again.again, again.owner) == (1, "")
    with pytest.raises(MissingError, match="alm_no"):
        alarms.assign("alm_no", "bea", "ann", at=NOW).result()


def test_a_period_is_judged_once(alarms: SqlAlarms) -> None:
    """Of two processes that look from the same state one opens and closes; the other does nothing at all."""
    first = Looked(model="mood", at=NOW, through=NOW, found={"series": 3})
    opened = alarms.conclude(first, before=None, found=[MOOD, replace(MOOD, size=1.0)], targets=[A]).result()
    assert opened is not None
    assert [one.finding for one in opened] == [MOOD]
    assert alarms.conclude(first, before=None, found=[replace(MOOD, slice="late")]).result() is None
    assert alarms.looked("mood") == first
    second = replace(first, at=NOW + HOUR, through=NOW + HOUR, found={"series": 4})
    assert alarms.conclude(second, before=NOW, back=[opened[0].id]).result() == []
    assert alarms.conclude(second, before=NOW, found=[MOOD]).result() is None
    assert alarms.looked("mood") == second
    assert [one.closed for one in alarms.all()] == [NOW + HOUR]
    assert alarms.looked("other") is None


def test_a_signal_that_flutters_is_no_storm(alarms: SqlAlarms, messages: SqlMessages) -> None:
    """Told: it opened, closed, opened again; then nothing until it stayed closed for six hours. Later it is new."""
    told, at = [], NOW
    for number in range(12):
        alarm = alarms.open(MOOD, at=at, targets=[A]).result()
        assert alarm is not None
        assert alarm.again == number
        told += _told(messages, at)
        assert alarms.close(alarm.id, at=at + HOUR, targets=[A]).result()
        told += _told(messages, at + HOUR)
        at += 2 * HOUR
    assert told == [(A, "opened"), (A, "closed"), (A, "again")]
    calm = at - HOUR + QUIET
    assert _told(messages, calm - 1) == []
    assert _told(messages, calm) == [(A, "closed")]
    fresh = alarms.open(MOOD, at=calm, targets=[A]).result()
    assert fresh is not None
    assert fresh.again == 0
    assert _told(messages, calm) == [(A, "opened")]


def test_what_is_not_taken_is_tried_again(alarms: SqlAlarms, messages: SqlMessages) -> None:
    """At ever longer intervals, to the end; the closing waits for the opening; other targets wait for nothing."""
    alarm = alarms.open(MOOD, at=NOW, targets=[A, B]).result()
    assert alarm is not None
    at, pauses = NOW, []
    assert _told(messages, at, B) == [(B, "opened")]
    for number in range(1, 31):
        (message,) = [*messages.due(at, A), *messages.due(at, B)]
        assert (message.tries, message.kind, message.target) == (number, "opened", A)
        messages.failed(message, at, "500").result()
        assert [*messages.due(at, A), *messages.due(at, B)] == []
        assert {one.target: one.error for one in messages.of(alarm.id)} == {A: "500", B: ""}
        pauses.append(pause(message))
        at += pauses[-1]
    assert pauses[0] <= 15_000_000
    assert all(HOUR // 2 <= one <= HOUR for one in pauses[9:])
    assert len(set(pauses)) > 20  # those that failed together come apart
    assert alarms.close(alarm.id, at=at, targets=[A, B]).result()
    (message,) = messages.due(at, A)
    messages.failed(message, at, "500").result()
    assert _told(messages, at + 1) == [(B, "closed")]
    assert _told(messages, at + HOUR) == [(A, "opened")]
    assert _told(messages, at + HOUR) == [(A, "closed")]


def test_a_claim_is_one_process_s_until_it_ends(
    alarms: SqlAlarms, messages: SqlMessages, url: str, database: Database
) -> None:
    """Who asks meanwhile gets nothing; after it another does, and the late word of the first disturbs nobody."""
    alarm = alarms.open(MOOD, at=NOW, targets=[A]).result()
    assert alarm is not None
    (first,) = messages.due(NOW, A)
    other = Database(url)
    assert SqlMessages(other).due(NOW + HOLD - 1, A) == []
    (second,) = SqlMessages(other).due(NOW + HOLD, A)
    messages.failed(first, NOW + HOLD, "too late").result()
    assert messages.of(alarm.id)[0].error == ""
    SqlMessages(other).sent(second, NOW + HOLD + 1).result()
    other.close()
    messages.failed(first, NOW + HOLD + 2, "too late").result()
    assert messages.due(NOW + DAY, A) == []
    assert messages.of(alarm.id)[0].sent == NOW + HOLD + 1


def test_processes_that_claim_at_once_share_the_messages(alarms: SqlAlarms, url: str) -> None:
    """Each message is claimed by one of four, all at the same moment."""
    for number in range(40):
        alarms.open(replace(MOOD, slice=f"s{number}"), at=NOW, targets=[A]).result()

    def claim(_: int) -> list[str]:
        mine = Database(url)
        found, claimed = [], SqlMessages(mine)
        while some := claimed.due(NOW, A):
            found += [message.alarm.id for message in some]
        mine.close()
        return found

    with ThreadPoolExecutor(4) as pool:
        found = [one for some in pool.map(claim, range(4)) for one in some]
    assert sorted(found) == sorted(alarm.id for alarm in alarms.all())


def test_a_clock_that_was_ahead_holds_nothing_back(
    alarms: SqlAlarms, messages: SqlMessages, database: Database
) -> None:
    """What a clock in next year's time put off is due as soon as the clock is right."""
    turns, ahead = SqlTurns(database), NOW + 300 * DAY
    alarms.open(MOOD, at=ahead, targets=[A]).result()
    assert turns.take("look", ahead, ahead + HOUR, first=ahead)
    assert _told(messages, NOW) == [(A, "opened")]
    assert turns.take("look", NOW, NOW + HOUR, first=NOW)


def test_messages_follow_an_address_that_is_replaced(alarms: SqlAlarms, messages: SqlMessages) -> None:
    """What the old one did not take goes to those named now, once; what it took does not."""
    alarms.open(MOOD, at=NOW, targets=[A]).result()
    assert _told(messages, NOW) == [(A, "opened")]
    alarms.open(replace(MOOD, slice="late"), at=NOW, targets=[A]).result()
    assert messages.readdress([], NOW).result() == 0
    assert messages.readdress([B], NOW + 1).result() == 1
    assert messages.readdress([B], NOW + 2).result() == 0
    assert _told(messages, NOW + 2) == [(B, "opened")]
    assert _told(messages, NOW + DAY) == []


def test_a_turn_is_taken_once(database: Database, url: str) -> None:
    """By one of those who ask; again when it is due, or when it was put off to; jobs do not wait for each other."""
    turns, other = SqlTurns(database), Database(url)
    assert turns.take("look", NOW, NOW + HOUR, first=NOW)
    assert not SqlTurns(other).take("look", NOW + 1, NOW + HOUR, first=NOW)
    assert SqlTurns(other).take("forget", NOW + 1, NOW + HOUR, first=NOW)
    turns.put_off("look", NOW + 5).result()
    assert not turns.take("look", NOW + 4, NOW + HOUR, first=NOW)
    assert SqlTurns(other).take("look", NOW + 5, NOW + HOUR, first=NOW)
    assert turns.take("look", NOW + HOUR, NOW + DAY, first=NOW)
    assert not turns.take("new", NOW, NOW + HOUR, first=NOW + DAY)
    assert turns.take("new", NOW + DAY, NOW + DAY, first=NOW + 9 * DAY)
    other.close()


@pytest.mark.parametrize("moment", ["claimed", "received"])
def test_a_process_that_is_killed_loses_no_message(
    alarms: SqlAlarms, messages: SqlMessages, url: str, tmp_path: Path, moment: str
) -> None:
    """Killed after the claim or after the receipt, it leaves what the next one sends: once again at most."""
    for number in range(3):
        alarms.open(replace(MOOD, slice=f"s{number}"), at=NOW, targets=[A]).result()
    received = tmp_path / "received"
    process = subprocess.Popen([sys.executable, SCRIPT, url, str(NOW), A, received, moment], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline().split() == [b"now"]
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    before = received.read_text().split() if received.exists() else []
    assert len(before) == (2 if moment == "received" else 1)
    assert messages.due(NOW + 1, A) == []
    after = [message.alarm.id for message in messages.due(NOW + HOLD, A)]
    known = {alarm.id for alarm in alarms.all()}
    assert {*before, *after} == known
    assert len(before) + len(after) == len(known) + (moment == "received")


def test_migrations_make_the_tables_of_the_code(database: Database) -> None:
    """What Alembic made is what the tables of alarms, messages, looks and turns say."""
    names = {"watch_alarms", "watch_messages", "watch_looks", "watch_turns"}
    with database.reading() as connection:
        options = {"include_name": lambda name, kind, _: kind != "table" or name in names}
        changes = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    assert [change for change in changes if any(name in str(change) for name in names)] == []


def test_a_label_may_be_as_long_as_people_write_it(alarms: SqlAlarms, messages: SqlMessages) -> None:
    """The share of a label with a very long name alarms as that of any other; one look opens all or none."""
    long = "label=" + "标" * 600
    alarm = alarms.open(replace(MOOD, slice=long), at=NOW, targets=[A]).result()
    assert alarm is not None
    assert alarms.one(alarm.id).finding.slice == long
    assert alarms.open(replace(MOOD, slice=long), at=NOW).result() is None
