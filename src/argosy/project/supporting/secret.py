"""The secret of an assistant's desk: one file that only its owner can read, made at first use."""

import hmac
import os
import secrets
from hashlib import sha256
from pathlib import Path

FILE = ".argosy/support.key"
_OWNER = 0o600
_BYTES = 32


def open_secret(folder: Path) -> str:
    """The secret of the project in ``folder``, made where there is none; of two that make it, one is kept."""
    place = folder / FILE
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_name(f"{place.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER), "w") as file:
            file.write(f"whsec_{secrets.token_hex(_BYTES)}\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, place)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return place.read_text(encoding="utf-8").strip()


def signature(secret: str, at: int, body: bytes) -> str:
    """HMAC-SHA256 in hexadecimal of ``SECONDS.BODY`` (seconds since the epoch), by which a message is known as ours."""
    return hmac.new(secret.encode(), f"{at}.".encode() + body, sha256).hexdigest()


def derived(secret: str, purpose: str) -> bytes:
    """32 bytes for another purpose, which tell nothing of the secret."""
    return hmac.new(secret.encode(), purpose.encode(), sha256).digest()
