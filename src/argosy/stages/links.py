"""Hard links from one artifact to another, so that what several of them hold is on the disk once."""

import os
import shutil
from pathlib import Path

_OWN = ".data"  # weights beside a graph: onnx refuses to read such a file where it has several names


def link(source: Path, target: Path) -> None:
    """A hard link, or a copy where the file system has none, or where readers ask for a file of its own."""
    if source.suffix == _OWN:
        shutil.copyfile(source, target)
        return
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def link_tree(source: Path, target: Path) -> None:
    """Every file of a folder, linked under the same name; the new folders are made."""
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.rglob("*")):
        place = target / path.relative_to(source)
        if path.is_dir():
            place.mkdir(exist_ok=True)
        else:
            link(path, place)
