"""The vault keeps what pseudonyms stand for, and opens for its key alone."""

import json
from pathlib import Path

import pytest

from argosy.core.errors import DataError, MissingError
from argosy.data.redact import redact
from argosy.data.vault import Vault, new_key, open_vault, read_key, restore

TEXT = "打13800138000或138-0013-8000，找张@b.com ann@example.org"


def test_texts_come_back(tmp_path: Path) -> None:
    """Who has vault and key can restore, each value as it was first written, and go on with the same tokens."""
    key = new_key(tmp_path / "key")
    vault = Vault()
    told = redact(TEXT, vault.replace)
    vault.save(tmp_path / "vault.json", key)
    opened = open_vault(tmp_path / "vault.json", read_key(tmp_path / "key"))
    assert "1380" not in told
    assert restore(told, opened) == TEXT.replace("138-0013-8000", "13800138000")
    assert redact(TEXT, opened.replace) == told
    assert restore("[PHONE:AAAAAAAAAAAA]", opened) == "[PHONE:AAAAAAAAAAAA]"


def test_nothing_can_be_read_without_the_key(tmp_path: Path) -> None:
    """The file shows neither values nor tokens."""
    vault = Vault()
    told = redact(TEXT, vault.replace)
    vault.save(tmp_path / "vault.json", "open sesame")
    stored = (tmp_path / "vault.json").read_text(encoding="utf-8")
    assert not any(part in stored for part in ("13800138000", "ann@", told[1:10]))


def test_a_passphrase_opens_and_a_wrong_one_does_not(tmp_path: Path) -> None:
    """A wrong passphrase or key is said in plain words."""
    path = tmp_path / "vault.json"
    Vault(originals={"[PHONE:K7Q2M3]": "13800138000"}).save(path, "开门")
    assert open_vault(path, "开门").originals == {"[PHONE:K7Q2M3]": "13800138000"}
    for key in ("关门", new_key(tmp_path / "key")):
        with pytest.raises(DataError, match="this is not its key"):
            open_vault(path, key)
    with pytest.raises(DataError, match="This is no key"):
        open_vault(path, b"short")


def test_a_changed_vault_is_noticed(tmp_path: Path) -> None:
    """A flipped byte, another file, or none at all is told apart from a wrong key or said as one."""
    path = tmp_path / "vault.json"
    Vault(originals={"a": "b"}).save(path, "x")
    stored = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**stored, "sealed": stored["sealed"][:-8] + "AAAAAAA="}), encoding="utf-8")
    with pytest.raises(DataError, match="or the file was changed"):
        open_vault(path, "x")
    for text in ("{}", "[1]", "not json", '{"format": 1}', '{"format": 1, "salt": "zz", "sealed": "x"}'):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(DataError, match="This is no vault"):
            open_vault(path, "x")
    with pytest.raises(MissingError, match="There is no vault"):
        open_vault(tmp_path / "none.json", "x")


def test_the_key_is_its_owner_s_alone_and_is_never_overwritten(tmp_path: Path) -> None:
    """Mode 0600; a second key would lock the first vault for ever."""
    key = new_key(tmp_path / "key")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(DataError, match="There is a key already"):
        new_key(tmp_path / "key")
    assert read_key(tmp_path / "key") == key
    with pytest.raises(MissingError, match="not there"):
        read_key(tmp_path / "other")
