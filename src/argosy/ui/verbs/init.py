"""``argosy init``: a project file from a look at the data."""

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

import typer

from argosy.core.artifact import machine_error, write_atomically
from argosy.core.errors import DataError, MissingError, ProjectError
from argosy.project import file
from argosy.project.templates import TEMPLATES, describe_data, project_file
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
    target = folder / file.FILE
    if target.exists():
        raise ProjectError(
            "There is a project here already.", where=str(target), mend="Choose another folder, or edit this file."
        )
    if wishes.template not in TEMPLATES:
        raise ProjectError(
            "There is no template {name!r}.",
            where="--template",
            mend="There are: {known}.",
            name=wishes.template,
            known=", ".join(TEMPLATES),
        )
    if source is None:
        raise MissingError(
            "Which data?", where="--from", mend="Name a file: argosy init {folder} --from FILE", folder=folder
        )
    found = describe_data(source, text=wishes.text, label=wishes.label, languages=_split(wishes.languages))
    if ask:
        found = replace(
            found,
            text=typer.prompt(t("column of the texts"), default=found.text),
            label=typer.prompt(t("column of the labels"), default=found.label or "label"),
            languages=_split(typer.prompt(t("languages"), default=",".join(found.languages))) or found.languages,
        )
    if found.label is None:
        raise DataError("No column looks like a label.", where=str(source), mend="Name it: --label COLUMN")
    text = project_file(folder, source, found, base=wishes.base)
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
    said = t("text in column {text!r}, label in {label!r}, languages {languages}")
    say(said.format(text=found.text, label=found.label, languages=", ".join(found.languages)))
    say(t("next       argosy check {folder}    then    argosy run {folder}").format(folder=folder))


def _split(languages: str | None) -> tuple[str, ...] | None:
    if not languages:
        return None
    return tuple(part.strip() for part in languages.split(",") if part.strip())
