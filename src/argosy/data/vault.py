"""The vault: which pseudonym stands for what, encrypted (Fernet: AES-128 in CBC mode with HMAC-SHA256).

The key is a file of its own that lies outside the data, or a passphrase, which is
stretched by scrypt (RFC 7914). Where no map is wanted, use ``Pseudonyms`` alone: then the key is gone when it is.
"""

import base64
import hashlib
import json
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from argosy.core.artifact import machine_error, write_atomically
from argosy.core.errors import DataError, MissingError
from argosy.data.redact import Pseudonyms
from argosy.data.redact.working import PSEUDONYM

Key = bytes | str
"""The bytes of a key file, or a passphrase."""
_FORMAT = 1
_SALT = re.compile("[0-9a-f]{32}")


class Vault:
    """Makes pseudonyms and remembers the first way each value was written."""

    def __init__(self, secret: bytes | None = None, originals: Mapping[str, str] | None = None) -> None:
        self.originals = dict(originals or {})
        self._pseudonyms = Pseudonyms(secret)

    def replace(self, kind: str, value: str) -> str:
        """The pseudonym of a value, which is remembered."""
        token = self._pseudonyms(kind, value)
        self.originals.setdefault(token, value)
        return token

    def save(self, path: Path, key: Key) -> None:
        """Write the vault so that only ``key`` opens it."""
        salt = secrets.token_bytes(16)
        told = {"secret": self._pseudonyms.key.hex(), "originals": self.originals}
        sealed = _cipher(key, salt).encrypt(json.dumps(told, ensure_ascii=False).encode()).decode()
        write_atomically(path, json.dumps({"format": _FORMAT, "salt": salt.hex(), "sealed": sealed}) + "\n")


def new_key(path: Path) -> bytes:
    """A new key, written to ``path`` for its owner's eyes only (mode 0600).

    Raises DataError when there is a file already: whoever loses a key loses what it locks.
    """
    key: bytes = Fernet.generate_key()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise DataError(
            "There is a key already.", where=str(path), mend="Use it, or name another file for the new one."
        ) from error
    except OSError as error:
        raise machine_error(error, path) from error
    with os.fdopen(handle, "wb") as file:
        file.write(key + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return key


def read_key(path: Path) -> bytes:
    """The key that ``new_key`` wrote; raises MissingError when it is not there."""
    try:
        return path.read_bytes().strip()
    except FileNotFoundError as error:
        raise MissingError(
            "The key of the pseudonyms is not there.", where=str(path), mend="Put the key file back, or name its place."
        ) from error
    except OSError as error:
        raise machine_error(error, path) from error


def open_vault(path: Path, key: Key) -> Vault:
    """The vault at ``path``; raises DataError when ``key`` is not its key or the file is damaged."""
    stored = _stored(path)
    cipher = _cipher(key, bytes.fromhex(stored["salt"]))
    try:
        told = json.loads(cipher.decrypt(stored["sealed"].encode()))
    except InvalidToken as error:
        raise DataError(
            "The vault does not open: this is not its key, or the file was changed.",
            where=str(path),
            mend="Use the key file or passphrase that it was written with.",
        ) from error
    return Vault(bytes.fromhex(told["secret"]), told["originals"])


def restore(text: str, vault: Vault) -> str:
    """The text with originals in the place of pseudonyms; those the vault does not know stay."""
    return PSEUDONYM.sub(lambda token: vault.originals.get(token[0], token[0]), text)


def _stored(path: Path) -> dict[str, str]:
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise MissingError(
            "There is no vault.",
            where=str(path),
            mend="Name the file that the build wrote; without a map there is none.",
        ) from error
    except OSError as error:
        raise machine_error(error, path) from error
    except ValueError as error:
        raise _damaged(path) from error
    if not (isinstance(stored, dict) and stored.get("format") == _FORMAT and _SALT.fullmatch(str(stored.get("salt")))):
        raise _damaged(path)
    return {"salt": stored["salt"], "sealed": str(stored.get("sealed"))}


def _damaged(path: Path) -> DataError:
    return DataError("This is no vault of pseudonyms.", where=str(path), mend="Name the file that the build wrote.")


def _cipher(key: Key, salt: bytes) -> Any:
    """Fernet under the key, or under what scrypt makes of a passphrase."""
    if isinstance(key, str):
        stretched = hashlib.scrypt(key.encode(), salt=salt, dklen=32, maxmem=2**26, n=2**15, r=8, p=1)  # 32 MiB
        key = base64.urlsafe_b64encode(stretched)
    try:
        return Fernet(key)
    except ValueError as error:
        raise DataError("This is no key: one has 44 characters.", mend="Use the key file that belongs here.") from error
