"""What people teach an assistant: decisions on stored answers, and corrections, which are known at once.

A correction is an approved entry with the question as its key; the next build learns it from a file of the project.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from filelock import FileLock

from argosy.assist.mining.mined import FILE, Mined
from argosy.config.places import CORRECTIONS
from argosy.core.artifact import write_atomically
from argosy.core.errors import MissingError
from argosy.core.knowledge import CORRECTED, Entry, Knowledge
from argosy.core.support import Correction
from argosy.data.slots import NAMES
from argosy.store.support.decisions import SqlDecisions, Verdict

_LOCK_SECONDS = 30
_SLOT = re.compile(r"\{(\w+)\}")
_HAN = re.compile("[\u4e00-\u9fff]")
NOTHING = Mined(pairs=(), answers=(), conflicts=(), expired=(), left_out={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Teaching:
    """Puts what people decide into the knowledge, and keeps it; ``mined`` tells more of stored answers.

    ``changed`` is told of each change, so that the next question in this process is answered by it.
    """

    knowledge: Knowledge
    decisions: SqlDecisions
    folder: Path
    mined: Mined = field(default=NOTHING)
    changed: Callable[[], object] = field(default=lambda: None)

    def correct(self, correction: Correction) -> None:
        """Know a correction from now on."""
        self.decisions.correct(correction).result()
        if correction.question:
            self._put(entry_of(correction))
        self.export()

    def decide(self, entry: str, *, approved: bool | None, text: str, by: str, at: int) -> None:
        """Approve a stored answer as ``text`` says it (as it is where that is empty), refuse it, or leave it open."""
        found = self._find(entry)
        if found is None or found.kind != "answer":
            raise MissingError("There is no stored answer {name!r}.", mend="See the list of answers.", name=entry)
        verdict = Verdict(entry=entry, approved=approved, text=text.strip() or found.text, by=by, at=at)
        self.decisions.decide(verdict).result()
        self._put(decided(found, verdict))

    def answers(self, *, approved: bool | None, about: str, limit: int) -> list[dict[str, Any]]:
        """Stored answers as JSON, those given most often first."""
        wanted = about.casefold().strip()
        known = {one.id: one for one in self.mined.answers}
        found = [
            entry
            for entry in self.knowledge.entries()
            if entry.kind == "answer" and entry.approved is approved and (not wanted or _mentions(entry, wanted))
        ]
        found.sort(key=lambda entry: (-known[entry.id].given if entry.id in known else 0, entry.id))
        return [self._told(entry, known) for entry in found[:limit]]

    def export(self) -> None:
        """Write the corrections to the file that the next build reads."""
        place = self.folder / CORRECTIONS
        place.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(place.with_suffix(".lock"), timeout=_LOCK_SECONDS):
            rows = [asdict(one) for one in self.decisions.corrections() if one.question]
            write_atomically(place, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))

    def _find(self, name: str) -> Entry | None:
        return next((entry for entry in self.knowledge.entries() if entry.id == name), None)

    def _put(self, entry: Entry) -> None:
        """Let this stored answer be what its document says."""
        self.knowledge.replace(entry.document, [entry])
        self.changed()

    def _told(self, entry: Entry, known: Mapping[str, Any]) -> dict[str, Any]:
        stored = known.get(entry.id)
        conflicts = [asdict(one) for one in self.mined.conflicts if entry.id in {one.kept, one.dropped}]
        expired = [asdict(one) for one in self.mined.expired if one.id == entry.id]
        return {
            **{name: getattr(entry, name) for name in ("id", "text", "keys", "slots", "approved", "language")},
            "agents": list(stored.agents) if stored else [],
            "given": stored.given if stored else 0,
            "last": stored.last if stored else entry.at,
            "conflicts": conflicts,
            "expired": expired,
        }


def read_mined(model: Path) -> Mined:
    """What is told of stored answers beside the model; nothing where it was built without dialogues."""
    place = model / FILE
    return Mined.from_json(json.loads(place.read_text(encoding="utf-8"))) if place.is_file() else NOTHING


def entry_of(correction: Correction) -> Entry:
    """A correction as it is known; a later one of the same question takes its place."""
    name = f"fix_{sha256(' '.join(correction.question.split()).casefold().encode()).hexdigest()[:16]}"
    return Entry(
        id=name,
        kind="answer",
        text=correction.answer,
        keys=(correction.question,),
        document=f"{CORRECTED}{name}",
        title=correction.question,
        end=len(correction.answer),
        language="zh" if _HAN.search(correction.answer) else "en",
        at=correction.at,
        approved=True,
    )


def decided(entry: Entry, verdict: Verdict) -> Entry:
    """An entry after a decision; its slots are those that its words have now."""
    named = dict.fromkeys(_SLOT.findall(verdict.text))
    slots = tuple(name for name in named if name in entry.slots or name in NAMES)
    return replace(entry, text=verdict.text, end=len(verdict.text), slots=slots, approved=verdict.approved)


def _mentions(entry: Entry, wanted: str) -> bool:
    return any(wanted in text.casefold() for text in (entry.text, *entry.keys))
