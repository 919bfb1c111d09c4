"""``argosy audit``: who did what, and proof that nothing was changed since."""

import json
import re
from pathlib import Path

from argosy.core.errors import ProjectError
from argosy.serve.wire.told import entry_told
from argosy.ui.speech import note, say, t
from argosy.ui.verbs.books import opened, show_table
from argosy.ui.verbs.build import say_json

_HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})")
_SECONDS = len("2026-11-22T12:00:00")


def list_entries(folder: Path, about: str | None, after: int, limit: int, *, as_json: bool) -> None:
    """Entries behind ``after``, oldest first."""
    with opened(folder) as books:
        told = [entry_told(entry) for entry in books.audit.entries(after=after, limit=limit, about=about)]
    if as_json:
        say_json({"entries": [entry.model_dump(exclude={"object"}) for entry in told]})
        return
    heads = ("#", t("time (UTC)"), t("who"), t("what"), t("about"), t("details"))
    rows = [
        (
            str(entry.seq),
            entry.at[:_SECONDS].replace("T", " "),
            entry.actor,
            entry.action,
            entry.about,
            json.dumps(entry.details, ensure_ascii=False),
        )
        for entry in told
    ]
    show_table(heads, rows)


def verify(folder: Path, noted: str | None, *, as_json: bool) -> None:
    """Read the whole log; the head goes to standard output, to be noted elsewhere."""
    head = _head(noted) if noted else None
    with opened(folder) as books:
        seq, seal = books.audit.verify(head)
    if as_json:
        say_json({"seq": seq, "hash": seal, "entries": seq})
        return
    say(f"{seq}:{seal}")
    note(t("{count} entries: none was changed, removed or reordered.").format(count=seq))
    if head is None:
        note(t("Note this line elsewhere: verify --head proves with it later that nothing was cut off the end."))


def _head(text: str) -> tuple[int, str]:
    found = _HEAD.fullmatch(text.strip())
    if found is None:
        raise ProjectError(
            "Expected a head as verify has printed it, found {found!r}.",
            where="--head",
            mend="A number, a colon and 64 hexadecimal digits.",
            found=text,
        )
    return int(found[1]), found[2]
