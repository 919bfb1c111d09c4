"""Certificates of erasure: what was erased, when and for whom, and what still carries the person; signed (Ed25519)."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from argosy.core.artifact import write_atomically
from argosy.core.errors import DataError
from argosy.report.markdown import ENVIRONMENT
from argosy.store.backup import read_manifest
from argosy.store.persons.erasures import Erasure
from argosy.store.persons.keyring import Keyring, signed_by

FOLDER = "certificates"
STORE = "store.db"  # in a backup
_FORMAT = 1
_SECOND = 1_000_000  # microseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Backups:
    """Backups by name with the time that each was made at (microseconds), and the days for which they are kept."""

    found: Mapping[str, int]
    days: int


def backups_of(folder: Path, pattern: str, days: int) -> Backups:
    """Those that a glob finds; other files are passed over."""
    found = {}
    for path in sorted(folder.glob(pattern)):
        with suppress(DataError):  # what is no backup of this Argosy
            file = path / STORE if path.is_dir() else path
            found[path.relative_to(folder).as_posix()] = read_manifest(file).at if file.is_file() else 0
    return Backups(found={name: at for name, at in found.items() if at}, days=days)


def make(
    erasure: Erasure, keyring: Keyring, *, done: int, backups: Backups, models: list[dict[str, Any]], journal: str
) -> dict[str, Any]:
    """The signed certificate; ``models`` still carry the person, ``journal`` says how bytes left the database."""
    found = [
        {"file": name, "made": _time(at), "until": _time(at, days=backups.days)}
        for name, at in backups.found.items()
        if at <= done
    ]
    told: dict[str, Any] = {
        "format": _FORMAT,
        "object": "privacy.certificate",
        "id": erasure.id,
        "subject": erasure.subject,
        "tenant": erasure.tenant,
        "by": erasure.actor,
        "asked": _time(erasure.begun),
        "done": _time(done),
        "erased": {name: count for name, count in erasure.found.items() if isinstance(count, int)},
        "files": erasure.files,
        "journal": journal,
        "kept": {
            "ledger": "lines with the id above alone, which leads to nobody any more",
            "models": models,
            "backups": {
                "made_before": _time(done),
                "until": _time(done, days=backups.days),
                "days": backups.days,
                "found": found,
            },
        },
    }
    told["text"] = {language: _words(told, language) for language in ("en", "zh")}
    told["public_key"] = keyring.public
    return {**told, "signature": keyring.sign(_signed(told))}


def save(folder: Path, certificate: Mapping[str, Any]) -> Path:
    """Write a certificate into the project's folder, and its words beside it; where the JSON is."""
    (folder / FOLDER).mkdir(exist_ok=True)
    place = folder / FOLDER / f"{certificate['id']}.json"
    write_atomically(place, json.dumps(certificate, ensure_ascii=False, indent=1) + "\n")
    for language, words in certificate["text"].items():
        write_atomically(place.with_suffix(f".{language}.txt"), words)
    return place


def verify(path: Path, keyring: Keyring | None) -> dict[str, Any]:
    """The certificate in a file, and whether it is of this installation; raises DataError where it was changed."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        public, signature = str(told["public_key"]), str(told.pop("signature"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            "This is no certificate of erasure.", where=str(path), mend="Name the JSON file that the erasure left."
        ) from error
    if not signed_by(public, signature, _signed(told)):
        raise DataError(
            "The certificate was changed after it was signed.", where=str(path), mend="Ask for the original."
        )
    return {"certificate": told, "own": keyring is not None and keyring.public == public, "public_key": public}


def _words(told: Mapping[str, Any], language: str) -> str:
    return ENVIRONMENT.get_template(f"certificate.{language}.j2").render(c=told)


def _signed(told: Mapping[str, Any]) -> bytes:
    """The bytes that are signed: JSON without spaces, keys in order, all but the signature."""
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _time(at: int, *, days: int = 0) -> str:
    """RFC 3339, seconds, UTC."""
    return (datetime.fromtimestamp(at // _SECOND, UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
