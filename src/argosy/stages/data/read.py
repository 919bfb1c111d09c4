"""Stage *read*: the user's files as examples, each with the file and row it came from, without personal data.

Personal data is taken out before a row is stored. A file is read in chunks, which several processes turn into rows.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from argosy.config.schema import Project
from argosy.core.errors import ArgosyError, DataError, raise_all
from argosy.core.personal import GUESSED
from argosy.core.records import Dropped, Example
from argosy.core.stage import UNKEYED, Inputs, Stage, Tell
from argosy.data.examples import Columns, added_up, chunks_of, examples_of
from argosy.data.files.documents import PLAIN, read_documents
from argosy.data.files.read import Chunk, expand, read_chunks
from argosy.data.labels.checks import check_kept, check_labels
from argosy.data.redact import Pseudonyms, Redaction, recogniser
from argosy.data.vault import Vault, new_key, read_key
from argosy.stages.data import erased as absent
from argosy.stages.data import rows
from argosy.stages.data.crew import Task, spread
from argosy.stages.data.erased import Erased
from argosy.stages.data.tallies import Tallies
from argosy.stages.site import Site

POOL = "pool"  # rows to split
LABELLED = "labelled"  # rows from `argosy label`: chosen for being hard, so they are learnt from and never measured on
TEST = "test"  # rows of a test file, when one is named
FACTS = "facts.json"
VAULT = "pseudonyms.vault"
KEY = ".argosy/pseudonyms.key"
_TOLD_EVERY = 8  # chunks


@dataclass(frozen=True, slots=True, kw_only=True)
class Redact:
    """``mode`` is mask, pseudonym or off; ``names`` recognise names; ``map``: the way back is kept, encrypted."""

    mode: str
    kinds: Sequence[str]
    names: Sequence[str]
    map: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The columns, what to redact, the files by role (which count by their digests), and the file of the map's key.

    ``plain`` says that files of plain text are read too, as documents; ``erased`` knows the rows of erased persons,
    whose list counts by its digest.
    """

    columns: Columns
    redact: Redact
    plain: bool = False
    key: Path = field(metadata=UNKEYED)
    erased: Erased = field(default=Erased(), metadata=UNKEYED)
    paths: Mapping[str, Sequence[Path]] = field(metadata=UNKEYED)


def columns(project: Project) -> Columns:
    """What the columns of the project's files mean."""
    data = project.data
    return Columns(
        text=data.text,
        label=None if project.generates else data.label,
        answer=data.answer if project.generates else None,
        group=data.group,
        time=data.time,
        numeric=tuple(data.numeric),
        truth=project.task == "regress",
        rename=data.labels,
    )


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage for a project; raises DataError where a named file is not there."""
    paths, wish = files(project, site.folder), project.redact
    redact = Redact(
        mode=wish.mode,
        kinds=(*sorted(wish.kinds), *(GUESSED if wish.names else ())),
        names=tuple(wish.names),
        map=wish.map and wish.mode == "pseudonym",
    )
    params = Params(
        columns=columns(project),
        redact=redact,
        plain=project.generates,
        key=site.folder / KEY,
        erased=absent.open_erased(
            site.folder,
            lambda: site.row_secret(site.folder / project.privacy.key_file),
            grouped=project.data.group is not None,
        ),
        paths=paths,
    )
    every = {f"{role}/{path.name}": path for role, found in paths.items() for path in found}
    every |= {absent.FILE: site.folder / absent.FILE} if (site.folder / absent.FILE).is_file() else {}
    packages = ("polars", "fastexcel", "charset-normalizer", "python-stdnum", "phonenumbers")
    return Stage(name="read", params=params, run=run, files=every, packages=packages)


def files(project: Project, folder: Path) -> dict[str, list[Path]]:
    """The project's data files by role."""
    data = project.data
    more = PLAIN if project.generates else ()
    labelled = [] if project.generates else sorted(folder.glob(data.labelled))
    found = {POOL: expand(data.path or data.train or "", folder, more), LABELLED: labelled}
    if data.test is not None:
        found[TEST] = expand(data.test, folder, more)
    return found


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Read all files and store rows and dropped rows; what is wrong with the labels is told all at once."""
    secret = Pseudonyms().key
    problems: list[ArgosyError] = []
    facts: dict[str, Any] = {}
    originals: dict[str, str] = {}
    with (out / rows.DROPPED).open("wb") as dropped:
        for name in (POOL, LABELLED, TEST):
            paths = params.paths.get(name, ())
            read = _Role(params=params, name=name, paths=paths, out=out, secret=secret)
            tallies, wrong, told = read.run(dropped.write, tell)
            where = ", ".join(path.name for path in paths)
            wrong = wrong or check_kept(tallies.kept, tallies.reasons, where)
            if name == POOL and tallies.kept and not wrong and not params.columns.truth:
                wrong = check_labels(tallies.labels, where)
            problems += wrong
            facts[name] = tallies.facts()
            originals |= told
    raise_all(problems)
    (out / FACTS).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")
    if params.redact.map:
        key = read_key(params.key) if params.key.is_file() else new_key(params.key)
        Vault(secret, originals).save(out / VAULT, key)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Role:
    """The files of one role, being read."""

    params: Params
    name: str
    paths: Sequence[Path]
    out: Path
    secret: bytes

    def run(self, write: Callable[[bytes], object], tell: Tell) -> tuple[Tallies, list[ArgosyError], dict[str, str]]:
        """What was kept and dropped, what is wrong with the files, and which pseudonym stands for what."""
        tallies = Tallies()
        problems: list[ArgosyError] = []
        cells: list[ArgosyError] = []
        originals: dict[str, str] = {}
        for done, result in enumerate(spread(read_chunk, self._tasks(problems)), start=1):
            tallies.add(result["tallies"])
            cells += [DataError.from_json(told) for told in result["problems"]]
            originals |= result["originals"]
            part = Path(result["dropped"])
            write(part.read_bytes())
            part.unlink()
            if done % _TOLD_EVERY == 0:
                tell(0, f"{tallies.kept:,}")
        if not rows.files(self.out / self.name):
            rows.save([], self.out / self.name)
        return tallies, problems or added_up(cells), originals

    def _tasks(self, problems: list[ArgosyError]) -> Iterator[Task]:
        wanted = self.params.columns
        if self.name == LABELLED:  # they have a text and a label, and are only learnt from
            wanted = replace(wanted, group=None, time=None)
        columns = asdict(wanted)
        redact = {**asdict(self.params.redact), "secret": self.secret.hex()}
        erased = self.params.erased.with_captured if self.name == LABELLED else self.params.erased
        read = read_documents if self.params.plain else read_chunks
        for number, chunk in enumerate(chunks_of(self.paths, wanted.wanted, read)):
            if isinstance(chunk, ArgosyError):
                problems.append(chunk)
            elif not problems:
                yield {
                    "chunk": {"file": chunk.file, "start": chunk.start, "cells": dict(chunk.cells)},
                    "columns": columns,
                    "redact": redact,
                    "erased": erased.to_json(),
                    "out": str(self.out / self.name),
                    "number": number,
                }


def read_chunk(task: Task) -> Task:
    """Turn one chunk into a file of rows and a file of dropped rows."""
    results, problems = examples_of(Chunk(**task["chunk"]), Columns(**task["columns"]))
    results = list(map(Erased.from_json(task["erased"]), results))
    wish = task["redact"]
    vault = Vault(bytes.fromhex(wish["secret"]))
    put = {"mask": None, "pseudonym": vault.replace, "off": None}[wish["mode"]]
    redact = Redaction(put, wish["kinds"], recogniser(tuple(wish["names"])))
    if wish["mode"] != "off":
        results = [_redacted(row, redact) for row in results]
    kept, lost = rows.sort_out(results)
    out, number = Path(task["out"]), task["number"]
    rows.save_frame(rows.frame_of(kept), out, number)
    dropped = out.parent / f"{out.name}-{number}.dropped"
    rows.save_dropped(lost, dropped)
    return {
        "tallies": Tallies.of(kept, lost, redact.counts).to_json(),
        "problems": [problem.to_json() for problem in problems],
        "originals": vault.originals if wish["map"] else {},
        "dropped": str(dropped),
    }


def _redacted(row: Example | Dropped, redact: Redaction) -> Example | Dropped:
    if isinstance(row, Dropped):
        return Dropped(example=redact(row.example), reason=row.reason)
    if "answer" in row.meta:
        answer = redact(Example(id=row.id, text=str(row.meta["answer"]))).text
        row = replace(row, meta={**row.meta, "answer": answer})
    if row.meta.get("raw") != row.text:
        return redact(row)
    # the raw text is the text: it needs to be looked through once
    once = redact(replace(row, meta={**row.meta, "raw": None}))
    return replace(once, meta={**once.meta, "raw": once.text})
