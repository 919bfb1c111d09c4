"""The files that pages load, each under the digest of what is in it; a page of one file holds them itself."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("assets")
PREFIX = "/assets"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
}
_DIGEST_LETTERS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file as it is sent; ``packed`` is the same by gzip."""

    name: str
    body: bytes
    packed: bytes
    kind: str
    digest: str

    @property
    def address(self) -> str:
        """Where it is served; the address changes with what is in the file."""
        return f"{PREFIX}/{self.name}?v={self.digest}"


@cache
def names() -> frozenset[str]:
    """The files that there are."""
    return frozenset(path.name for path in FOLDER.iterdir() if path.suffix in TYPES)


@cache
def asset(name: str) -> Asset:
    """The file of that name; raises KeyError where there is none to be served."""
    if name not in names():
        raise KeyError(name)
    path = FOLDER / name
    body = path.read_bytes()
    return Asset(
        name=name,
        body=body,
        packed=gzip.compress(body, mtime=0),
        kind=TYPES[path.suffix],
        digest=hashlib.sha256(body).hexdigest()[:_DIGEST_LETTERS],
    )


def address(name: str) -> str:
    """The address of the file of that name."""
    return asset(name).address


def inline(name: str) -> str:
    """The text of a file for a page that holds its own style: it must not end the element that it stands in."""
    text = asset(name).body.decode()
    if "</" in text:
        raise ValueError(name)
    return text
