"""Backups of a project that sells: its store at one moment, and the files that the store speaks of.

A backup is a folder with a manifest of digests, written aside and renamed when it is whole. The file of privacy keys is
no part of it: who finds a backup cannot open what is sealed. The list of erased persons is, and after a restore they
are erased again, as are those on a newer list that lies in the folder already.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from argosy.config import file
from argosy.config.places import MODEL, OPINIONS
from argosy.config.schema import FILE
from argosy.core.artifact import MANIFEST, Artifact, damaged_files, open_artifact, writing
from argosy.core.errors import DataError
from argosy.project.improving.provenance import FOLDER as LINEAGE
from argosy.project.persons.certificate import STORE
from argosy.project.persons.privacy import reapply
from argosy.project.selling.releasing import FOLDER as RELEASES
from argosy.project.selling.shop import Shop, open_store, store_url
from argosy.stages.data import erased
from argosy.store.backup import Manifest, back_up, read_manifest, restore

KIND = "backup"
PLACE = "backups"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A backup: where it lies, what its store holds, and its size in bytes."""

    path: Path
    store: Manifest
    size: int


def back_up_project(shop: Shop, place: Path) -> Kept:
    """A new backup in the folder ``place``, while the service runs or not.

    The store is copied first: what it speaks of is there when the files are copied. Raises MachineError where the disk
    is full; then nothing is left.
    """
    place.mkdir(parents=True, exist_ok=True)
    with writing(place, KIND) as draft:
        with open_store(shop.sell, shop.folder) as database:
            manifest = back_up(database, draft.path / STORE)
        for source, name in _parts(shop):
            _copy(source, draft.path / name)
    made = draft.artifact.path
    size = sum(path.stat().st_size for path in made.rglob("*") if path.is_file())
    return Kept(path=made, store=manifest, size=size)


def restore_project(backup: Path, folder: Path) -> Manifest:
    """Make the project in ``folder`` from a backup, its store where the project file says.

    Raises DataError where there is a project already, or the backup is damaged or holds more than it did; then nothing
    is written. Persons on the list of the erased are erased again: that of the backup, and that of the folder.
    """
    _check(backup, folder)
    for path in sorted(backup.iterdir()):
        if path.name not in {STORE, MANIFEST, erased.FILE}:
            _copy(path, folder / path.name)
    for line in erased.read(backup):
        erased.add(folder, line)
    project = file.load(folder)
    shop = Shop(project=project, folder=folder)
    manifest = restore(backup / STORE, store_url(shop.sell, folder))
    with open_store(shop.sell, folder) as database:
        reapply(folder, database)
    return manifest


def _parts(shop: Shop) -> Iterator[tuple[Path, str]]:
    """What stands beside the store, with the name that it has in the backup."""
    for name in (FILE, erased.FILE, RELEASES, LINEAGE, MODEL, OPINIONS, shop.sell.files):
        source = shop.folder / name
        if source.exists():
            yield source.resolve(), name


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, copy_function=_copy_file)
    else:
        shutil.copyfile(source, target)


def _copy_file(source: str, target: str) -> None:
    with suppress(FileNotFoundError):  # clients delete files meanwhile
        shutil.copy2(source, target)


def _check(backup: Path, folder: Path) -> None:
    """Raise DataError for a backup that is none or is damaged, and for a folder that holds a project."""
    artifact = open_artifact(backup)
    if artifact.kind != KIND:
        raise DataError("This is no backup.", where=str(backup), mend="Name a folder that argosy backup made.")
    if spoilt := damaged_files(artifact):
        raise DataError(
            "The backup is damaged: {count} of its files, {name} among them, are not what was written.",
            where=str(backup),
            mend="Take another one.",
            count=len(spoilt),
            name=spoilt[0],
        )
    if added := _added(artifact):
        raise DataError(
            "The backup holds {name}, which its manifest does not list.",
            where=str(backup),
            mend="Find out who put it there, or take another one.",
            name=added[0],
        )
    read_manifest(backup / STORE)
    if (folder / FILE).exists():
        raise DataError(
            "There is a project here already.", where=str(folder), mend="Restore into a new folder, then serve that."
        )


def _added(artifact: Artifact) -> list[str]:
    """Links, and files that the manifest does not list."""
    listed = {MANIFEST, *json.loads((artifact.path / MANIFEST).read_text(encoding="utf-8"))["files"]}
    names = {path.relative_to(artifact.path).as_posix(): path for path in sorted(artifact.path.rglob("*"))}
    return [name for name, path in names.items() if path.is_symlink() or (path.is_file() and name not in listed)]
