"""What stands in the place of personal data: masks, and pseudonyms under a key."""

import base64
import hashlib
import hmac
import ipaddress
import re
import secrets
from collections.abc import Collection
from functools import lru_cache

from argosy.core.personal import KINDS
from argosy.data.redact.find import redact
from argosy.data.redact.phones import canonical_phone
from argosy.data.redact.working import PSEUDONYM, Working

_LENGTH = 12  # of base 32: 60 bits, so that among five million values two share a token once in 90,000 tries
_SEPARATORS = re.compile(r"[\s·•.,()_-]+")


def mask_of(kind: str) -> str:
    """``[PHONE]`` for ``phone``."""
    return f"[{kind.upper()}]"


def fold_pseudonyms(text: str) -> str:
    """The text with masks in the place of pseudonyms.

    >>> fold_pseudonyms("打[PHONE:K7Q2M3]找我")
    '打[PHONE]找我'
    """
    return PSEUDONYM.sub(r"[\1]", text) if "[" in text else text


def mask(text: str, kinds: Collection[str] = KINDS) -> str:
    """The text as a model reads it: no pseudonyms, and a mask for personal data of these kinds; idempotent.

    >>> mask("[NAME:K7Q2M3]：138 0013 8000")
    '[NAME]：[PHONE]'
    """
    return redact(fold_pseudonyms(text), lambda kind, _: mask_of(kind), kinds)


class Pseudonyms:
    """Tokens for values: the same value, however it is written, has the same token under the same ``key``.

    Nobody gets from a token to its value without the map (the key alone lets one try guesses, so it is a secret too).
    """

    def __init__(self, key: bytes | None = None) -> None:
        self.key = key or secrets.token_bytes(32)
        self._token = lru_cache(maxsize=100_000)(self._made)

    def __call__(self, kind: str, value: str) -> str:
        """``[PHONE:K7Q2M3XWPA4B]`` for a telephone number."""
        return self._token(kind, value)

    def _made(self, kind: str, value: str) -> str:
        told = f"{kind}:{canonical(kind, value)}".encode()
        digest = hmac.new(self.key, told, hashlib.sha256).digest()
        return f"[{kind.upper()}:{base64.b32encode(digest).decode()[:_LENGTH]}]"


def canonical(kind: str, value: str) -> str:
    """One form for the ways of writing one value.

    >>> canonical("bank_card", "６２２２ 0212"), canonical("email", "Ann@Example.org"), canonical("name", "张 三")
    ('62220212', 'ann@example.org', '张 三')
    """
    plain = Working.of(value).text
    if kind == "phone":
        return canonical_phone(plain)
    if kind == "credentials":
        return plain
    if kind == "ip":
        return str(ipaddress.ip_address(plain))
    if kind in {"email", "name", "address"}:
        return " ".join(plain.split()).casefold()
    return _SEPARATORS.sub("", plain).upper()
