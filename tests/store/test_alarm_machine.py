"""Alarms and messages against an oracle: whatever opens, closes, fails and dies in whatever order, nothing is lost."""

import shutil
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from argosy.core.watch import Finding, Message
from argosy.store.database import Database, sqlite_url
from argosy.store.watching.alarms import QUIET, SqlAlarms
from argosy.store.watching.messages import HOLD, SqlMessages

HOUR = 3_600_000_000
TARGETS = ("slack:0", "mailto:1")
SIGNALS = st.sampled_from(["traffic", "label"])
Told = tuple[str, str, str]  # alarm, kind, target


class Machine(RuleBasedStateMachine):
    """Two processes of one database, a clock, and receivers that take a message, refuse it, or see its sender die."""

    template = Path()

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.mkdtemp()
        url = sqlite_url(Path(shutil.copy(self.template, Path(self.folder) / "alarms.db")))
        self.databases = [Database(url), Database(url)]
        self.now = 1_000 * HOUR
        self.open: dict[str, str] = {}
        self.closed: dict[str, tuple[int, int]] = {}  # of a signal: when, and how many alarms it had in a row
        self.rows: Counter[str] = Counter()  # alarms in a row, by alarm
        self.wanted: set[Told] = set()
        self.received: Counter[Told] = Counter()
        self.deaths = 0

    @rule(hours=st.integers(0, 9))
    def wait(self, hours: int) -> None:
        """Time passes."""
        self.now += hours * HOUR

    @rule(signal=SIGNALS, process=st.integers(0, 1))
    def opens(self, signal: str, process: int) -> None:
        """A signal leaves its course; what is open is not opened twice."""
        finding = Finding(model="m", signal=signal, direction="up", since=0, at=0, value=1.0, usual=0.0, size=5.0)
        alarm = SqlAlarms(self.databases[process]).open(finding, at=self.now, targets=TARGETS).result()
        assert (alarm is None) == (signal in self.open)
        if alarm is None:
            return
        when, row = self.closed.get(signal, (-QUIET, 0))
        assert alarm.again == (row if self.now - when < QUIET else 0)
        self.open[signal] = alarm.id
        self.rows[alarm.id] = alarm.again + 1
        if alarm.again:
            silent = {one for one in self.wanted if one[1] == "closed" and not self.received[one]}
            self.wanted -= {one for one in silent if one[0] in self._of(signal)}
        if alarm.again <= 1:
            self.wanted |= {(alarm.id, "again" if alarm.again else "opened", target) for target in TARGETS}

    @rule(signal=SIGNALS, process=st.integers(0, 1))
    def closes(self, signal: str, process: int) -> None:
        """It comes back."""
        alarm = self.open.pop(signal, "alm_none")
        assert SqlAlarms(self.databases[process]).close(alarm, at=self.now, targets=TARGETS).result() == (
            alarm != "alm_none"
        )
        if alarm != "alm_none":
            self.closed[signal] = self.now, self.rows[alarm]
            self.wanted |= {(alarm, "closed", target) for target in TARGETS}

    @rule(whom=st.sampled_from(TARGETS), process=st.integers(0, 1), fate=st.sampled_from(["taken", "refused", "died"]))
    def sends(self, whom: str, process: int, fate: str) -> None:
        """What is due goes on its way; nothing twice, unless somebody died before noting it."""
        messages = SqlMessages(self.databases[process])
        for message in messages.due(self.now, whom):
            self._check_order(message)
            if fate == "refused":
                messages.failed(message, self.now, "no").result()
                continue
            self.received[_told(message)] += 1
            if fate == "taken":
                messages.sent(message, self.now).result()
            else:
                self.deaths += 1

    @invariant()
    def once_unless_somebody_died(self) -> None:
        """Each copy too many has its death, and nothing is told that nobody wanted."""
        assert sum(self.received.values()) - len(self.received) <= self.deaths
        assert set(self.received) <= self.wanted

    def teardown(self) -> None:
        """When every receiver works again, all that was wanted arrives."""
        for _ in range(40):
            self.now += max(HOLD, QUIET)
            for target in TARGETS:
                self.sends(target, 0, "taken")
        assert set(self.received) == self.wanted
        for database in self.databases:
            database.close()
        shutil.rmtree(self.folder)

    def _check_order(self, message: Message) -> None:
        alarm, kind, target = _told(message)
        before = {(alarm, other, target) for other in ("opened", "again")} & self.wanted
        assert kind != "closed" or all(self.received[one] for one in before)

    def _of(self, signal: str) -> set[str]:
        return {one.id for one in SqlAlarms(self.databases[0]).all() if one.finding.signal == signal}


def _told(message: Message) -> Told:
    return message.alarm.id, message.kind, message.target


def test_nothing_is_lost_and_nothing_twice(sqlite: Path) -> None:
    """Over many orders of opening, closing, sending, refusing and dying."""
    Machine.template = sqlite
    run_state_machine_as_test(Machine, settings=settings(max_examples=15, stateful_step_count=25, deadline=None))
