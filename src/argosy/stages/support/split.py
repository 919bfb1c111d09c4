"""Stage *split* of an assistant: earlier dialogues to learn from, later ones to choose by, the latest to test on.

An answer is known by the questions of the training part alone; one that was given later only is not known yet, so its
questions have no answer here, as new questions have none in service.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from argosy.assist.mining.mine import entries_of
from argosy.assist.mining.mined import Mined
from argosy.assist.retrieval.pieces import entries_of_document
from argosy.config.schema import Project
from argosy.core.errors import DataError
from argosy.core.knowledge import Entry
from argosy.core.stage import Inputs, Stage, Tell
from argosy.stages.site import Site
from argosy.stages.support import lines, mine, read
from argosy.stages.support.lines import Row

PARTS = ("train", "validation", "test")
_SHARES = (0.6, 0.2, 0.2)
ENTRIES, EVERY, FACTS = "entries.jsonl", "every.jsonl", "facts.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The languages of the texts."""

    languages: tuple[str, ...]


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    return Stage(
        name="split",
        params=Params(languages=tuple(project.languages)),
        run=run,
        inputs=("read", "mine"),
        packages=("py3langid",),
    )


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Share the questions out by the times of their dialogues, or by their names where a time is missing."""
    mined = mine.load(inputs["mine"])
    rows = _rows(mined, params.languages)
    parts = dict(zip(PARTS, _shared_out(rows), strict=True))
    for name, part in parts.items():
        lines.write(out / f"{name}.jsonl", [row.to_json() for row in part])
    pieces = [piece for document in read.documents(inputs["read"]) for piece in _pieces(document, params.languages)]
    every = [_spoken(entry, params.languages) for entry in entries_of(mined)]
    if not every and not pieces:
        raise DataError(
            "There is nothing to answer with: no dialogue in which a person answers, and no document.",
            where="argosy.toml",
            mend="Name dialogues in [data] path, or documents in [support] documents.",
        )
    known = {answer: [row for row in parts["train"] if row.answer == answer] for answer in {r.answer for r in rows}}
    entries = [_as_of(entry, known[entry.id]) for entry in every if known.get(entry.id)]
    lines.write(out / ENTRIES, [entry.to_json() for entry in (*entries, *pieces)])
    lines.write(out / EVERY, [entry.to_json() for entry in (*every, *pieces)])
    facts = _facts(mined, parts, len(entries), len(every), len(pieces))
    (out / FACTS).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def rows(folder: Path, part: str) -> list[Row]:
    """The questions of a part; the stages that train or choose never ask for ``test``."""
    return [Row(**told) for told in lines.read(folder / f"{part}.jsonl")]


def entries(folder: Path, *, every: bool = False) -> list[Entry]:
    """What may be answered with, as the training part knows it; or ``every`` entry, by all of its questions."""
    return [Entry.from_json(told) for told in lines.read(folder / (EVERY if every else ENTRIES))]


def facts(folder: Path) -> dict[str, Any]:
    """What ``run`` found."""
    return dict(json.loads((folder / FACTS).read_text(encoding="utf-8")))


def _rows(mined: Mined, known: Sequence[str]) -> list[Row]:
    spoken = read.languages([pair.question for pair in mined.pairs], known)
    return [
        Row(question=pair.question, answer=pair.answer_id, dialogue=pair.dialogue, at=pair.at, language=language)
        for pair, language in zip(mined.pairs, spoken, strict=True)
    ]


def _shared_out(rows: Sequence[Row]) -> list[list[Row]]:
    """Whole dialogues to each part, in order."""
    begun: dict[str, Any] = {}
    for row in rows:
        begun[row.dialogue] = min(row.at or 0, begun.get(row.dialogue, row.at or 0))
    timed = all(row.at is not None for row in rows)
    order = sorted(begun, key=lambda name: (begun[name] if timed else 0, sha256(name.encode()).hexdigest()))
    first, second = (round(len(order) * share) for share in (_SHARES[0], _SHARES[0] + _SHARES[1]))
    sets = (set(order[:first]), set(order[first:second]), set(order[second:]))
    return [[row for row in rows if row.dialogue in names] for names in sets]


def _as_of(entry: Entry, learnt: Sequence[Row]) -> Entry:
    """The entry with the questions of the training part."""
    times = [row.at for row in learnt if row.at is not None]
    keys = tuple(dict.fromkeys(row.question for row in learnt))
    return replace(entry, keys=keys, at=max(times, default=None))


def _pieces(document: Any, known: Sequence[str]) -> list[Entry]:
    (language,) = read.languages([document.text], known)
    return entries_of_document(document, language)


def _spoken(entry: Entry, known: Sequence[str]) -> Entry:
    return replace(entry, language=read.languages([entry.text], known)[0])


def _facts(mined: Mined, parts: dict[str, list[Row]], known: int, answers: int, pieces: int) -> dict[str, Any]:
    every = [row for part in parts.values() for row in part]
    return {
        "rows": {name: len(part) for name, part in parts.items()},
        "languages": {name: sum(row.language == name for row in every) for name in sorted({r.language for r in every})},
        "answers": answers,
        "known": known,
        "pieces": pieces,
        "conflicts": [asdict(one) for one in mined.conflicts],
        "expired": [asdict(one) for one in mined.expired],
        "left_out": dict(mined.left_out),
        "timed": all(row.at is not None for row in every),
    }
