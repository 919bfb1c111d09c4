"""The shadow and the delayed labels of a service that sells: copies are never charged, and feedback judges them."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from shops import Stand, stand_in
from starlette.testclient import TestClient

from argosy.core.engine import Reading
from argosy.core.records import Prediction
from argosy.infer.engines.echo import EchoEngine
from argosy.project.selling.releasing import Shelf, releases_in
from argosy.serve.releases import versions as releases
from argosy.serve.releases.controls import Controls
from argosy.serve.releases.rollout import Releases
from argosy.serve.releases.shadow import Copy, Mirror
from argosy.serve.releases.versions import Line, Paired, Plan

PATIENCE = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrary(EchoEngine):
    """Says the opposite of the champion."""

    def score(self, readings: Sequence[Reading]) -> list[Prediction]:
        """One prediction a reading."""
        return self.classify([reading.text for reading in readings])

    def classify(self, texts: Sequence[str]) -> list[Prediction]:
        """The other label."""
        other = {"positive": "negative", "negative": "positive"}
        said = EchoEngine().classify(texts)
        return [Prediction(label=other[one.label], probabilities=one.probabilities) for one in said]


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A service whose model mood has a champion and, as version 2, a challenger that disagrees."""
    with stand_in(tmp_path) as made:
        kept = releases_in(made.selling.database, tmp_path).kept
        for digest in ("a" * 64, "b" * 64):
            kept.add("mood", digest, "classify", by="t", metrics={}).result()
        shelf = Shelf(kept)
        assert shelf.move(None, Line(model="mood", champion=1), "t").result()
        followed = Releases(board=shelf, open=lambda _, number: Contrary() if number == 2 else EchoEngine(), every=0.02)
        yield replace(made, selling=replace(made.selling, releases=followed))


def board(stand: Stand) -> Shelf:
    """The real one."""
    kept = stand.selling.releases.board
    assert isinstance(kept, Shelf)
    return kept


def test_copies_are_compared_and_never_charged_and_labels_judge_them(stand: Stand) -> None:
    """Live answers are the champion's, each is charged once; feedback on one of them counts against the challenger."""
    shelf, (tenant, head) = board(stand), stand.buyer()
    with TestClient(stand.app()) as client:
        line = Controls(shelf).shadow("mood", 2, Plan(mirror=1.0), "key_1")
        events = []
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            answer = client.post("/v1/classify", json={"input": "quite positive"}, headers=head)
            assert (answer.json()["data"][0]["label"], answer.headers["x-argosy-version"]) == ("positive", "1")
            events.append(answer.headers["x-argosy-event"])
            client.post("/v1/feedback", json={"request_id": events[-1], "label": "positive"}, headers=head)
            if shelf.labelled(line.rollout).rows:
                break
        found = shelf.labelled(line.rollout)
        assert found == Paired(won=0, lost=found.rows, alike=0)
        status = Controls(shelf).status("mood")
        assert status.evidence.mirrored > status.evidence.agreed == 0
    assert sorted(one.event for one in stand.lines(tenant)) == sorted(events)


def test_a_canary_is_charged_like_any_answer_under_the_public_name(stand: Stand) -> None:
    """The bill names the model, not its version; the header names the version."""
    shelf, (tenant, head) = board(stand), stand.buyer()
    with TestClient(stand.app()) as client:
        line = Controls(shelf).shadow("mood", 2, Plan(mirror=0.0, tenants=(tenant,)), "key_1")
        after = releases.expose(line, now=line.since, reason="test")
        assert shelf.move(line, after, "key_1").result()
        until, versions = time.monotonic() + PATIENCE, set[str]()
        while time.monotonic() < until and "2" not in versions:
            answer = client.post("/v1/classify", json={"input": "quite positive"}, headers=head)
            assert answer.status_code == 200
            versions.add(answer.headers["x-argosy-version"])
    assert "2" in versions
    assert {one.model for one in stand.lines(tenant)} == {"mood"}


def test_what_comes_while_too_many_copies_wait_is_dropped() -> None:
    """A shadow that is behind drops copies and tells how many; closing it waits for nothing."""
    mirror = Mirror(EchoEngine(), EchoEngine())
    copy = Copy(tenant="t", event="e", texts=["a"] * 50, labels=["x"] * 50, seconds=0.0, by_challenger=False)
    for _ in range(5000):
        mirror.offer(copy)
    mirror.close()
    assert mirror.evidence.dropped > 0
    assert mirror.evidence.mirrored < 5000 * 50
