"""Releases over HTTP: what operators see, the steps they take, and the words of what is refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sold import sold
from starlette.testclient import TestClient

from argosy.core.tenant import Terms
from argosy.project.selling.releasing import Shelf
from argosy.serve.releases.versions import Line
from argosy.store.database import sqlite_url
from argosy.store.releases import SqlReleases

HERE = "/admin/v1/releases"


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[TestClient]:
    """A client with an operator's key; the model mood has two versions."""
    with sold(sqlite_url(tmp_path / "store.db")) as house:
        kept = SqlReleases(house.database)
        for digest in ("a" * 64, "b" * 64):
            kept.add("mood", digest, "classify", by="t", metrics={"accuracy": 0.9}, note="新的").result()
        assert Shelf(kept).move(None, Line(model="mood", champion=1), "t").result()
        issued = house.key(None, Terms(role="operator"))
        yield TestClient(house.app, headers={"authorization": f"Bearer {issued.secret}"})


def test_an_operator_sees_lines_versions_and_evidence(operator: TestClient) -> None:
    """The list has a line a model; one model has its versions, its state and its past."""
    (told,) = operator.get(HERE).json()["data"]
    assert (told["model"], told["line"]["champion"], told["line"]["share"]) == ("mood", 1, 0.0)
    whole = operator.get(f"{HERE}/mood").json()
    assert [(one["number"], one["note"]) for one in whole["versions"]] == [(1, "新的"), (2, "新的")]
    assert whole["status"]["shadow"] == {"passed": False, "why": "too_few_rows"}
    assert [one["action"] for one in operator.get(f"{HERE}/mood/history").json()["data"]] == [
        "release.add",
        "release.add",
        "release.first",
    ]


def test_steps_are_taken_and_refused_as_on_the_command_line(operator: TestClient) -> None:
    """Shadow, no canary yet, back; a pin; each in the audit log under the operator's key."""
    shadow = operator.post(f"{HERE}/mood/shadow", json={"version": 2, "shares": [0.1, 0.5], "labels": 10})
    assert shadow.json()["line"]["plan"]["shares"] == [0.1, 0.5]
    refused = operator.post(f"{HERE}/mood/canary", headers={"accept-language": "zh"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "release_refused")
    assert operator.post(f"{HERE}/mood/rollback").json()["line"]["phase"] == "steady"
    assert operator.post(f"{HERE}/mood/pin", json={"tenant": "ten_a", "version": 2}).json()["line"]["pins"] == {
        "ten_a": 2
    }
    actors = {one["actor"] for one in operator.get(f"{HERE}/mood/history").json()["data"]}
    assert any(actor.startswith("key_") for actor in actors)


@pytest.mark.parametrize(
    ("step", "body", "status", "code"),
    [
        ("mood/shadow", {"version": 9}, 404, "not_found"),
        ("tone/shadow", {"version": 1}, 404, "not_found"),
        ("mood/shadow", {"version": 1}, 422, "release_refused"),
        ("mood/shadow", {"version": 2, "shares": [0.5, 0.1]}, 422, "release_refused"),
        ("mood/shadow", {"version": 2, "shares": [2]}, 422, "invalid_value"),
        ("mood/shadow", {"version": 2, "speed": 1}, 422, "unknown_field"),
        ("mood/promote", {"version": 2}, 422, "release_refused"),
        ("mood/rollback", {}, 422, "release_refused"),
        ("mood/canary", {}, 422, "release_refused"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(
    operator: TestClient, step: str, body: dict[str, object], status: int, code: str
) -> None:
    """A code for each kind, and nothing moves."""
    answer = operator.post(f"{HERE}/{step}", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert operator.get(f"{HERE}/mood").json()["line"]["revision"] == 0
