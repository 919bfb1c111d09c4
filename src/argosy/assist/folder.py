"""The folder of an assistant: written by the build, opened by whoever serves it.

Beside ``argosy.json`` stand ``assistant.json`` (how entries are found and when they are answered with),
``knowledge/entries.jsonl`` with ``knowledge/vectors.npy`` (float32 [keys + texts, width] in the order of
``retrieval.snapshot.texts_of``), and, where there are such, ``encoder/``, ``reranker/`` and ``intents/``.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from argosy.assist.answering.assistant import Answering
from argosy.assist.answering.engine import AssistantEngine
from argosy.assist.answering.rewriting import Rewriter
from argosy.assist.answering.rules import Rules
from argosy.assist.retrieval.current import Current, Finding
from argosy.assist.retrieval.fusion import Fusion
from argosy.assist.retrieval.memory import KeptKnowledge, KeptVectors
from argosy.assist.retrieval.snapshot import Encoder, OpenVectors, texts_of
from argosy.assist.retrieval.vectors import in_memory
from argosy.assist.understanding.intents import open_intents
from argosy.assist.understanding.understanding import Understanding
from argosy.core.artifact import digest_file
from argosy.core.engine import Generator
from argosy.core.errors import MissingError
from argosy.core.knowledge import Embedded, Entry, Knowledge, digest_of
from argosy.infer.engines.cross import open_reranker
from argosy.infer.engines.embed import GRAPH, open_embedder
from argosy.infer.folder import ASSISTANT as KIND
from argosy.infer.folder import FORMAT, NAME, told, write
from argosy.infer.intact import refuse_damaged

ASSISTANT = "assistant.json"
ENTRIES, VECTORS = "knowledge/entries.jsonl", "knowledge/vectors.npy"
ENCODER, RERANKER, INTENTS = "encoder", "reranker", "intents"
_SHORT = 12  # characters of a version


class Calibrated(Protocol):
    """How entries are found, and when they are answered with."""

    @property
    def fusion(self) -> Fusion:
        """What gives the chances."""
        ...

    @property
    def reread(self) -> Fusion | None:
        """What gives those of entries that the reranker read too."""
        ...

    @property
    def rules(self) -> Rules:
        """When it answers."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a build made: ``reranker``, ``intents`` and the first of ``encoder`` are folders that are copied."""

    entries: Sequence[Entry]
    calibrated: Calibrated
    encoder: tuple[Path, Encoder] | None = None
    reranker: Path | None = None
    intents: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """An assistant without what it knows; see Answering and Finding."""

    name: str
    version: str
    rules: Rules
    finding: Finding
    understanding: Understanding

    def over(self, current: Current, writer: Generator | None = None) -> AssistantEngine:
        """The assistant over a knowledge; a ``writer`` words composed answers anew."""
        answering = Answering(
            understanding=self.understanding,
            retrieval=current.of,
            rules=self.rules,
            version=self.version,
            rewriter=Rewriter(writer) if writer else None,
        )
        return AssistantEngine(assistant=answering, name=self.name)


def open_assistant(
    folder: Path,
    *,
    threads: int | None = None,
    knowledge: Knowledge | None = None,
    embedded: Embedded | None = None,
    writer: Generator | None = None,
) -> AssistantEngine:
    """The assistant in a folder over what it was built with, or over a ``knowledge`` as it is now.

    Raises MissingError when the folder is no assistant or a part is missing, GateError when a file is not what was
    built.
    """
    parts = open_parts(folder, threads=threads)
    return parts.over(open_knowledge(folder, parts, knowledge=knowledge, embedded=embedded), writer)


def open_parts(folder: Path, *, threads: int | None = None) -> Parts:
    """The parts of the assistant in a folder; raises as ``open_assistant`` does."""
    refuse_damaged(folder, [folder / NAME, folder / ASSISTANT, folder / ENTRIES])
    description = told(folder)
    if description.get("kind") != KIND or description.get("format") != FORMAT:
        raise MissingError(
            "There is no assistant here that this version reads.",
            where=str(folder),
            mend="Build it with `argosy run`.",
        )
    kept = json.loads((folder / ASSISTANT).read_text(encoding="utf-8"))
    encoder = _encoder(folder / ENCODER, threads)
    reranker, intents = folder / RERANKER, folder / INTENTS
    finding = Finding(
        fusion=Fusion.from_json(kept["fusion"]),
        encoder=encoder,
        reranker=open_reranker(reranker, threads=threads) if reranker.is_dir() else None,
        reread=Fusion.from_json(kept["reread"]) if kept["reread"] else None,
    )
    questions = (lambda texts: encoder.vectors("query", texts)) if encoder else None
    model = open_intents(intents, questions, threads=threads) if intents.is_dir() else None
    return Parts(
        name=str(description["name"]),
        version=str(description["version"]),
        rules=Rules.from_json(kept["rules"]),
        finding=finding,
        understanding=Understanding(intents=model.read if model else None),
    )


def open_knowledge(
    folder: Path,
    parts: Parts,
    *,
    knowledge: Knowledge | None = None,
    embedded: Embedded | None = None,
    opened: OpenVectors = in_memory,
) -> Current:
    """The retrievers over a knowledge, or over the entries of the folder; its vectors are not worked out again."""
    entries, embedded = read_entries(folder), embedded or KeptVectors()
    _keep(folder, entries, parts.finding.encoder, embedded)
    return Current(KeptKnowledge(entries) if knowledge is None else knowledge, parts.finding, embedded, opened)


def read_entries(folder: Path) -> list[Entry]:
    """The entries that an assistant was built with, in the order of their ids."""
    with (folder / ENTRIES).open(encoding="utf-8", errors="surrogatepass") as lines:
        return [Entry.from_json(json.loads(line)) for line in lines]


def write_assistant(
    out: Path, made: Made, *, name: str, languages: Sequence[str], base: Mapping[str, Any] | None = None
) -> None:
    """Write an assistant. Its version is a digest of all of it but the description: the same parts have the same."""
    (out / ENTRIES).parent.mkdir(parents=True, exist_ok=True)
    known = sorted(made.entries, key=lambda entry: entry.id)
    lines = (json.dumps(entry.to_json(), ensure_ascii=False) + "\n" for entry in known)
    (out / ENTRIES).write_text("".join(lines), encoding="utf-8", errors="surrogatepass")
    if made.encoder:
        keys, texts = texts_of(known)
        queries, passages = made.encoder[1].vectors("query", keys), made.encoder[1].vectors("passage", texts)
        np.save(out / VECTORS, np.concatenate([queries, passages]))
    for part, source in (
        (ENCODER, made.encoder and made.encoder[0]),
        (RERANKER, made.reranker),
        (INTENTS, made.intents),
    ):
        if source:
            shutil.copytree(source, out / part)
    kept = {
        "fusion": made.calibrated.fusion.to_json(),
        "reread": made.calibrated.reread.to_json() if made.calibrated.reread else None,
        "rules": made.calibrated.rules.to_json(),
    }
    (out / ASSISTANT).write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    told_of = {"format": FORMAT, "kind": KIND, "name": name, "languages": list(languages), "base": base}
    write(out, {**told_of, "version": _version(out)})


def _encoder(folder: Path, threads: int | None) -> Encoder | None:
    if not folder.is_dir():
        return None
    return Encoder.of(open_embedder(folder, threads=threads), digest_file(folder / GRAPH))


def _keep(folder: Path, entries: Sequence[Entry], encoder: Encoder | None, embedded: Embedded) -> None:
    """Keep the folder's vectors where they are not yet."""
    if encoder is None or not (folder / VECTORS).is_file():
        return
    refuse_damaged(folder, [folder / VECTORS])
    keys, texts = texts_of(entries)
    vectors = np.load(folder / VECTORS)
    for role, known, rows in (("query", keys, vectors[: len(keys)]), ("passage", texts, vectors[len(keys) :])):
        name = encoder.name("query" if role == "query" else "passage")
        digests = [digest_of(text) for text in known]
        there = embedded.vectors(name, digests)
        fresh = {digest: row for digest, row in zip(digests, rows, strict=True) if digest not in there}
        if fresh:
            embedded.keep(name, fresh)


def _version(out: Path) -> str:
    """A digest of the files that make what is answered."""
    files = sorted(path for path in out.rglob("*") if path.is_file() and path != out / NAME)
    listed = "\n".join(f"{path.relative_to(out).as_posix()} {digest_file(path)}" for path in files)
    return sha256(listed.encode()).hexdigest()[:_SHORT]
