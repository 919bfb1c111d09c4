"""Stage *read* of an assistant: dialogues as turns without personal data, and documents as they were published."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from pathlib import Path

from argosy.config.places import CORRECTIONS
from argosy.config.schema import Project
from argosy.core.knowledge import Document, Piece, Spoken
from argosy.core.personal import GUESSED
from argosy.core.records import Dropped, Example
from argosy.core.stage import UNKEYED, Inputs, Stage, Tell
from argosy.data.dialogues.columns import Account, Columns
from argosy.data.dialogues.read import MORE, read_dialogues
from argosy.data.documents.find import documents_of
from argosy.data.documents.read import read_document
from argosy.data.files.read import expand
from argosy.data.redact import Pseudonyms, Redaction, recogniser
from argosy.stages.data import erased as absent
from argosy.stages.data.erased import Erased
from argosy.stages.site import Site
from argosy.stages.support import lines

TURNS, DOCUMENTS, FACTS = "turns.jsonl", "documents.jsonl", "facts.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The columns of dialogues, what is redacted in them, and the files, which count by their digests."""

    columns: Columns
    redact: str
    kinds: tuple[str, ...]
    names: tuple[str, ...]
    folder: Path = field(metadata=UNKEYED)
    spoken: tuple[Path, ...] = field(metadata=UNKEYED)
    documents: tuple[Path, ...] = field(metadata=UNKEYED)
    corrections: Path | None = field(metadata=UNKEYED)
    erased: Erased = field(default=Erased(), metadata=UNKEYED)


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage; raises DataError where a named file is not there."""
    corrections = site.folder / CORRECTIONS
    params = Params(
        columns=columns(project),
        redact=project.redact.mode,
        kinds=(*sorted(project.redact.kinds), *(GUESSED if project.redact.names else ())),
        names=tuple(project.redact.names),
        folder=site.folder,
        spoken=dialogues(project, site.folder),
        documents=tuple(documents_of(project.support.documents, site.folder)),
        corrections=corrections if corrections.is_file() else None,
        erased=absent.open_erased(
            site.folder, lambda: site.row_secret(site.folder / project.privacy.key_file), grouped=False
        ),
    )
    every = {f"dialogues/{path.name}": path for path in params.spoken}
    every |= {f"documents/{_name(path, site.folder)}": path for path in params.documents}
    every |= {path.name: path for path in (corrections, site.folder / absent.FILE) if path.is_file()}
    packages = ("polars", "charset-normalizer", "pypdfium2", "python-docx", "trafilatura", "markdown-it-py")
    return Stage(name="read", params=params, run=run, files=every, packages=packages)


def columns(project: Project) -> Columns:
    """What the columns of the project's dialogues mean."""
    wish, data = project.support, project.data
    return Columns(
        dialogue=wish.dialogue,
        speaker=wish.speaker,
        text=data.text or "text",
        time=data.time,
        agents=tuple(wish.agents),
        robots=tuple(wish.robots),
    )


def dialogues(project: Project, folder: Path) -> tuple[Path, ...]:
    """The project's files of dialogues; raises DataError where a named one is not there."""
    told = project.data.path or project.data.train
    return tuple(expand(told, folder, MORE)) if told else ()


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Read everything, and store turns and documents."""
    put = Pseudonyms() if params.redact == "pseudonym" else None
    redact = Redaction(put, params.kinds, recogniser(params.names))
    account, corrected = Account(), list(_corrected(params.corrections))
    read = list(read_dialogues(params.spoken, params.columns, account)) if params.spoken else []
    turns = [_nameless(turn) for turn in read if not _is_erased(turn, params.erased)]
    if params.redact != "off":
        turns = [replace(turn, text=redact(Example(id="", text=turn.text)).text) for turn in turns]
    told = [turn for turn in corrected if not _is_erased(turn, params.erased)]
    turns += told  # the questions were redacted when they came, the answers are what your people want said
    lines.write(out / TURNS, map(asdict, turns))
    documents = []
    for number, path in enumerate(params.documents, start=1):
        tell(number / len(params.documents), path.name)
        documents.append(read_document(path, _name(path, params.folder)))
    lines.write(out / DOCUMENTS, map(asdict, documents))
    facts = {
        "turns": len(turns),
        "dialogues": len({turn.dialogue for turn in turns}),
        "left_out": dict(account.left.most_common()),
        "erased": len(read) + len(corrected) - len(turns),
        "redacted": None if params.redact == "off" else dict(redact.counts.most_common()),
        "documents": {document.name: len(document.pieces) for document in documents},
    }
    (out / FACTS).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def turns(folder: Path) -> list[Spoken]:
    """The turns that ``run`` stored."""
    return [Spoken(**told) for told in lines.read(folder / TURNS)]


def documents(folder: Path) -> list[Document]:
    """The documents that ``run`` stored."""
    return [_document(told) for told in lines.read(folder / DOCUMENTS)]


def _document(told: dict[str, object]) -> Document:
    pieces = tuple(Piece(**piece) for piece in told.pop("pieces"))  # type: ignore[attr-defined]
    return Document(**told, pieces=pieces)  # type: ignore[arg-type]


def _name(path: Path, folder: Path) -> str:
    """How people know a document: its place in the project's folder."""
    return path.resolve().relative_to(folder.resolve()).as_posix()


def _corrected(file: Path | None) -> Iterator[Spoken]:
    """What people said should have been answered, each as a dialogue of two turns."""
    for told in lines.read(file) if file else ():
        name = f"correction/{told['id']}"
        yield Spoken(dialogue=name, index=0, speaker="customer", text=told["question"], at=told["at"])
        yield Spoken(dialogue=name, index=1, speaker="agent", text=told["answer"], name=told["by"], at=told["at"])


def _nameless(turn: Spoken) -> Spoken:
    """The turn without what may name a customer: exports of chats name their dialogues after the other side."""
    own = turn.speaker == "agent"
    return replace(turn, dialogue=sha256(turn.dialogue.encode()).hexdigest()[:16], name=turn.name if own else "")


def _is_erased(turn: Spoken, erased: Erased) -> bool:
    return isinstance(erased(Example(id="", text=turn.text)), Dropped)


def languages(texts: Sequence[str], known: Sequence[str]) -> list[str]:
    """The language of each text, one of the project's ``known`` ones."""
    from argosy.data.language import detect

    return detect(texts, known) if texts else []
