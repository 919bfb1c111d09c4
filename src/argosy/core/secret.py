"""Secrets of keys: how they are made, told from typing errors, and kept.

A secret is ``ak_live_`` (``ak_admin_`` for the admin side), 256 random bits and a CRC-32 of what stands before it, both
in base 62. The checksum tells a typing error from a key that is not known; it protects nothing.
"""

import re
import secrets
import zlib
from hashlib import sha256

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BITS = 256
_BODY = 43  # digits of 256 bits in base 62
_CHECK = 6  # digits of 32 bits in base 62
_SHOWN = 4  # digits of the body that a person recognises the key by
_FORM = re.compile(rf"(ak_(?:live|admin)_[0-9A-Za-z]{{{_BODY}}})([0-9A-Za-z]{{{_CHECK}}})")


def mint(*, admin: bool = False) -> str:
    """A new secret."""
    body = ("ak_admin_" if admin else "ak_live_") + _base62(secrets.randbits(_BITS), _BODY)
    return body + _check(body)


def well_formed(secret: str) -> bool:
    """Whether ``secret`` could have been minted; False for most typing errors.

    >>> well_formed(mint()), well_formed("ak_live_oops")
    (True, False)
    """
    found = _FORM.fullmatch(secret)
    return found is not None and _check(found[1]) == found[2]


def digest(secret: str) -> str:
    """What is kept of a secret: SHA-256 in hexadecimal; 256 random bits need no slower hash."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def prefix(secret: str) -> str:
    """What a person recognises the key by: its kind and four digits."""
    return secret[: secret.rindex("_") + 1 + _SHOWN]


def _check(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECK)


def _base62(number: int, width: int) -> str:
    digits = ""
    for _ in range(width):
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits
