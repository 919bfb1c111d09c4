"""The rows and the run of a model that was really built, and what is known of them afterwards."""

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from argosy.project.improving.lineage import of_version
from argosy.project.improving.provenance import provenance
from argosy.project.selling.releasing import releases_in
from argosy.store.database import Database, sqlite_url
from argosy.store.upgrade import upgrade

pytestmark = pytest.mark.torch


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty store."""
    opened = Database(sqlite_url(tmp_path / "store.db"))
    upgrade(opened)
    yield opened
    opened.close()


@pytest.fixture
def folder(tiny_project: Path, tmp_path: Path) -> Path:
    """A copy of a built project."""
    place = tmp_path / "copy"
    shutil.copytree(tiny_project, place, symlinks=True)
    return place


def test_a_built_model_knows_its_rows_and_its_run(folder: Path, database: Database) -> None:
    """Files with the digests they were read with, parts, labels and stages; what changed since is told by name."""
    found = of_version(folder, database)
    assert found.doubts == []
    rows, run = found.origin["rows"], found.origin["run"]
    assert [one["name"] for one in rows["files"]] == ["pool/tweets.csv"]
    assert sum(rows["parts"].values()) == rows["kept"]
    assert {part: sum(counts.values()) for part, counts in rows["labels"].items()} == rows["parts"]
    assert run["base"]["licence"]
    assert {"read", "split", "train", "model"} <= {one["stage"] for one in run["stages"] if one["key"]}
    with (folder / "tweets.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(["one more", "positive", ""])
    shutil.rmtree(next((folder / ".argosy" / "artifacts").glob("train-*")))
    faults = {(one.what, one.fault) for one in of_version(folder, database).doubts}
    assert faults == {("file", "changed"), ("artifact", "gone")}


def test_a_release_keeps_its_record_when_a_later_build_takes_the_lock(folder: Path, database: Database) -> None:
    """What was known when it was released is known after its results and the lock are gone."""
    before: Any = provenance(folder / "model", folder)
    releases_in(database, folder).add(folder, by="ann")
    (folder / "argosy.lock").unlink()
    shutil.rmtree(folder / ".argosy" / "artifacts")
    found = of_version(folder, database)
    assert found.version is not None
    assert (found.version.number, found.origin) == (1, json.loads(json.dumps(before)))
    assert {one.fault for one in found.doubts} == {"gone"}


def test_the_way_of_a_release_without_a_record_is_found_by_its_files(folder: Path, database: Database) -> None:
    """A version that was added before records were kept is told from the built model with the same files."""
    releases_in(database, folder).add(folder, by="ann")
    kept = of_version(folder, database)
    shutil.rmtree(folder / "lineage")
    assert of_version(folder, database) == kept
