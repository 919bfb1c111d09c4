"""Where files lie: their bytes in a folder of the tenant, what is known of them in the store."""

import asyncio
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from argosy.core.jobs import File, Files

_SWEPT = 100  # files at a time
_ASIDE = "."
_ASIDE_SECONDS = 86_400 * 8  # longer than any batch lives


class Shelf:
    """Files below ``folder``, which every process that works on batches sees."""

    def __init__(self, folder: Path, known: Files) -> None:
        self.folder = folder
        self.known = known

    def path(self, tenant: str, file: str) -> Path:
        """Where the bytes of a file lie."""
        return self.folder / tenant / file

    def part(self, tenant: str, name: str) -> Path:
        """Where something that is no file yet is written."""
        folder = self.folder / tenant
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder / f"{_ASIDE}{name}"

    @contextmanager
    def aside(self, tenant: str) -> Iterator[Path]:
        """A place to write at, which is empty again after the block."""
        path = self.part(tenant, secrets.token_hex(8))
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    async def place(self, path: Path, file: File) -> None:
        """Make what was written at ``path`` the bytes of ``file``, and know it: durable when this returns."""
        await asyncio.to_thread(settle, path, self.path(file.tenant, file.id))
        await asyncio.wrap_future(self.known.add(file))

    async def find(self, tenant: str, file: str) -> File | None:
        """A file of this tenant that is not over."""
        found = await asyncio.to_thread(self.known.get, tenant, file)
        return found if found and found.expires > now() else None

    async def drop(self, tenant: str, file: str) -> bool:
        """Forget a file and its bytes; whether there was one."""
        known = await asyncio.wrap_future(self.known.drop(tenant, file))
        if known:
            await asyncio.to_thread(self.path(tenant, file).unlink, missing_ok=True)
        return known

    async def sweep(self) -> None:
        """Drop what is over, and what nobody finished writing."""
        while over := await asyncio.to_thread(self.known.expired, now(), _SWEPT):
            for file in over:
                await self.drop(file.tenant, file.id)
        await asyncio.to_thread(self._sweep_parts)

    def _sweep_parts(self) -> None:
        for path in self.folder.glob(f"*/{_ASIDE}*"):
            if path.stat().st_mtime < time.time() - _ASIDE_SECONDS:
                path.unlink(missing_ok=True)


def settle(source: Path, target: Path) -> None:
    """Move a file to its place in such a way that it survives power loss."""
    with source.open("rb+") as file:
        os.fsync(file.fileno())
    source.replace(target)
    _sync_folder(target.parent)


def copy(source: Path, target: Path, size: int) -> None:
    """The first ``size`` bytes of a file, as another; none of a file that is not there."""
    with target.open("wb") as out:
        if size:
            with source.open("rb") as file:
                shutil.copyfileobj(file, out)
        out.truncate(size)
        out.flush()
        os.fsync(out.fileno())


def new_id(kind: str) -> str:
    """An opaque id such as ``file-…``."""
    return f"{kind}{secrets.token_hex(12)}"


def now() -> int:
    """Microseconds since the epoch."""
    return time.time_ns() // 1000


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":  # elsewhere a folder cannot be opened
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
