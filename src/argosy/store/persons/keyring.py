"""The keys of privacy in one file beside the database, never in it: master keys, a secret for names, a signing key.

A master key wraps the data key of each subject (AES-256-GCM, NIST SP 800-38D), whose destruction erases what it seals.
"""

import hmac
import json
import os
import secrets
import stat
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from argosy.core.artifact import machine_error
from argosy.core.errors import DataError, MissingError, ProjectError

_FORMAT = 1
_NONCE = 12  # bytes, as GCM asks
_KEY = 32  # bytes: AES-256


class Keyring:
    """The keys of one installation; ``open_keyring`` reads or makes the file."""

    def __init__(self, path: Path, told: dict[str, Any]) -> None:
        self.path = path
        self._told = told

    @property
    def current(self) -> str:
        """The id of the master key that wraps now."""
        return str(self._told["current"])

    @property
    def masters(self) -> tuple[str, ...]:
        """The ids of all master keys at hand."""
        return tuple(self._told["masters"])

    @property
    def public(self) -> str:
        """The public half of the signing key, in hexadecimal."""
        return self._signing().public_key().public_bytes_raw().hex()

    def lookup(self, tenant: str, name: str) -> bytes:
        """What a subject is found by: nobody gets from it to the name without the secret and a guess."""
        return self._keyed("subject", f"{tenant}\0{name}")

    @property
    def rows(self) -> bytes:
        """The secret that knows the rows of erased persons."""
        return self._keyed("rows", "erased")

    def wrap(self, key: bytes, about: str) -> bytes:
        """A data key under the current master key, bound to the subject ``about``."""
        return seal(bytes.fromhex(self._told["masters"][self.current]), key, about)

    def unwrap(self, master: str, wrapped: bytes, about: str) -> bytes:
        """The data key again; the file is read anew where another process has changed the master key since."""
        if master not in self._told["masters"]:
            self.refresh()
        if master not in self._told["masters"]:
            raise MissingError(
                "The master key {master} is not in the file of keys.",
                where=str(self.path),
                mend="Put back the file that belongs to this database.",
                master=master,
            )
        return unseal(bytes.fromhex(self._told["masters"][master]), wrapped, about)

    def sign(self, content: bytes) -> str:
        """An Ed25519 signature (RFC 8032) in hexadecimal."""
        return self._signing().sign(content).hex()

    def refresh(self) -> None:
        """Read the file again."""
        self._told = _read(self.path)

    def add_master(self) -> str:
        """A new master key, which wraps from now on; the others stay to unwrap with."""
        self.refresh()
        name = f"mas_{secrets.token_hex(6)}"
        self._told["masters"][name] = secrets.token_hex(_KEY)
        self._told["current"] = name
        _write(self.path, self._told)
        return name

    def drop_masters(self) -> int:
        """Destroy every master key but the current one; how many there were."""
        self.refresh()
        kept = {self.current: self._told["masters"][self.current]}
        gone = len(self._told["masters"]) - len(kept)
        self._told["masters"] = kept
        _write(self.path, self._told)
        return gone

    def _signing(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(self._told["signing"]))

    def _keyed(self, kind: str, value: str) -> bytes:
        told = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
        return hmac.digest(bytes.fromhex(self._told["names"]), told, sha256)


def open_keyring(path: Path) -> Keyring:
    """The keys in ``path``, made (mode 0600) where there is no such file; of two that make it, one is kept."""
    if not path.exists():
        _make(path)
    return read_keyring(path)


def read_keyring(path: Path) -> Keyring:
    """The keys in ``path``; raises MissingError where there is no such file."""
    return Keyring(path, _read(path))


def seal(key: bytes, content: bytes, about: str) -> bytes:
    """Nonce and ciphertext, bound to ``about``."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, content, about.encode())


def unseal(key: bytes, sealed: bytes, about: str) -> bytes:
    """What was sealed; raises DataError for another key, another ``about``, or changed bytes."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], about.encode())
    except InvalidTag as error:
        raise DataError(
            "This does not open: the key is another one, or the bytes were changed.", where=about
        ) from error


def new_key() -> bytes:
    """A data key."""
    return secrets.token_bytes(_KEY)


def signed_by(public: str, signature: str, content: bytes) -> bool:
    """Whether the holder of the key ``public`` signed ``content``."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def _make(path: Path) -> None:
    master = f"mas_{secrets.token_hex(6)}"
    told = {
        "format": _FORMAT,
        "current": master,
        "masters": {master: secrets.token_hex(_KEY)},
        "names": secrets.token_hex(_KEY),
        "signing": secrets.token_hex(_KEY),
    }
    _write(path, told, only_new=True)


def _write(path: Path, told: dict[str, Any], *, only_new: bool = False) -> None:
    """Put the whole file in its place for its owner's eyes only; a new one never over one that is there."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # mode 0600
        draft = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(told, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            if not only_new:
                draft.replace(path)
            elif not path.exists():
                _link(draft, path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise machine_error(error, path) from error


def _link(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return  # another process was first: its keys hold


def _read(path: Path) -> dict[str, Any]:
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise MissingError(
            "The file of keys is not there.", where=str(path), mend="Put it back: what it sealed opens with no other."
        ) from error
    except OSError as error:
        raise machine_error(error, path) from error
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ProjectError(
            "Others than its owner may read the file of keys.",
            where=str(path),
            mend="Take that right away: chmod 600 {path}",
            path=path,
        )
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    if not isinstance(told, dict) or told.get("format") != _FORMAT:
        raise DataError("This is no file of privacy keys.", where=str(path), mend="Name the file that Argosy made.")
    return told
