"""What a user can write or meet is documented in both languages; what is not turns this red."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel
from typer.main import get_command

from argosy.core import errors
from argosy.project.file import Project
from argosy.ui.cli import app

DOCS = Path(__file__).parents[2] / "docs"
both_languages = pytest.mark.parametrize("language", ["en", "zh"])


def page(language: str, name: str) -> str:
    """The text of a page."""
    return (DOCS / language / f"{name}.md").read_text(encoding="utf-8")


def keys(model: type[BaseModel], table: str = "") -> Iterator[tuple[str, str]]:
    """Table and name of every key of the project file."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from keys(field.annotation, name)
        else:
            yield table, name


def verbs(command: object, name: str) -> Iterator[str]:
    """Every command line that does something, such as ``argosy models list``."""
    children = getattr(command, "commands", {})
    if not children:
        yield name
    for child, inner in children.items():
        yield from verbs(inner, f"{name} {child}")


@both_languages
def test_every_key_stands_under_its_table(language: str) -> None:
    """A key of the project file has a row under the heading of its table."""
    top, *rest = page(language, "project-file").split("\n## `[")
    tables = {"": top} | {part.split("]`")[0]: part for part in rest}
    assert [(table, name) for table, name in keys(Project) if f"\n| `{name}` |" not in tables.get(table, "")] == []


@both_languages
def test_every_command_has_a_row(language: str) -> None:
    """A verb of the command line has a row."""
    text = page(language, "commands")
    assert [verb for verb in verbs(get_command(app), "argosy") if f"\n| `{verb}` |" not in text] == []


@both_languages
def test_every_exit_code_has_a_row(language: str) -> None:
    """An error that a user can meet has its code and its name in Python."""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    told = {
        kind
        for kind in kinds
        if f"| {kind.exit_code} |" in page(language, "errors") and kind.__name__ in page(language, "errors")
    }
    assert set(kinds) - told == {errors.Problems}


@pytest.mark.parametrize("name", sorted(path.name for path in (DOCS / "en").glob("*.md")))
def test_every_page_is_in_both_languages(name: str) -> None:
    """No page is English only."""
    assert (DOCS / "zh" / name).is_file()
