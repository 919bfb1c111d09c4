"""The project file ``argosy.toml`` read: parsed, overridden, and everything that is wrong in it said at once."""

import tomllib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from argosy.config.schema import FILE, Project, table_of
from argosy.config.table import Table
from argosy.config.wording import explain
from argosy.core.errors import ArgosyError, MissingError, ProjectError, raise_all
from argosy.core.extension import open_extensions, open_installed

Kind = TypeVar("Kind", bound=Table)


def load(folder: Path, overrides: Sequence[str] = ()) -> Project:
    """The project in ``folder`` (or the file itself), with ``a.b=c`` overrides.

    Raises MissingError without a project file and ProjectError, or Problems, for everything wrong in it.
    """
    path = folder if folder.suffix == ".toml" else folder / FILE
    if not path.is_file():
        raise MissingError(
            "There is no project file here.",
            where=str(path),
            mend="Create one from your data: argosy init DIR --from FILE",
        )
    values = parsed(path)
    for override in overrides:
        _set(values, override)
    extend(values.get("extensions"), path.parent)
    return parse(values, path.name)


def extend(extensions: object, folder: Path) -> None:
    """Open what is installed, and the modules that a project file names; they may lie beside it."""
    open_installed()
    if isinstance(extensions, list):
        open_extensions([module for module in extensions if isinstance(module, str)], folder)


def parse(values: dict[str, object], where: str = FILE) -> Project:
    """The project of already parsed TOML; raises ProjectError or Problems."""
    return checked(Project, values, where)


def checked(kind: type[Kind], values: Mapping[str, object], where: str) -> Kind:
    """Parsed TOML as a table; raises ProjectError, or Problems, for everything wrong in it."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise_all([_explain(kind, problem, _named(problem["loc"], values), where) for problem in error.errors()])
        raise


def parsed(path: Path) -> dict[str, object]:
    """The values of a TOML file; raises ProjectError for what is no TOML, or not in UTF-8."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise ProjectError(
            "This is not valid TOML: {reason}.",
            where=str(path),
            mend="Texts stand in quotes, tables in [brackets].",
            reason=str(error),
        ) from error
    except UnicodeDecodeError as error:
        raise ProjectError(
            "This file is not in UTF-8 (byte {position}).",
            where=str(path),
            mend="Save it again with the encoding UTF-8.",
            position=error.start,
        ) from error


def _set(values: dict[str, object], override: str) -> None:
    name, equals, value = override.partition("=")
    if not equals or not name.strip():
        raise ProjectError(
            "Expected KEY=VALUE, found {found!r}.",
            where="--set",
            mend="For example: --set train.epochs=2",
            found=override,
        )
    *tables, key = name.strip().split(".")
    place = values
    for table in tables:
        inner = place.setdefault(table, {})
        if not isinstance(inner, dict):
            raise ProjectError("{table!r} is a value, not a table.", where="--set", table=table)
        place = inner
    place[key] = _value(value.strip())


def _value(text: str) -> object:
    """``text`` as TOML, or as a plain string where it is none."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _named(location: Sequence[str | int], values: object) -> list[str]:
    """A place in which the number of a table that has a name is that name."""
    found = []
    for part in location:
        if isinstance(values, list) and isinstance(part, int):
            values = values[part]
        else:
            values = values.get(part) if isinstance(values, dict) else None
        name = values.get("name") if isinstance(part, int) and isinstance(values, dict) else None
        found.append(str(part if name is None else name))
    return found


def _explain(kind: type[Table], problem: ErrorDetails, location: Sequence[str], where: str) -> ArgosyError:
    *tables, key = location or [""]
    place = f"{where}, [{'.'.join(tables)}] {key}" if tables else f"{where}, {key}" if key else where
    if problem["type"] == "extra_forbidden":
        return _unknown(place, _keys(kind, tables), key)
    if problem["type"] in ("missing", "needed"):
        key = key or problem["ctx"]["key"]
        place = place if location else f"{where}, {key}"
        return ProjectError(
            "The key {key!r} is missing.", where=place, mend="Add it; `argosy check` shows the rest.", key=key
        )
    return explain(problem, place)


def _unknown(place: str, known: Sequence[str], key: str) -> ArgosyError:
    close = get_close_matches(key, known, n=1, cutoff=0.4)
    if close:
        return ProjectError(
            "Unknown key {key!r}.", where=place, mend="Did you mean {close!r}?", key=key, close=close[0]
        )
    return ProjectError(
        "Unknown key {key!r}.", where=place, mend="Known here: {known}.", key=key, known=", ".join(known)
    )


def _keys(kind: type[Table], tables: Sequence[str]) -> list[str]:
    """The names that may stand in a table of a table."""
    model: type[Table] | None = kind
    named = False  # what follows is a name of the user's own or a number, not a key
    for table in tables:
        if named:
            named = False
            continue
        field = model.model_fields.get(table) if model else None
        model = table_of(field.annotation) if field else None
        named = field is not None and get_origin(field.annotation) in (dict, list)
    return list(model.model_fields) if model else []
