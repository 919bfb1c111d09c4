"""Subjects, captures, consents and erasures on SQLite and PostgreSQL."""

import json
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from persons import WORDS, Clock, line, opened, seen, stored

from argosy.core.errors import DataError, MissingError
from argosy.project.persons import certificate
from argosy.project.persons.privacy import ProjectPrivacy, reapply
from argosy.stages.data import erased
from argosy.store.backup import back_up
from argosy.store.database import Database
from argosy.store.feedback import feedback
from argosy.store.ledger.tables import lines
from argosy.store.persons.keyring import open_keyring
from argosy.store.persons.subjects import subjects_table
from argosy.store.tenants.audit import SqlAudit

DAY = 86_400_000_000
DIED = """
import sys
from pathlib import Path
from argosy.config.file import load
from argosy.project.persons.privacy import ProjectPrivacy
from argosy.store.database import Database
import os, signal
folder, url = Path(sys.argv[1]), sys.argv[2]
privacy = ProjectPrivacy(load(folder), folder, Database(url))
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
privacy.erasures.purge = die
privacy.erase_all("kim-7731", "ten_a", "test")
"""


@pytest.fixture
def clock() -> Clock:
    """A clock."""
    return Clock()


@pytest.fixture
def privacy(tmp_path: Path, database: Database, clock: Clock) -> ProjectPrivacy:
    """Privacy of a project that asks for consent."""
    return opened(tmp_path / "project", database, clock)


def test_the_same_person_has_one_id_that_says_nothing(privacy: ProjectPrivacy, database: Database) -> None:
    """The id is random, one a tenant and person, and no table holds the person's own."""
    first = privacy.subjects.named("ten_a", "kim-7731")
    assert first.startswith("sub_")
    assert len({first, privacy.subjects.named("ten_b", "kim-7731"), privacy.subjects.named("ten_a", "bob")}) == 3
    privacy.subjects.forget()
    assert privacy.subjects.named("ten_a", "kim-7731") == first
    with database.reading() as connection:
        assert all(
            b"kim-7731" not in bytes(row.name) + row.lookup for row in connection.execute(sa.select(subjects_table))
        )


def test_only_what_was_consented_to_is_kept(privacy: ProjectPrivacy) -> None:
    """Nobody's exchange is kept without a word; the tenant's word counts for all, a person's own before it."""
    assert privacy.captures.keep([seen("kim-7731", "e1"), seen("bob", "e2")]) == 0
    privacy.consent("ten_a", "", "improve", "key_1", granted=True)
    privacy.consent("ten_a", "bob", "improve", "key_1", granted=False)
    privacy.consent("ten_a", "kim-7731", "research", "key_1", granted=False)
    assert (
        privacy.captures.keep([seen("kim-7731", "e1"), seen("bob", "e2"), seen("kim-7731", "e3", tenant="ten_b")]) == 1
    )
    assert [one["event"] for one in privacy.export("ten_a", "kim-7731")["captures"]] == ["e1"]
    privacy.consent("ten_a", "kim-7731", "improve", "key_1", granted=False)
    assert privacy.captures.keep([seen("kim-7731", "e4")]) == 0
    privacy.consent("ten_a", "kim-7731", "improve", "key_1", granted=True)
    assert privacy.captures.keep([seen("kim-7731", "e5")]) == 1
    assert [word["granted"] for word in privacy.consents("ten_a", "kim-7731")] == [False, False, True]


def test_texts_are_opened_by_their_places(tmp_path: Path, database: Database, clock: Clock) -> None:
    """One text or one of several; never of the erased, of who says no by now, or where nothing was asked."""
    privacy = opened(tmp_path / "p", database, clock, "legitimate_interests")
    several = replace(seen("kim-7731", "e2"), asked={"input": ["one", "two"]})
    messages = replace(seen("bob", "e4"), asked={"messages": [{"content": "hello"}]})
    privacy.captures.keep([seen("bob", "e1"), several, seen("ann", "e3"), messages, seen("bob", "e1", tenant="ten_b")])
    places = [("ten_a", f"e{event}", index) for event in range(1, 6) for index in (0, 1, 2, -1)]
    said = {("ten_a", "e1", 0): WORDS, ("ten_a", "e2", 0): "one", ("ten_a", "e2", 1): "two", ("ten_a", "e3", 0): WORDS}
    assert privacy.captures.texts(places) == said
    privacy.consent("ten_a", "bob", "improve", "key_1", granted=False)
    privacy.erase("ten_a", "kim-7731", "key_1")
    assert privacy.captures.texts(places) == {("ten_a", "e3", 0): WORDS}


def test_captures_of_a_time_are_sampled_and_name_nobody(tmp_path: Path, database: Database, clock: Clock) -> None:
    """Of a model, from a time on and before another; the same sample each time, and nobody who says no by now."""
    privacy = opened(tmp_path / "p", database, clock, "legitimate_interests")
    privacy.captures.keep([seen("bob", f"e{at}", f"text {at}", at=at) for at in range(20)])
    privacy.captures.keep([replace(seen("bob", "other", at=5), model="else"), seen("ann", "hers", at=6)])
    found = privacy.captures.between(5, 15, model="mood", most=100)
    assert [one.event for one in found] == ["e5", "e6", "hers", *(f"e{at}" for at in range(7, 15))]
    assert {one.subject for one in found} == {""}
    assert found[0].asked == {"input": "text 5"}
    few = privacy.captures.between(5, 15, model="mood", most=4)
    assert len(few) == 4
    assert few == privacy.captures.between(5, 15, model="mood", most=4)
    sure = privacy.captures.between(5, 15, model="mood", most=4, surely={("ten_a", "e13"), ("ten_a", "e14")})
    assert [one.event for one in sure][-2:] == ["e13", "e14"]
    assert privacy.captures.count(5, 15, model="mood") == 11
    privacy.consent("ten_a", "ann", "improve", "key_1", granted=False)
    assert "hers" not in [one.event for one in privacy.captures.between(5, 15, model="mood", most=100)]


def test_another_basis_needs_no_word_and_heeds_a_no(tmp_path: Path, database: Database, clock: Clock) -> None:
    """Under legitimate interests who objected is left out all the same."""
    privacy = opened(tmp_path / "p", database, clock, "legitimate_interests")
    privacy.consent("ten_a", "bob", "improve", "key_1", granted=False)
    assert privacy.captures.keep([seen("kim-7731", "e1"), seen("bob", "e2"), seen("", "e3")]) == 2


def test_captures_open_with_the_key_of_their_person_alone(privacy: ProjectPrivacy, database: Database) -> None:
    """The table holds no text; an opened capture is what was seen."""
    privacy.consent("ten_a", "", "improve", "key_1", granted=True)
    privacy.captures.keep([seen("kim-7731", "e1"), seen("bob", "e2", "hi")])
    (found,) = privacy.export("ten_a", "kim-7731")["captures"]
    assert found["asked"] == {"input": WORDS}
    assert (found["purpose"], found["basis"], found["model"], found["version"]) == ("improve", "consent", "mood", "1")
    assert not any(WORDS.encode() in part for part in stored(database, privacy.keyring.path.parent))


def test_captures_are_removed_when_their_days_are_over(privacy: ProjectPrivacy, clock: Clock) -> None:
    """Ten days are kept, to the microsecond."""
    privacy.consent("ten_a", "", "improve", "key_1", granted=True)
    privacy.captures.keep(
        [seen("kim-7731", "old", at=clock.at - 10 * DAY - 1), seen("kim-7731", "new", at=clock.at - 10 * DAY)]
    )
    assert privacy.retain() == 1
    assert [one["event"] for one in privacy.export("ten_a", "kim-7731")["captures"]] == ["new"]
    clock.at += 1
    assert privacy.retain() == 1
    assert privacy.retain() == 0


def test_what_is_done_to_keys_and_captures_is_in_the_audit_log(
    privacy: ProjectPrivacy, database: Database, clock: Clock
) -> None:
    """New keys, captures whose days are over, and persons erased again: who, what and how many."""
    privacy.consent("ten_a", "", "improve", "key_1", granted=True)
    privacy.captures.keep([seen("kim-7731", "e1", at=clock.at)])
    subject = privacy.subjects.named("ten_a", "kim-7731")
    privacy.subjects.rotate("key_2")
    assert privacy.erasures.again([subject, "sub_none"]) == 1
    privacy.captures.keep([seen("bob", "e2", at=clock.at)])
    clock.at += 11 * DAY
    assert privacy.retain() == 1
    told = [(entry.actor, entry.action, entry.about) for entry in SqlAudit(database).entries()[1:]]
    master = privacy.keyring.current
    again, over = ("argosy", "privacy.erase.again", subject), ("argosy", "privacy.retain", "captures")
    assert told == [("key_2", "privacy.rotate", master), again, over]
    SqlAudit(database).verify()


def test_an_erased_person_is_nowhere(privacy: ProjectPrivacy, database: Database, tmp_path: Path) -> None:
    """Captures, kept replies, comments, key and id are gone from every byte; the ledger's line stays; bob stays."""
    privacy.consent("ten_a", "", "improve", "key_1", granted=True)
    privacy.captures.keep([seen("kim-7731", "e1"), seen("bob", "e2", "all fine")])
    subject = privacy.subjects.named("ten_a", "kim-7731")
    line(database, subject, "e1")
    with database.reading() as connection:
        row = connection.execute(sa.select(subjects_table).where(subjects_table.c.id == subject)).one()
    secrets = [WORDS.encode(), b"kim-7731", bytes(row.wrapped), bytes(row.lookup), bytes(row.name)]
    held = privacy.export_all("kim-7731", None)
    assert {kind: len(held[kind]) for kind in ("ledger", "captures", "replies", "feedback", "rows")} == dict.fromkeys(
        ("ledger", "captures", "replies", "feedback", "rows"), 1
    )
    signed = privacy.erase_all("kim-7731", None, "test")
    assert signed["subject"] == subject
    assert {name: count for name, count in signed["erased"].items() if name not in {"results", "batches"}} == {
        "rows": 1,
        "keys": 1,
        "labelling": 0,
        "captures": 1,
        "replies": 1,
        "feedback": 1,
    }
    everything = b"\n".join(stored(database, tmp_path / "project"))
    for secret in secrets:
        at = everything.find(secret)
        assert at < 0, everything[at - 100 : at + 100]
        assert secret.hex().encode() not in everything
    with database.reading() as connection:
        assert connection.scalar(sa.select(lines.c.subject)) == subject
        assert connection.execute(sa.select(feedback.c.label, feedback.c.comment)).one() == ("good", None)
    assert len(privacy.export("ten_a", "bob")["captures"]) == 1
    assert privacy.subjects.named("ten_a", "kim-7731") != subject
    assert SqlAudit(database).verify()[0] >= 3


def test_an_erasure_asked_for_twice_is_done_once(privacy: ProjectPrivacy) -> None:
    """By the opaque id the first certificate comes again; by the person's own, what has come since is erased."""
    first = privacy.erase_all("kim-7731", "ten_a", "test")
    assert privacy.erase_all(first["subject"], None, "test") == first
    assert privacy.certificate("ten_a", first["id"]) == first
    assert privacy.certificate("ten_b", first["id"]) is None
    with pytest.raises(MissingError):
        privacy.erase_all("sub_nobody", None, "test")


def test_a_tenant_erases_its_own_persons_alone(privacy: ProjectPrivacy) -> None:
    """The other tenant's person of the same id stays, and so do the operator's own rows."""
    privacy.consent("ten_b", "", "improve", "key_1", granted=True)
    privacy.captures.keep([seen("kim-7731", "e1", tenant="ten_b")])
    signed = privacy.erase("ten_a", "kim-7731", "key_1")
    assert signed["files"] is False
    assert "operator" in signed["text"]["en"]
    assert "运营者" in signed["text"]["zh"]
    assert len(privacy.export("ten_b", "kim-7731")["captures"]) == 1
    assert not any(line.groups for line in erased.read(privacy.keyring.path.parent.parent))


def test_who_is_meant_must_be_clear(privacy: ProjectPrivacy) -> None:
    """An id that two tenants use is refused until the tenant is named."""
    privacy.subjects.named("ten_a", "kim-7731")
    privacy.subjects.named("ten_b", "kim-7731")
    with pytest.raises(DataError, match="ten_a"):
        privacy.export_all("kim-7731", None)
    assert privacy.export_all("kim-7731", "ten_b")["tenant"] == "ten_b"


@pytest.mark.parametrize("where", ["note", "shred", "purge", "finish"])
def test_a_stopped_erasure_goes_on(
    where: str, privacy: ProjectPrivacy, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever it stopped, the next start ends what was begun, with one certificate that counts what was there."""
    privacy.consent("ten_a", "", "improve", "key_1", granted=True)
    privacy.captures.keep([seen("kim-7731", "e1")])
    with monkeypatch.context() as broken, pytest.raises(ConnectionError):
        broken.setattr(privacy.erasures, where, _fail)
        privacy.erase_all("kim-7731", "ten_a", "test")
    _check_resumed(privacy, database, tmp_path / "project")


def test_a_killed_erasure_goes_on(url: str, database: Database, privacy: ProjectPrivacy, tmp_path: Path) -> None:
    """The same where the process is killed once the tables are empty and no certificate is there."""
    privacy.consent("ten_a", "", "improve", "key_1", granted=True)
    privacy.captures.keep([seen("kim-7731", "e1")])
    words = [sys.executable, "-c", DIED, str(tmp_path / "project"), url]
    assert subprocess.run(words, check=False).returncode == -signal.SIGKILL
    _check_resumed(privacy, database, tmp_path / "project")


def _fail(*_: object, **__: object) -> None:
    raise ConnectionError


def _check_resumed(privacy: ProjectPrivacy, database: Database, folder: Path) -> None:
    assert len(privacy.erasures.pending()) == 1
    assert privacy.resume() == 1
    assert privacy.resume() == 0
    (signed,) = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("certificates/*.json")]
    assert (signed["erased"]["captures"], signed["erased"]["rows"]) == (1, 1)
    assert WORDS.encode() not in b"\n".join(stored(database, folder))
    assert len(erased.read(folder)) == 1


def test_an_erased_person_does_not_come_back_with_a_backup(
    privacy: ProjectPrivacy, database: Database, tmp_path: Path, clock: Clock
) -> None:
    """After a restore the list beside the project erases again."""
    if database.file is None:
        pytest.skip("a copy of the file stands in for the backup")
    privacy.consent("ten_a", "", "improve", "key_1", granted=True)
    privacy.captures.keep([seen("kim-7731", "e1")])
    privacy.erasures.purge()
    copy = tmp_path / "copy.db"
    shutil.copy(database.file, copy)
    privacy.erase_all("kim-7731", None, "test")
    restored = Database(f"sqlite:///{copy}")
    again = opened(tmp_path / "project", restored, clock)
    assert len(again.export("ten_a", "kim-7731")["captures"]) == 1
    assert reapply(tmp_path / "project", restored) == 1
    assert again.export("ten_a", "kim-7731") == {"name": "kim-7731", "tenant": "ten_a"}
    assert reapply(tmp_path / "project", restored) == 0
    restored.close()


def test_a_certificate_is_believed_as_it_was_signed_alone(
    privacy: ProjectPrivacy, database: Database, tmp_path: Path, clock: Clock
) -> None:
    """Any change is noticed, and a certificate of another installation is told apart; both languages say it all."""
    folder = tmp_path / "project"
    (folder / "backups").mkdir()
    made = back_up(database, folder / "backups" / "monday.db")
    (folder / "backups" / "notes.txt").write_text("no backup")
    clock.at = made.at + DAY
    signed = privacy.erase_all("kim-7731", "ten_a", "test")
    (backup,) = signed["kept"]["backups"]["found"]
    assert backup["file"] == "backups/monday.db"
    assert "backups/monday.db" in signed["text"]["zh"]
    path = folder / "certificates" / f"{signed['id']}.json"
    assert certificate.verify(path, privacy.keyring)["own"]
    assert not certificate.verify(path, open_keyring(tmp_path / "other.key"))["own"]
    for language in ("en", "zh"):
        words = path.with_suffix(f".{language}.txt").read_text(encoding="utf-8")
        assert words == signed["text"][language]
        assert all(
            str(part) in words for part in (signed["subject"], signed["done"], signed["kept"]["backups"]["until"])
        )
    changed = tmp_path / "changed.json"
    for name, value in (
        ("subject", "sub_other"),
        ("done", "2020-01-01T00:00:00Z"),
        ("erased", {}),
        ("public_key", "00"),
    ):
        changed.write_text(json.dumps({**signed, name: value}), encoding="utf-8")
        with pytest.raises(DataError):
            certificate.verify(changed, privacy.keyring)
