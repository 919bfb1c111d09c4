"""Stage *clean*: the text steps that the model is trained behind, the same that ``predict`` and ``serve`` apply."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from argosy.config.schema import Project
from argosy.core.errors import ArgosyError, raise_all
from argosy.core.personal import Ruled
from argosy.core.records import Dropped, Example
from argosy.core.stage import Inputs, Stage, Tell
from argosy.data.clean import DEFAULT_STEPS, clean, clean_text, redaction, removal
from argosy.data.labels.checks import check_kept
from argosy.stages.data import dialogue, read, rows
from argosy.stages.data.crew import Task, spread
from argosy.stages.data.tallies import Tallies
from argosy.stages.site import Site

FACTS = "facts.json"
_LINES = {"space": "lines"}  # a text that is to be continued keeps its lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Names of the text steps, in order; ``texts`` says whether the rows have texts at all."""

    steps: tuple[str, ...]
    texts: bool


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    params = Params(steps=steps(project), texts=project.data.text is not None)
    packages = ("ftfy", "python-stdnum", "phonenumbers", "opencc")
    return Stage(name="clean", params=params, run=run, inputs=("read",), packages=packages)


def steps(project: Project) -> tuple[str, ...]:
    """The text steps that a project's model is trained and served behind."""
    wish = project.redact
    masked = "redact" if set(wish.kinds) >= set(get_args(Ruled)) else redaction(wish.kinds)
    plain = [_LINES.get(name, name) for name in DEFAULT_STEPS] if project.generates else DEFAULT_STEPS
    chosen = [name for name in plain if name != "redact"] + ([] if wish.mode == "off" else [masked])
    folded = ["simplified"] if project.data.script == "simplified" else []
    return (*chosen, *folded, *project.data.steps, *(removal(phrase) for phrase in project.data.remove))


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Clean the rows of every file; raises DataError when no row is left."""
    problems: list[ArgosyError] = []
    facts: dict[str, Any] = {}
    with (out / rows.DROPPED).open("wb") as dropped:
        for name in (read.POOL, read.LABELLED, read.TEST):
            tallies = Tallies()
            found = rows.files(inputs["read"] / name)
            tasks = [
                {"file": str(file), "out": str(out / name), "steps": params.steps, "texts": params.texts}
                for file in found
            ]
            for done, result in enumerate(spread(clean_file, tasks), start=1):
                tallies.add(result["tallies"])
                part = Path(result["dropped"])
                dropped.write(part.read_bytes())
                part.unlink()
                tell(done / len(found), f"{tallies.kept:,}")
            problems += check_kept(tallies.kept, tallies.reasons, "the data")
            facts[name] = tallies.facts()
    raise_all(problems)
    (out / FACTS).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def clean_file(task: Mapping[str, Any]) -> Task:
    """Clean one file of rows."""
    file, out = Path(task["file"]), Path(task["out"])
    examples = list(rows.stream_file(file))
    kept, lost = rows.sort_out(_cleaned(examples, task["steps"])) if task["texts"] else (examples, [])
    rows.save_frame(rows.frame_of(kept), out, int(file.stem))
    dropped = out.parent / f"{out.name}-{file.stem}.dropped"
    rows.save_dropped(lost, dropped)
    return {"tallies": Tallies.of(kept, lost).to_json(), "dropped": str(dropped)}


def _cleaned(examples: Iterable[Example], steps: Sequence[str]) -> Iterator[Example | Dropped]:
    """The examples with their texts cleaned; a question is joined to its answer, which is cleaned as it is."""
    for row in clean(examples, steps):
        if isinstance(row, Dropped) or "answer" not in row.meta:
            yield row
            continue
        answer = clean_text(str(row.meta["answer"]), steps)
        yield dialogue.joined(row, answer) if answer else Dropped(example=row, reason="unanswered")
