"""``argosy privacy``: what is held of a person, their word on it, its erasure, and the keys that seal it."""

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from argosy.config import file, schema
from argosy.config.selling import Sell
from argosy.core.artifact import machine_error, write_atomically
from argosy.project.persons import certificate
from argosy.project.persons.certificate import FOLDER
from argosy.project.persons.privacy import ProjectPrivacy
from argosy.project.selling.shop import open_store
from argosy.store.persons.keyring import read_keyring
from argosy.ui.speech import language, note, say, t
from argosy.ui.verbs.books import actor
from argosy.ui.verbs.build import say_json

_ZIP = ".zip"


def export(folder: Path, who: str, tenant: str | None, out: Path | None, *, as_json: bool) -> None:
    """Tell everything that is held of a person: to a JSON or ZIP file, or to standard output."""
    with _opened(folder) as privacy:
        held = privacy.export_all(who, tenant)
    if out is not None:
        _write(out, held)
    if as_json:
        say_json({"subject": held["subject"], "out": str(out)} if out else held)
    elif out is None:
        say(json.dumps(held, ensure_ascii=False, indent=1, default=str))
    else:
        counts = ", ".join(f"{name} {len(value)}" for name, value in held.items() if isinstance(value, list))
        note(t("{subject}: {counts}; written to {out}").format(subject=held["subject"], counts=counts, out=out))


def erase(folder: Path, who: str, tenant: str | None, *, as_json: bool) -> None:
    """Erase a person, and show the certificate."""
    with _opened(folder) as privacy:
        privacy.resume()
        signed = privacy.erase_all(who, tenant, actor())
    if as_json:
        say_json(signed)
        return
    say(signed["text"][language])
    place = folder / FOLDER / f"{signed['id']}.json"
    note(t("The signed certificate is {place}.").format(place=place))


def consent(folder: Path, who: str, tenant: str, purpose: str, *, granted: bool, as_json: bool) -> None:
    """Note a word on a purpose."""
    with _opened(folder) as privacy:
        said = privacy.consent(tenant, who, purpose, actor(), granted=granted)
    if as_json:
        say_json(said)
    elif granted:
        note(t("Consent to {purpose!r} is on record.").format(purpose=purpose))
    else:
        note(t("Withdrawn: nothing more is kept for {purpose!r}.").format(purpose=purpose))


def retain(folder: Path, *, as_json: bool) -> None:
    """Remove what is older than the project keeps it."""
    with _opened(folder) as privacy:
        resumed, removed = privacy.resume(), privacy.retain()
    if as_json:
        say_json({"removed": removed, "resumed": resumed})
    else:
        note(t("{count} captures removed.").format(count=removed))


def rotate(folder: Path, *, as_json: bool) -> None:
    """Wrap every key anew and destroy the old master key."""
    with _opened(folder) as privacy:
        count, master = privacy.subjects.rotate(actor()), privacy.keyring.current
    if as_json:
        say_json({"keys": count, "master": master})
    else:
        said = t("{count} keys are wrapped by the new master key {master}; the old one is destroyed.")
        note(said.format(count=count, master=master))


def verify(folder: Path, source: Path, *, as_json: bool) -> None:
    """Check the signature of a certificate, and whether this installation made it."""
    key_file = folder / _project(folder).privacy.key_file if (folder / schema.FILE).is_file() else None
    found = certificate.verify(source, read_keyring(key_file) if key_file and key_file.is_file() else None)
    if as_json:
        say_json(found)
        return
    say(found["certificate"]["text"][language])
    note(t("The signature is good; it was made with the key {key}.").format(key=found["public_key"]))
    if found["own"]:
        note(t("That is the key of this installation."))
    else:
        note(t("That is not known as the key of this installation: compare it with what the service publishes."))


def _project(folder: Path) -> schema.Project:
    return file.load(folder)


@contextmanager
def _opened(folder: Path) -> Iterator[ProjectPrivacy]:
    project = _project(folder)
    sell = project.sell or Sell()
    with open_store(sell, folder) as database:
        yield ProjectPrivacy(project, folder, database)


def _write(out: Path, held: dict[str, Any]) -> None:
    if out.suffix.lower() != _ZIP:
        write_atomically(out, json.dumps(held, ensure_ascii=False, indent=1, default=str) + "\n")
        return
    plain = {name: value for name, value in held.items() if not isinstance(value, list)}
    parts = {"subject": plain} | {name: value for name, value in held.items() if isinstance(value, list)}
    try:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, value in parts.items():
                archive.writestr(f"{name}.json", json.dumps(value, ensure_ascii=False, indent=1, default=str))
    except OSError as error:
        raise machine_error(error, out) from error
