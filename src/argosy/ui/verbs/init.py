"""``argosy init``: a project file from a look at the data."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import typer

from argosy.config import file, schema
from argosy.core.artifact import machine_error, write_atomically
from argosy.core.errors import DataError, ProjectError
from argosy.project.building.templates import CLASSIFY, DATA, TEMPLATES, Found, describe_data, project_file
from argosy.ui.speech import say, t
from argosy.ui.verbs.build import say_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What was said on the command line; None is guessed."""

    template: str
    text: str | None = None
    label: str | None = None
    languages: str | None = None
    base: str | None = None


def init(folder: Path, source: Path | None, wishes: Wishes, *, ask: bool, as_json: bool) -> None:
    """Write ``argosy.toml`` into ``folder``; a file that is there already is never replaced."""
    target = folder / schema.FILE
    _refuse(target, wishes.template)
    found = _found(source, wishes)
    if ask:
        found = _asked(found, wishes.template)
    if found.label is None and wishes.template == CLASSIFY:
        raise DataError("No column looks like a label.", where=str(source), mend="Name it: --label COLUMN")
    data = source or folder / DATA
    text = project_file(folder, data, found, base=wishes.base, template=wishes.template)
    file.parse(tomllib.loads(text))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise machine_error(error, folder) from error
    write_atomically(target, text)
    if as_json:
        say_json({"project": str(target), "text": found.text, "label": found.label, "languages": list(found.languages)})
        return
    say(t("wrote      {path}").format(path=target))
    labelled = wishes.template == CLASSIFY
    said = (
        t("text in column {text!r}, label in {label!r}, languages {languages}")
        if labelled
        else t("text in column {text!r}, languages {languages}")
    )
    say(said.format(text=found.text, label=found.label, languages=", ".join(found.languages)))
    if source is None:
        said = (
            t("Put your rows into {path}, with the columns {text!r} and {label!r}.")
            if labelled
            else t("Put your rows into {path}, with the column {text!r}.")
        )
        say(said.format(path=data, text=found.text, label=found.label))
    say(t("next       argosy check {folder}    then    argosy run {folder}").format(folder=folder))


def _refuse(target: Path, template: str) -> None:
    if target.exists():
        raise ProjectError(
            "There is a project here already.", where=str(target), mend="Choose another folder, or edit this file."
        )
    if template not in TEMPLATES:
        raise ProjectError(
            "There is no template {name!r}.",
            where="--template",
            mend="There are: {known}.",
            name=template,
            known=", ".join(TEMPLATES),
        )


def _found(source: Path | None, wishes: Wishes) -> Found:
    """What was said, and for the rest what the file looks like; without a file the usual names."""
    languages = _split(wishes.languages)
    if source is not None:
        return describe_data(source, text=wishes.text, label=wishes.label, languages=languages)
    return Found(text=wishes.text or "text", label=wishes.label or "label", languages=languages or ("zh", "en"))


def _asked(found: Found, template: str) -> Found:
    languages = typer.prompt(t("languages"), default=",".join(found.languages))
    text = typer.prompt(t("column of the texts"), default=found.text)
    labelled = template == CLASSIFY
    return Found(
        text=text,
        label=typer.prompt(t("column of the labels"), default=found.label or "label") if labelled else None,
        languages=_split(languages) or found.languages,
    )


def _split(languages: str | None) -> tuple[str, ...] | None:
    if not languages:
        return None
    return tuple(part.strip() for part in languages.split(",") if part.strip())
