"""The file of keys, what it seals, and new master keys."""

import os
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from persons import WORDS, Clock, opened, seen

from argosy.core.errors import DataError, MissingError, ProjectError
from argosy.project.persons.privacy import ProjectPrivacy
from argosy.store.database import Database
from argosy.store.persons.keyring import open_keyring, read_keyring, seal, unseal
from argosy.store.persons.subjects import subjects_table


@pytest.fixture
def privacy(tmp_path: Path, database: Database) -> ProjectPrivacy:
    """Privacy of a project that asks for consent."""
    return opened(tmp_path / "project", database, Clock())


def test_a_new_master_key_opens_everything_and_the_old_one_is_gone(privacy: ProjectPrivacy, database: Database) -> None:
    """Rotation wraps all keys anew; a process that had read the old file goes on."""
    privacy.consent("ten_a", "", "improve", "key_1", granted=True)
    privacy.captures.keep([seen("kim-7731", "e1"), seen("bob", "e2")])
    other = ProjectPrivacy(privacy._project, privacy._folder, database)
    old = privacy.keyring.current
    before = privacy.keyring.path.read_text(encoding="utf-8")
    assert privacy.subjects.rotate() == 2
    assert old not in privacy.keyring.path.read_text(encoding="utf-8")
    assert other.captures.keep([seen("carl", "e3")]) == 1
    assert [one["asked"]["input"] for one in other.export("ten_a", "kim-7731")["captures"]] == [WORDS]
    with database.reading() as connection:
        assert set(connection.scalars(sa.select(subjects_table.c.master))) == {privacy.keyring.current}
    stale = Path(str(privacy.keyring.path) + ".old")
    stale.write_text(before, encoding="utf-8")
    stale.chmod(0o600)
    with pytest.raises(MissingError, match="mas_"):
        read_keyring(stale).unwrap(privacy.keyring.current, b"", "sub_x")


def test_a_stopped_rotation_is_ended_by_the_next(privacy: ProjectPrivacy) -> None:
    """A kill after the new key is written loses nothing."""
    privacy.subjects.named("ten_a", "kim-7731")
    privacy.keyring.add_master()
    assert len(privacy.keyring.masters) == 2
    privacy.subjects.named("ten_a", "bob")
    assert privacy.subjects.rotate() == 2
    assert len(privacy.keyring.masters) == 1
    assert [one.name for one in privacy.subjects.find("bob")] == ["bob"]


def test_the_file_of_keys_is_its_owners_alone(tmp_path: Path) -> None:
    """It is made once with mode 0600, and refused when others may read it."""
    path = tmp_path / "deep" / "privacy.key"
    keys = open_keyring(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert open_keyring(path).public == keys.public
    path.chmod(0o644)
    with pytest.raises(ProjectError, match="owner"):
        read_keyring(path)
    path.chmod(0o600)
    path.write_text("{}")
    with pytest.raises(DataError):
        read_keyring(path)
    assert os.listdir(path.parent) == ["privacy.key"]  # noqa: PTH208 - hidden drafts too


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=100), about=st.text(max_size=10), at=st.integers(0, 200))
def test_what_is_sealed_opens_whole_or_not_at_all(content: bytes, about: str, at: int) -> None:
    """A changed byte, another key or another person is refused."""
    key = bytes(range(32))
    sealed = seal(key, content, about)
    assert unseal(key, sealed, about) == content
    at %= len(sealed)
    for wrong in (
        lambda: unseal(key, sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], about),
        lambda: unseal(key[::-1], sealed, about),
        lambda: unseal(key, sealed, about + "x"),
    ):
        with pytest.raises(DataError):
            wrong()
