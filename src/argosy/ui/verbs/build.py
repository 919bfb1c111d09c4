"""``argosy check``, ``run`` and ``report``."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from argosy.config import file, schema
from argosy.config.places import MODEL
from argosy.core.artifact import write_atomically
from argosy.core.errors import ProjectError
from argosy.products.judging import alarms
from argosy.project.building import build as building
from argosy.project.building.estimate import Needs
from argosy.project.watching.addresses import refuse_unreadable
from argosy.ui import progress
from argosy.ui.report import render
from argosy.ui.speech import language, note, out, say, t
from argosy.ui.table import data_lines, ladder

REPORT = "report.html"


def split_words(words: Sequence[str]) -> tuple[Path, str | None]:
    """The folder and the stage among the words of ``argosy run``, in either order; beside a folder all is a stage.

    >>> split_words(["train"]), split_words(["reviews", "train"])
    ((PosixPath('.'), 'train'), (PosixPath('reviews'), 'train'))
    """
    known = building.order()
    named = [word for word in words if Path(word).is_dir()]
    stages = [word for word in words if word not in named and (named or word in known)]
    folders = [word for word in words if word not in stages]
    if len(stages) > 1 or len(folders) > 1:
        raise ProjectError(
            "Expected a folder and a stage at most, found: {words}.",
            mend="The stages are: {stages}.",
            words=" ".join(words),
            stages=", ".join(known),
        )
    return Path(folders[0] if folders else "."), stages[0] if stages else None


def check(folder: Path, overrides: Sequence[str], *, as_json: bool) -> None:
    """Validate the project and its data, name the licences, and say what a run will take."""
    project = file.load(folder, overrides)
    refuse_unreadable(project.watch.send)
    with progress.shown() as tell:
        data = building.check(project, folder, tell)
    known = {"data": data, "alarms": alarms(building.product_of(project), {"data": data})}
    if not project.trains_transformer or project.from_scratch:
        _tell_columns(project, known, as_json=as_json)
        return
    base = building.resolve_base(project, folder)
    needs = building.needs(project, folder, base)
    if as_json:
        licences = {"base": base.licence, "data": project.data.licence}
        settings = schema.resolve(project).model_dump()
        say_json({**known, "licences": licences, "needs": needs.to_json(), "settings": settings})
        return
    out.print(data_lines(known, t))
    said = t("licence    base model {base}, data {data}")
    say(said.format(base=base.licence, data=project.data.licence or t("not stated")))
    say(_settings_line(project))
    say(_needs_line(needs))


def _tell_columns(project: schema.Project, known: dict[str, Any], *, as_json: bool) -> None:
    """What is known of a project that needs no base model."""
    if as_json:
        say_json({**known, "licences": {"data": project.data.licence}})
        return
    out.print(data_lines(known, t))
    say(t("licence    data {data}").format(data=project.data.licence or t("not stated")))


def run(folder: Path, stage: str | None, overrides: Sequence[str], *, wait: bool, inexact: bool, as_json: bool) -> None:
    """Build the project, write its report page and show the ladder."""
    project = file.load(folder, overrides)
    if project.trains_transformer:
        note(_settings_line(project))
    if project.trains_transformer and not project.from_scratch:
        note(_needs_line(building.needs(project, folder, building.resolve_base(project, folder))))
    with progress.shown() as tell:
        built = building.build(project, folder, tell, until=stage, wait=-1 if wait else 0, inexact=inexact)
    if not isinstance(built, building.Built):
        note(t("Stopped after the stage {stage}, as asked.").format(stage=stage))
        return
    show(built.results, _write_page(folder, built.results), as_json=as_json)


def report(folder: Path, *, as_json: bool) -> None:
    """Write the report page of the last build again, in the reader's language, and show the ladder."""
    results = building.results(folder)
    show(results, _write_page(folder, results), as_json=as_json)


def show(results: dict[str, Any], page: Path, *, as_json: bool) -> None:
    """The one screen of a build, or its record as JSON."""
    if as_json:
        say_json(results)
        return
    out.print(ladder({**results, "artifact": page.with_name(MODEL)}, t, page))


_ESCAPES = {code: f"\\u{code:04x}" for code in range(0x7F, 0xA0)}  # what JSON leaves and a terminal obeys


def say_json(value: Any) -> None:
    """One JSON object on standard output."""
    say(json.dumps(value, ensure_ascii=False).translate(_ESCAPES))


def _settings_line(project: schema.Project) -> str:
    values = ", ".join(f"{name} {value:g}" for name, value in schema.resolve(project).model_dump().items())
    return t("size       {size}: {values}").format(size=project.size, values=values)


def _needs_line(needs: Needs) -> str:
    said = t("expected   about {minutes:.0f} min, {memory_gb:.1f} GB of memory, {disk_gb:.1f} GB of disk")
    return said.format(**needs.to_json())


def _write_page(folder: Path, results: dict[str, Any]) -> Path:
    page = folder / REPORT
    write_atomically(page, render(results, language))
    return page
