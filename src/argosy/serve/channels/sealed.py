"""What the robots of messengers have in common: blocks of AES, signatures, and addresses that only the robot reads."""

import base64
import binascii
import hmac
import json
import time
from hashlib import sha512
from typing import TYPE_CHECKING, Any

from argosy.serve.errors import RequestError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV
    from cryptography.hazmat.primitives.ciphers.modes import CBC

_BLOCK = 16  # bytes of AES
_HOUR = 3600  # seconds: messengers send again what was not answered


def check(given: str, right: str) -> None:
    """Raise RequestError unless a signature is the right one; takes as long for each."""
    if not hmac.compare_digest(given.encode("utf-8", "replace"), right.encode()):
        raise unsigned()


def check_time(seconds: str, now: float | None = None, window: int = _HOUR) -> None:
    """Raise RequestError for a time (seconds since the epoch) too far from now: it may be sent by somebody else."""
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) <= _BLOCK):
        raise unsigned()
    if abs(int(seconds) - (time.time() if now is None else now)) > window:
        raise RequestError(
            "The message is older, or newer, than {minutes} minutes.",
            code="bad_signature",
            mend="Set the clocks of both machines.",
            minutes=window // 60,
        )


def opened(key: bytes, iv: bytes, sealed: bytes, block: int = _BLOCK) -> bytes:
    """What was encrypted by AES in CBC mode, without its padding to ``block`` bytes (PKCS #7); raises RequestError."""
    if not sealed or len(sealed) % _BLOCK:
        raise unsigned()
    decryptor = _cipher(key, iv).decryptor()
    plain = decryptor.update(sealed) + decryptor.finalize()
    count = plain[-1]
    if not 1 <= count <= min(block, len(plain)) or plain[-count:] != bytes([count]) * count:
        raise unsigned()
    return plain[:-count]


def closed(key: bytes, iv: bytes, plain: bytes, block: int = _BLOCK) -> bytes:
    """The other way round."""
    count = block - len(plain) % block
    encryptor = _cipher(key, iv).encryptor()
    return encryptor.update(plain + bytes([count]) * count) + encryptor.finalize()


def decoded(text: str) -> bytes:
    """Base64; raises RequestError."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise unsigned() from None


def told(body: bytes) -> dict[str, Any]:
    """A JSON object; raises RequestError."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise RequestError("The body is not a JSON object.", code="not_json", mend="See the platform's documentation.")
    return found


def text_at(told: object, *path: str) -> str:
    """The text at a path of keys; empty where there is none."""
    for name in path:
        told = told.get(name) if isinstance(told, dict) else None
    return told if isinstance(told, str) else ""


def pseudonym(secret: str, channel: str, address: str) -> str:
    """What stands for an address in the log: always the same, and only who has the ``secret`` reads it."""
    sealed = _siv(secret).encrypt(address.encode("utf-8", "replace"), [channel.encode()])
    return base64.urlsafe_b64encode(sealed).decode()


def address(secret: str, channel: str, pseudonym: str) -> str:
    """The address that a pseudonym stands for; empty where it is of another secret."""
    from cryptography.exceptions import InvalidTag

    try:
        return _siv(secret).decrypt(base64.urlsafe_b64decode(pseudonym), [channel.encode()]).decode()
    except (InvalidTag, ValueError):
        return ""


def unsigned() -> RequestError:
    """The refusal of what is not signed as it should be; it does not say what is wrong."""
    return RequestError(
        "The message is not signed as it should be.",
        code="bad_signature",
        mend="Compare the secrets of both sides.",
    )


def _cipher(key: bytes, iv: bytes) -> "Cipher[CBC]":
    """AES in CBC mode; imported here, for a service without robots holds nothing of it."""
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import CBC

    return Cipher(AES(key), CBC(iv))


def _siv(secret: str) -> "AESSIV":
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

    return AESSIV(_key(secret))


def _key(secret: str) -> bytes:
    return sha512(b"argosy channel\0" + secret.encode()).digest()
