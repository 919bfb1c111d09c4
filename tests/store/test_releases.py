"""Versions, lines and evidence of releases, on SQLite and on PostgreSQL."""

from argosy.core.feedback import Feedback
from argosy.store.database import Database
from argosy.store.feedback import FeedbackTable
from argosy.store.releases import SqlReleases, live_at
from argosy.store.tenants.audit import SqlAudit


def line(revision: int, **more: object) -> dict[str, object]:
    """A line as the service keeps it."""
    steady = {"model": "mood", "champion": 1, "challenger": None, "previous": None, "phase": "steady", "rollout": ""}
    plan = {"plan": {"shares": [0.01]}, "step": 0, "since": revision, "pins": {}, "reason": "asked"}
    return {**steady, **plan, "revision": revision, **more}


def test_versions_count_from_one_and_an_artifact_is_one_version(database: Database) -> None:
    """The same artifact again is the version it was; another model counts by itself."""
    kept = SqlReleases(database)
    added = [
        kept.add("mood", digest, "classify", by="t", metrics={}).result() for digest in ("a" * 64, "b" * 64, "a" * 64)
    ]
    assert [one["number"] for one in added] == [1, 2, 1]
    assert kept.add("tone", "a" * 64, "classify", by="t", metrics={"f1": 0.9}).result()["number"] == 1
    assert [one["number"] for one in kept.versions("mood")] == [1, 2]


def test_a_line_is_moved_once_from_what_was_seen(database: Database) -> None:
    """Of two that saw the same revision one moves it, and the audit log tells of that one alone."""
    kept = SqlReleases(database)
    assert kept.move(None, line(0), "t").result()
    assert not kept.move(None, line(0), "t").result()
    first = kept.move(line(0), line(1, champion=2, previous=1), "one")
    second = kept.move(line(0), line(1, champion=3, previous=1), "other")
    assert [first.result(), second.result()] == [True, False]
    assert kept.lines()["mood"]["champion"] == 2
    assert [entry.actor for entry in SqlAudit(database).entries(about="mood")] == ["t", "one"]


def test_history_says_what_was_live_when(database: Database) -> None:
    """Each move is an entry with champion, challenger and share; the state at a time is the last before it."""
    now = iter(range(100, 900, 100))
    kept = SqlReleases(database, clock=lambda: next(now))
    steps = [
        line(0),
        line(1, phase="shadow", challenger=2, rollout="rol_1"),
        line(2, phase="canary", challenger=2, rollout="rol_1"),
        line(3, challenger=2),
        line(4, champion=2, previous=1),
        line(5, champion=1),
    ]
    for before, after in zip([None, *steps], steps, strict=False):
        assert kept.move(before, after, "t").result()
    told = kept.history("mood")
    actions = ["first", "shadow", "canary", "rollback", "promote", "rollback"]
    assert [one["action"] for one in told] == [f"release.{action}" for action in actions]
    then = live_at(told, 350)
    assert then is not None
    assert (then["champion"], then["challenger"], then["share"]) == (1, 2, 0.01)
    assert live_at(told, 99) is None


def test_evidence_is_one_row_a_worker(database: Database) -> None:
    """What a worker notes again takes the place of what it noted before."""
    kept = SqlReleases(database)
    for worker, count in (("a", 1), ("b", 5), ("a", 2)):
        kept.note("rol_1", 0, worker, {"first": count}).result()
    kept.note("rol_1", 1, "a", {"first": 9}).result()
    assert sorted(one["first"] for one in kept.evidence("rol_1", 0)) == [2, 5]


def test_delayed_labels_judge_the_pairs_that_were_kept(database: Database) -> None:
    """The newest label of each request counts, ratings and other tenants' requests don't; the release's end forgets."""
    kept, said = SqlReleases(database), FeedbackTable(database)
    pairs = {("t", "e1"): ("bad", "good"), ("t", "e2"): ("good", "bad"), ("t", "e3"): ("good", "good")}
    kept.pair("rol_1", pairs).result()
    kept.pair("rol_1", {("t", "e1"): ("good", "bad")}).result()
    for number, (tenant, event, label) in enumerate(
        [("t", "e1", "bad"), ("t", "e1", "good"), ("t", "e2", "good"), ("t", "e3", "good"), ("u", "e2", "bad")]
    ):
        opinion = {"tenant": tenant, "event": event, "model": "mood", "index": 0, "label": label}
        said.add(Feedback(id=f"fb_{number}", rating=None, comment=None, at=number, **opinion)).result()
    assert kept.labelled("rol_1") == (1, 1, 1)
    running = line(1, phase="canary", challenger=2, rollout="rol_1")
    kept.move(None, running, "t").result()
    kept.move(running, line(2), "t").result()
    assert kept.labelled("rol_1") == (0, 0, 0)
