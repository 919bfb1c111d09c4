"""The files of an OCF package opened: a zip file or a folder, each file held to what its manifest calls it."""

import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path, PurePosixPath

from argosy.core.errors import DataError

Json = Mapping[str, object]
Read = Callable[[str], bytes | None]
_MOST = 50_000_000  # bytes of one file; a cap table of 10,000 holders has a tenth of it


def opened(path: Path) -> tuple[Json, dict[str, list[Json]]]:
    """The manifest, and the objects of all files by their kind (``stock_classes``, ``transactions``, …).

    Checksums are not compared: the format's own samples do not match theirs. Raises DataError for what is not OCF.
    """
    if path.is_dir():
        return _contents(lambda name: _of_folder(path, name), sorted(one.name for one in path.iterdir()), str(path))
    if not zipfile.is_zipfile(path):
        raise not_ocf(str(path))
    with zipfile.ZipFile(path) as whole:
        return _contents(lambda name: _of_zip(whole, name), whole.namelist(), str(path))


def not_ocf(where: str) -> DataError:
    """The error for something else than an OCF package."""
    return DataError(
        "No cap table in the Open Cap Format: there is no manifest.",
        where=where,
        mend="Give a zip file or a folder with Manifest.ocf.json.",
    )


def text(item: Json, key: str, where: str) -> str:
    """A text that has to be there."""
    value = item.get(key)
    if not isinstance(value, str):
        raise DataError("{key!r} is missing, or is no text.", where=where, key=key)
    return value


def day(item: Json, key: str, where: str) -> date:
    """A day that has to be there."""
    try:
        return date.fromisoformat(text(item, key, where))
    except ValueError as error:
        raise DataError("{key!r} is no day: {found!r}.", where=where, key=key, found=item.get(key)) from error


def table(item: Json, key: str, where: str) -> Json:
    """An object within an object; empty where there is none."""
    value = item.get(key, {})
    if not isinstance(value, dict):
        raise DataError("{key!r} is no object.", where=where, key=key)
    return value


def rows(item: Json, key: str, where: str) -> list[Json]:
    """A list of objects; empty where there is none."""
    value = item.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise DataError("{key!r} is no list of objects.", where=where, key=key)
    return value


def number(found: object, key: str, where: str) -> Fraction:
    """A number as OCF writes it: a text of digits."""
    if isinstance(found, str):
        try:
            return Fraction(found)
        except (ValueError, ZeroDivisionError) as error:
            raise DataError("{key!r} is no number: {found!r}.", where=where, key=key, found=found) from error
    raise DataError("{key!r} is no number: {found!r}.", where=where, key=key, found=found)


def _contents(read: Read, names: Sequence[str], where: str) -> tuple[Json, dict[str, list[Json]]]:
    name, manifest = _manifest(read, names, where)
    root = PurePosixPath(name).parent
    found: dict[str, list[Json]] = {}
    for key in [key for key in manifest if key.endswith("_files")]:
        kind = key.removesuffix("_files")
        for entry in rows(manifest, key, name):
            file = _inside(root, text(entry, "filepath", name), name)
            content = _json(read(file), file)
            if content.get("file_type") != f"OCF_{kind.upper()}_FILE":
                raise DataError(
                    "The manifest calls it a file of {kind}, but it is {found!r}.",
                    where=file,
                    kind=kind,
                    found=content.get("file_type"),
                )
            found.setdefault(kind, []).extend(rows(content, "items", file))
    return manifest, found


def _manifest(read: Read, names: Sequence[str], where: str) -> tuple[str, Json]:
    likely = [name for name in names if name.endswith(".json") and "manifest" in PurePosixPath(name).name.lower()]
    for name in sorted(likely, key=lambda one: (one.count("/"), one)):
        content = _json(read(name), name)
        if content.get("file_type") == "OCF_MANIFEST_FILE":
            return name, content
    raise not_ocf(where)


def _inside(root: PurePosixPath, given: str, where: str) -> str:
    path = PurePosixPath(given.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts:
        raise DataError("The manifest names a file outside of the package: {file!r}.", where=where, file=given)
    return str(root / path)


def _json(content: bytes | None, where: str) -> Json:
    if content is None:
        raise DataError("The manifest names this file, but it is not in the package.", where=where)
    try:
        found = json.loads(content)
    except ValueError as error:
        raise DataError("This is no JSON: {error}.", where=where, error=error) from error
    if not isinstance(found, dict):
        raise DataError("This is no JSON object.", where=where)
    return found


def _of_folder(folder: Path, name: str) -> bytes | None:
    path = folder / name
    if not path.is_file():
        return None
    _hold(path.stat().st_size, name)
    return path.read_bytes()


def _of_zip(whole: zipfile.ZipFile, name: str) -> bytes | None:
    try:
        _hold(whole.getinfo(name).file_size, name)
        return whole.read(name)
    except KeyError:
        return None
    # zipfile's own errors: broken, encrypted, or packed by a method that it does not know
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise DataError("This file of the package cannot be read: {error}.", where=name, error=error) from error


def _hold(size: int, name: str) -> None:
    if size > _MOST:
        raise DataError("This file is too large for a cap table: {size} bytes.", where=name, size=size)
