"""What an assistant that serves does by itself: keep its promise under shifting traffic, take up changes, forget.

The share of questions without an answer here is estimated from the newest questions of the log; the threshold follows.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from argosy.assist.guarantee.thresholds import Thresholds
from argosy.assist.guarantee.watch import Watched, watch
from argosy.project.supporting.numbers import ANSWERS
from argosy.project.watching.rounds import Job, do_due
from argosy.store.support.conversations import SqlConversations
from argosy.store.support.decisions import SqlDecisions
from argosy.store.support.events import SqlEvents
from argosy.store.watching.turns import SqlTurns

QUESTIONS = 1_000
"""The newest questions that a promise is held against."""
_DAY = 86_400_000_000  # µs
_NAP, _LOOK, _PATIENCE = 1.0, 60.0, 10.0  # s between two rounds and two looks at the promise, and for the last one
_SCORED = (*ANSWERS, "clarify", "unknown")
error_log = logging.getLogger("argosy.error")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What is done by itself in each process; ``reckon`` is given the share that thresholds are to be taken for."""

    log: SqlConversations
    decisions: SqlDecisions
    thresholds: Thresholds
    turns: SqlTurns
    keep_days: int
    reckon: Callable[[float], object]
    refresh: Callable[[], object]
    clock: Callable[[], int]

    def look(self) -> Watched:
        """Hold the promise against the newest questions, and let the threshold follow."""
        found = watched(self.log, self.decisions, self.thresholds)
        self.reckon(found.reckoned)
        return found

    def forget(self, at: int) -> None:
        """Remove what is older than its days."""
        before = at - self.keep_days * _DAY
        self.log.forget(before)
        SqlEvents(self.log.database).forget(before)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Do all of it while the block runs; a failure is told once, and tried again."""
        ended = threading.Event()
        thread = threading.Thread(target=self._run, args=(ended,), name="argosy-support", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join(_PATIENCE)

    def _run(self, ended: threading.Event) -> None:
        job = Job(name=f"support forget {self.log.model}", every=_DAY, work=lambda at, _: self.forget(at))
        rounds, last = 0, ""
        while not ended.is_set():
            try:
                self.refresh()
                if rounds % int(_LOOK / _NAP) == 0:
                    do_due([job], self.turns, self.clock(), ended)
                    self.look()
            except Exception as error:  # noqa: BLE001 - what serves must go on; its words may quote a customer's
                said = type(error).__name__
                if said != last:
                    error_log.error("support: %s", said)
                last = said
            else:
                last = ""
            rounds += 1
            ended.wait(_NAP)


def watched(log: SqlConversations, decisions: SqlDecisions, thresholds: Thresholds) -> Watched:
    """What the newest questions show of a promise, and what people said of the answers to them."""
    corrected = {(one.conversation, one.instead) for one in decisions.corrections()}
    chances, helped = [], []
    for turn in log.newest(QUESTIONS):
        reply = turn.reply
        if reply is None or reply.decision not in _SCORED:
            continue
        chances.append(reply.chance)
        wrong = any((turn.conversation, entry) in corrected for entry in reply.entries)
        if reply.decision in ANSWERS and (wrong or turn.helped is not None):
            helped.append(not wrong and turn.helped is not False)
    return watch(thresholds, chances, helped)


def guarantee(log: SqlConversations, decisions: SqlDecisions, thresholds: Thresholds) -> Mapping[str, Any]:
    """The same as JSON, with what was promised."""
    found = watched(log, decisions, thresholds)
    return {
        **found.to_json(),
        "alarm": found.alarm,
        "sentence": found.sentence,
        "max_wrong": thresholds.max_wrong,
        "confidence": thresholds.confidence,
        "out_of_scope": thresholds.out_of_scope,
    }
