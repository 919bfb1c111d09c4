"""A backup is taken in the middle of traffic, and a project made from it goes on selling."""

import shutil
import threading
from contextlib import closing
from pathlib import Path

import pytest
from opinion_log_of_tests import NOON, open_log, opinion, take
from projects import SOLD_REVIEWS
from starlette.testclient import TestClient

from argosy.config import file
from argosy.config.places import OPINIONS
from argosy.core.captured import Captured
from argosy.core.errors import DataError, MissingError
from argosy.infer.engines.echo import EchoEngine
from argosy.project.persons.privacy import ProjectPrivacy
from argosy.project.selling.backup import back_up_project, restore_project
from argosy.project.selling.offers import known_plans
from argosy.project.selling.parts import open_selling
from argosy.project.selling.shop import Shop, first_key, open_store
from argosy.serve.settings import Settings
from argosy.stages.data import erased
from argosy.store.ledger import tables
from argosy.store.ledger.verify import verify
from argosy.store.opinion.upkeep import SqlUpkeep
from argosy.store.persons.captures import captures_table


def shop_in(folder: Path) -> Shop:
    """The project in a folder."""
    return Shop(project=file.load(folder), folder=folder)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A project that sells."""
    folder = tmp_path / "店 one"
    folder.mkdir()
    (folder / "argosy.toml").write_text(SOLD_REVIEWS, encoding="utf-8")
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


def test_a_file_that_is_deleted_meanwhile_spoils_no_backup(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clients hand in and delete files all the time: none of them keeps the project from being backed up."""
    first_key(shop)
    folder = shop.folder / shop.sell.files / "ten_1"
    folder.mkdir(parents=True)
    files = [folder / "file-1", folder / "file-2"]
    for file_ in files:
        file_.write_text("words")
    copied = shutil.copyfile

    def deleting(source: str | Path, target: str | Path, **named: bool) -> str | Path:
        for other in files if Path(source) in files else ():
            if other != Path(source):
                other.unlink(missing_ok=True)
        return copied(source, target, **named)

    monkeypatch.setattr(shutil, "copyfile", deleting)
    made = back_up_project(shop, tmp_path / "backups").path
    assert len(list((made / shop.sell.files).rglob("file-*"))) == 1


def test_the_texts_of_an_opinion_monitor_are_in_it(shop: Shop, tmp_path: Path) -> None:
    """What the store counts can be read from the restored files, of texts that were merged too."""
    pytest.importorskip("duckdb", reason="the package duckdb is not installed")
    first_key(shop)
    with open_store(shop.sell, shop.folder) as database:
        log = open_log(database, shop.folder / OPINIONS)
        for key in range(3):
            take(log, opinion(key))
        assert SqlUpkeep(database, shop.folder / OPINIONS, "mood").compact(2 * NOON) == 2
        texts = log.between(0, 2 * NOON)
    restore_project(back_up_project(shop, tmp_path / "backups").path, tmp_path / "two")
    restored = shop_in(tmp_path / "two")
    with open_store(restored.sell, restored.folder) as database:
        log = open_log(database, restored.folder / OPINIONS)
        assert (len(texts), log.between(0, 2 * NOON)) == (3, texts)


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_what_the_manifest_does_not_list_is_not_restored(shop: Shop, tmp_path: Path, kind: str) -> None:
    """Whoever can add to a backup plants nothing in the project, and has no file of the machine copied into it."""
    first_key(shop)
    kept = back_up_project(shop, tmp_path / "backups").path
    secret = tmp_path / "secrets"
    secret.mkdir()
    (secret / "passwords").write_text("secret")
    planted = kept / "models.txt"
    if kind == "file":
        planted.write_text("more")
    else:
        planted.symlink_to(secret if kind == "folder" else secret / "passwords")
    with pytest.raises(DataError, match=r"models\.txt"):
        restore_project(kept, tmp_path / "two")
    assert not (tmp_path / "two").exists()


def test_who_was_erased_after_the_backup_is_erased_again(shop: Shop, tmp_path: Path) -> None:
    """By the newest list, where it lies in the new folder already; it loses none of its lines."""
    first_key(shop)
    with open_store(shop.sell, shop.folder) as database:
        privacy = ProjectPrivacy(shop.project, shop.folder, database)
        privacy.erase_all("bob", "ten_1", "test")
        privacy.consent("ten_1", "", "improve", "test", granted=True)
        seen = {"tenant": "ten_1", "subject": "kim", "event": "e", "model": "m", "version": "1", "at": 1}
        assert privacy.keep([Captured(**seen, asked="words", answer="more")]) == 1
        kept = back_up_project(shop, tmp_path / "backups").path
        privacy.erase_all("kim", "ten_1", "test")
    two = tmp_path / "two"
    two.mkdir()
    shutil.copyfile(shop.folder / erased.FILE, two / erased.FILE)
    restore_project(kept, two)
    assert erased.read(two) == erased.read(shop.folder)
    with open_store(shop_in(two).sell, two) as database, database.reading() as connection:
        assert connection.execute(captures_table.select()).all() == []


def test_a_list_of_the_erased_gets_no_other_keys(shop: Shop, tmp_path: Path) -> None:
    """New ones would know nobody on it, so that the next build learns the erased again: the old ones are asked for."""
    first_key(shop)
    with open_store(shop.sell, shop.folder) as database:
        ProjectPrivacy(shop.project, shop.folder, database).erase_all("kim", "ten_1", "test")
    kept = back_up_project(shop, tmp_path / "backups").path
    two = tmp_path / "two"
    restore_project(kept, two)
    restored = shop_in(two)
    key = shop.project.privacy.key_file
    assert not (two / key).exists()
    with pytest.raises(MissingError, match="file of keys is not there"):
        open_selling(restored)
    (two / key).parent.mkdir(exist_ok=True)
    shutil.copy(shop.folder / key, two / key)
    open_selling(restored).close()
