"""``argosy init``: a project file from a look at the data, or from the sample that comes with a product."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import typer

from argosy.config import schema
from argosy.core.errors import ProjectError
from argosy.core.extension import open_installed
from argosy.products.catalogue import product_named, products
from argosy.products.product import Product
from argosy.project.building.templates import (
    Found,
    begin,
    begin_beside,
    describe_data,
    placeholders,
    project_file,
    write_project,
)
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


def list_templates(*, as_json: bool) -> None:
    """Every product that a project can begin as, with what it is."""
    open_installed()
    if as_json:
        say_json({"templates": {name: one.about for name, one in products().items()}})
        return
    for name, one in products().items():
        say(f"{name:10} {t(one.about)}")


def init(folder: Path, source: Path | None, wishes: Wishes, *, ask: bool, as_json: bool) -> None:
    """Write ``argosy.toml`` into ``folder``, with a sample where there is no ``source``; nothing is ever replaced."""
    open_installed()
    begun = product_named(wishes.template, "--template")
    if source:
        found = _from_file(folder, source, begun, wishes, ask=ask)
    else:
        _refuse_columns(wishes)
        found = begin(folder, begun, wishes.base)
    if as_json:
        told = {"text": found.text, "label": found.label, "languages": list(found.languages)}
        say_json({"project": str(folder / schema.FILE), **told})
        return
    say(t("wrote      {path}").format(path=folder / schema.FILE))
    for line in [_looks(found, placeholders(begun))] if source else _begun_with(folder, begun):
        say(line)
    for name, part in begun.beside.items():
        for line in _begun_with(folder / name, part):
            say(line)
    say(t("next       argosy check {folder}    then    argosy run {folder}").format(folder=folder))


def _from_file(folder: Path, source: Path, begun: Product, wishes: Wishes, *, ask: bool) -> Found:
    """A project on a file of one's own: what was said, and for the rest what the file looks like."""
    wanted, languages = placeholders(begun), _split(wishes.languages)
    found = describe_data(source, wanted, text=wishes.text, label=wishes.label, languages=languages)
    found = _asked(found, wanted) if ask else found
    begin_beside(folder, begun, wishes.base, size="small" if wishes.base else "tiny")
    write_project(folder, project_file(folder, source, found, begun, base=wishes.base, size="small"))
    return found


def _refuse_columns(wishes: Wishes) -> None:
    if wishes.text or wishes.label or wishes.languages:
        raise ProjectError(
            "Columns and languages are those of a file of your own, and none is named.",
            where="argosy init",
            mend="Name it: --from FILE; without it the project begins with a small sample.",
        )


def _begun_with(folder: Path, begun: Product) -> Iterator[str]:
    """The files that a sample stands in, and what one's own must have."""
    for source in begun.sources:
        rows = t("sample     {path}: put your own rows there, with the columns {columns}")
        said = rows if source.columns else t("sample     {path}: put a document of your own there")
        yield said.format(path=folder / source.sample.name, columns=", ".join(source.columns))


def _looks(found: Found, wanted: frozenset[str]) -> str:
    """What was found in the file."""
    if "numeric" in wanted:
        said = t("numbers in columns {numeric}, label in {label!r}")
    elif "label" in wanted:
        said = t("text in column {text!r}, label in {label!r}, languages {languages}")
    elif "time" in wanted and found.time:
        said = t("text in column {text!r}, time in {time!r}, languages {languages}")
    elif "time" in wanted:
        said = t("text in column {text!r}, languages {languages}; no column of times: all rows would be of now")
    else:
        said = t("text in column {text!r}, languages {languages}")
    languages, numeric = ", ".join(found.languages), ", ".join(found.numeric)
    return said.format(text=found.text, label=found.label, languages=languages, numeric=numeric, time=found.time)


def _asked(found: Found, wanted: frozenset[str]) -> Found:
    """What the person says of each placeholder, with what was found for an answer that is empty."""
    if "languages" in wanted:
        languages = typer.prompt(t("languages"), default=",".join(found.languages))
        found = replace(found, languages=_split(languages) or found.languages)
    if "text" in wanted:
        found = replace(found, text=typer.prompt(t("column of the texts"), default=found.text))
    if "label" in wanted:
        found = replace(found, label=typer.prompt(t("column of the labels"), default=found.label))
    return found


def _split(languages: str | None) -> tuple[str, ...] | None:
    if not languages:
        return None
    return tuple(part.strip() for part in languages.split(",") if part.strip())
