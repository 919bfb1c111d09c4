"""What a user can write or meet is documented in both languages; what is not turns this red."""

import ast
import json
import runpy
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import typer.main
from opined import InMemoryOpined
from projects import SOLD_REVIEWS
from recommended import InMemoryRecommended
from supporting import InMemory

import argosy
from argosy.config.file import load
from argosy.config.schema import Project, Settings
from argosy.core import errors
from argosy.data.clean import TEXT_STEPS
from argosy.data.files.read import FORMATS
from argosy.evaluate.selection import REASONS
from argosy.infer.engines.echo import EchoEngine
from argosy.infer.load import FP32, LINEAR, TORCH
from argosy.project.selling.parts import open_selling
from argosy.project.selling.shop import Shop
from argosy.serve.channels.parts import Channels
from argosy.serve.errors import CODES
from argosy.serve.running.metrics import Metrics
from argosy.serve.settings import Settings as ServerSettings
from argosy.ui.cli import INTERRUPTED, app

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
RECORD = ROOT / "tests" / "ui" / "results.json"
both_languages = pytest.mark.parametrize("language", ["en", "zh"])


def page(language: str, name: str) -> str:
    """The text of a page."""
    return (DOCS / language / f"{name}.md").read_text(encoding="utf-8")


def script(name: str) -> dict[str, Any]:
    """The functions of a script beside the pages."""
    return runpy.run_path(str(DOCS / f"{name}.py"))


def sections(text: str) -> dict[str, str]:
    """The parts of a page by the first words in code of their headings, which name a command or a table."""
    parts = text.split("\n## ")[1:]
    return {part.split("\n")[0].split("`")[1]: part for part in parts if part.startswith("`")}


def verbs(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Every command line that does something, such as ``argosy models list``."""
    children = getattr(command, "commands", {})
    if not children:
        yield name, command
    for child, inner in children.items():
        yield from verbs(inner, f"{name} {child}")


def reasons_to_drop() -> set[str]:
    """Every reason that the sources give a ``Dropped``."""
    found = set()
    for path in (ROOT / "src" / "argosy").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Dropped":
                given = [word.value for word in node.keywords if word.arg == "reason"]
                found |= {str(value.value) for value in given if isinstance(value, ast.Constant)}
    return found


@pytest.mark.parametrize("name", sorted(path.name for path in (DOCS / "en").glob("*.md")))
def test_every_page_is_in_both_languages(name: str) -> None:
    """No page is English only."""
    assert (DOCS / "zh" / name).is_file()


@both_languages
def test_the_project_file_reference_is_that_of_the_code(language: str) -> None:
    """Every key, value, default and size; mend it with: python docs/reference.py."""
    reference = script("reference")
    text = page(language, "project-file")
    assert reference["filled"](text, reference["tables"](language)) == text


def test_the_published_schema_is_that_of_the_code() -> None:
    """Editors and programs read the same schema; mend it with: python docs/reference.py."""
    published = (DOCS / "argosy.schema.json").read_text(encoding="utf-8")
    assert published == script("reference")["schema"]()
    assert json.loads(published)["properties"].keys() == Project.model_fields.keys()


@both_languages
def test_every_command_has_a_row_and_a_section_with_its_options(language: str) -> None:
    """A verb of the command line, and each option it takes, in either spelling."""
    text = page(language, "commands")
    parts = {" ".join(word for word in name.split() if word.islower()): part for name, part in sections(text).items()}
    missing = []
    for verb, command in verbs(typer.main.get_command(app), "argosy"):
        if f"\n| `{verb}` |" not in text:
            missing.append(verb)
        for parameter in command.params:
            words = [word for word in (*parameter.opts, *parameter.secondary_opts) if word.startswith("-")]
            missing += [f"{verb} {word}" for word in words if f"`{word}`" not in option_rows(parts.get(verb, ""))]
    assert missing == []


@both_languages
def test_the_commands_that_sell_are_those_of_the_code(language: str) -> None:
    """Their tables are written from the command line's own help; mend it with: python docs/verbs.py."""
    verbs = script("verbs")
    text = page(language, "commands")
    assert verbs["filled"](text, verbs["pages"](language)) == text


def option_rows(text: str) -> str:
    """The rows of a page that tell options."""
    return "\n".join(line for line in text.splitlines() if line.startswith("| `-"))


@both_languages
def test_options_of_every_command_are_told_first(language: str) -> None:
    """What stands before the verb is documented before the verbs."""
    root = typer.main.get_command(app)
    words = [word for parameter in root.params for word in parameter.opts if word.startswith("-")]
    told = option_rows(page(language, "commands").split("\n## ")[0])
    assert [word for word in words if f"`{word}`" not in told] == []


@both_languages
def test_every_exit_code_has_a_row(language: str) -> None:
    """An error that a user can meet has its code and its name in Python."""
    text = page(language, "errors")
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.ArgosyError)}
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    told = {kind for kind in kinds for row in rows if f"| {kind.exit_code} |" in row and f"`{kind.__name__}`" in row}
    assert kinds - told == {errors.Problems}
    assert all(f"| {code} |" in text for code in (0, 2, INTERRUPTED))


@both_languages
def test_every_route_has_a_row(language: str, tmp_path: Path) -> None:
    """A route of a service that sells with all of its kinds, and none that is not there but pages."""
    (tmp_path / "argosy.toml").write_text(SOLD_REVIEWS, encoding="utf-8")
    with closing(open_selling(Shop(project=load(tmp_path), folder=tmp_path))) as selling:
        settings = ServerSettings(channels=Channels(hooks={"shop": b""}))
        served = selling.app(
            {"echo": EchoEngine()},
            settings,
            supported=InMemory(),
            opined=InMemoryOpined(),
            recommended=InMemoryRecommended(),
        )
        paths = served.openapi()["paths"]
    routes = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    cells = [line.split("`")[1] for line in page(language, "http").splitlines() if line.startswith("| `")]
    told = {cell for cell in cells if cell.split(" ")[0] in {"GET", "POST", "PUT", "PATCH", "DELETE"}}
    pages = {"GET /docs", "GET /openapi.json", "GET /model", "POST /model", "GET /support", "GET /support/widget.js"}
    assert told - pages == routes


@both_languages
def test_every_code_of_the_service_has_a_row(language: str) -> None:
    """An error of the service with its status."""
    text = page(language, "http")
    assert [code for code, (status, _) in CODES.items() if f"\n| `{code}` | {status} |" not in text] == []


@both_languages
def test_every_metric_has_a_row(language: str) -> None:
    """A figure of /metrics under the name that Prometheus sees, with its labels."""
    text = page(language, "http")
    for family in Metrics().registry.collect():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        assert f"\n| `{name}` |" in text


@both_languages
def test_the_limits_are_those_of_the_code(language: str) -> None:
    """A limit that is changed in the code is changed on the page."""
    settings, text = ServerSettings(), page(language, "http")
    told = [f"{settings.max_texts:,}", f"{settings.max_chars:,}", str(settings.max_queue)]
    told += [f"{Project.model_fields['serve'].default.max_body_kb:,} kB"]
    told += [f"{seconds:g} " for seconds in (settings.read_seconds, settings.stop_seconds)]
    assert [value for value in told if f"| {value}" not in text] == []


@both_languages
def test_every_stage_has_a_row_in_its_order(language: str) -> None:
    """The stages of each product's build as they run."""
    from argosy.products.catalogue import PRODUCTS

    text = page(language, "stages")
    for product in PRODUCTS.values():
        places = [text.find(f"\n| `{name}` |") for name in product.stages]
        assert -1 not in places
        assert places == sorted(places)


@both_languages
def test_every_public_name_has_a_row(language: str) -> None:
    """The curated surface is told in words, not only by its docstrings."""
    text = page(language, "api")
    assert [name for name in argosy.__all__ if name != "__version__" and f"`{name}`" not in text] == []


@both_languages
def test_every_reason_to_drop_a_row_is_told(language: str) -> None:
    """A row that is not used is accounted for in words."""
    reasons = reasons_to_drop()
    assert {"exact_twin", "in_test", "empty"} <= reasons
    assert [reason for reason in reasons if f"\n| `{reason}` |" not in page(language, "data")] == []


@both_languages
@pytest.mark.parametrize("names", [FORMATS, tuple(TEXT_STEPS)], ids=["formats", "steps"])
def test_formats_and_text_steps_are_told(language: str, names: tuple[str, ...]) -> None:
    """What is read, and what happens to every text."""
    assert [name for name in names if f"`{name}`" not in page(language, "data")] == []


@both_languages
def test_every_reason_of_the_choice_has_a_row(language: str) -> None:
    """What the first line of a report can say."""
    assert [reason for reason in REASONS if f"\n| `{reason}` |" not in page(language, "rules")] == []


@both_languages
def test_every_engine_has_a_row(language: str) -> None:
    """A name that --engine takes."""
    candidates = pytest.importorskip("argosy.compress.quantise", exc_type=ImportError).CANDIDATES
    names = [LINEAR, TORCH, FP32, *candidates]
    assert [name for name in names if f"\n| `{name}` |" not in page(language, "rules")] == []


@both_languages
def test_every_key_of_the_record_is_told(language: str) -> None:
    """The top of the record of results, its data, and the resolved settings."""
    record, text = json.loads(RECORD.read_text(encoding="utf-8")), page(language, "results")
    names = [*record, *record["data"], *record["machine"], *record["parity"], *record["choice"], *Settings.model_fields]
    assert [name for name in names if f"`{name}" not in text] == []


@both_languages
def test_the_readme_shows_what_was_measured(language: str) -> None:
    """The READMEs repeat docs/measured.md; mend them with: python docs/measured.py."""
    readme = ROOT / {"en": "README.md", "zh": "README.zh-CN.md"}[language]
    start, end = f"<!-- measured {language} -->", "<!-- end -->"
    pages = [path.read_text(encoding="utf-8") for path in (readme, DOCS / "measured.md")]
    parts = [text.partition(start)[2].partition(end)[0] for text in pages]
    assert parts[0].strip()
    assert parts[0] == parts[1]


@both_languages
def test_a_record_is_told_in_figures(language: str) -> None:
    """The script that fills the READMEs writes every candidate, language and the parity of a record."""
    block: Callable[..., str] = script("measured")["block"]
    text = block(json.loads(RECORD.read_text(encoding="utf-8")), language)
    assert text.count("→ **") == 3
    assert ".852 [.82, .88]<br>" in text
    assert "1.4e-06" in text
