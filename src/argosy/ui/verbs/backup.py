"""``argosy backup`` and ``argosy restore``: the store and its files, in one folder."""

from datetime import UTC, datetime
from pathlib import Path

from argosy.config import file
from argosy.project.selling.backup import PLACE, back_up_project, restore_project
from argosy.project.selling.shop import Shop
from argosy.ui.speech import note, say, t
from argosy.ui.verbs.build import say_json

_SECOND = 1_000_000  # microseconds


def backup(folder: Path, place: Path | None, *, as_json: bool) -> None:
    """A new backup; its path goes to standard output."""
    kept = back_up_project(Shop(project=file.load(folder), folder=folder), place or folder / PLACE)
    if as_json:
        say_json({"backup": str(kept.path), "at": kept.store.at, "bytes": kept.size, "rows": kept.store.rows})
        return
    note(t("{size:.1f} MB, {lines} lines of the ledger").format(size=kept.size / 1e6, lines=_lines(kept.store.rows)))
    note(t("The file of privacy keys is not in it: keep a copy of that elsewhere."))
    say(str(kept.path))


def restore(kept: Path, folder: Path, *, as_json: bool) -> None:
    """A project from a backup."""
    manifest = restore_project(kept, folder)
    if as_json:
        say_json({"folder": str(folder), "at": manifest.at, "rows": manifest.rows})
        return
    made = datetime.fromtimestamp(manifest.at / _SECOND, UTC).isoformat(timespec="seconds")
    words = t("restored as of {made}, {lines} lines of the ledger")
    note(words.format(made=made, lines=_lines(manifest.rows)))
    note(t("serve it   argosy serve {folder}").format(folder=folder))


def _lines(rows: dict[str, int]) -> int:
    return rows.get("ledger_lines", 0)
