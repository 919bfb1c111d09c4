"""Holds the files that are about to be loaded against the digests that were stored when the model was built."""

import json
from collections.abc import Iterable
from pathlib import Path

from argosy.core.artifact import MANIFEST, digest_file
from argosy.core.errors import ArgosyError, GateError, raise_all


def refuse_damaged(folder: Path, files: Iterable[Path]) -> None:
    """Raise GateError with both digests for each of ``files`` whose bytes are not those that the manifest lists.

    Files that are not listed, and folders without a manifest, are taken as they are. Hashing takes a second for some
    2 GB, so name only what is loaded.
    """
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return
    listed = json.loads(manifest.read_text(encoding="utf-8"))["files"]
    problems: list[ArgosyError] = []
    for file in files:
        expected = listed.get(file.relative_to(folder).as_posix())
        found = digest_file(file) if expected and file.is_file() else expected
        if found != expected:
            problems.append(_damaged(file, expected, found))
    raise_all(problems)


def _damaged(file: Path, expected: str, found: str) -> GateError:
    return GateError(
        "The file is not what was built: its SHA-256 is {found}, expected {expected}.",
        where=str(file),
        mend="Copy the model again from where it was built, or build it again with `argosy run`.",
        found=found,
        expected=expected,
    )
