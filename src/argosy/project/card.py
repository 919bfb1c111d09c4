"""The model card: ``README.md`` of the artifact, with front matter that model hubs read."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from argosy.project import numbers
from argosy.project.ladder import (
    TRANSFORMER,
    Results,
    metric_name,
    original,
    rung_names,
    rungs,
    served_rung,
)
from argosy.project.verdict import verdict

_HUB_ID = re.compile(r"[\w-][\w.-]*/[\w.-]+")
_LICENCE_ID = re.compile(r"[a-z0-9][a-z0-9.-]*")
_UNSAFE_IN_YAML = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_MARKUP = re.compile(r"([\\`*_\[\]|~$<>&]|\A[#+=-])")
_METRICS = {"accuracy": "accuracy", "macro_f1": "f1"}


def render(results: Mapping[str, Any]) -> str:
    """The card in English with a summary in Chinese, for any record of results."""
    return _ENVIRONMENT.get_template("card.md.j2").render(
        r=results,
        front=front_matter(results),
        verdict=verdict(results, str),
        kind=results["choice"]["reason"],
        names=rung_names(results, str),
        metric=metric_name(results["choice"]["metric"], str),
        transformer=results["choice"]["served"] == TRANSFORMER,
        original=original(results["base"]),
        ladder=rungs(results, str),
        served=served_rung(results, str),
        parts={name: rungs(results, str, name) for name in results["slices"]},
        numbers=numbers,
    )


def front_matter(results: Results) -> str:
    """The lines between the dashes, as YAML that reads back as what was meant."""
    base = original(results["base"])
    fields: dict[str, object] = {
        "language": list(results["languages"]),
        "license": licence_id(results["base"]["licence"]),
        "library_name": "transformers",
        "pipeline_tag": "text-classification",
        "tags": ["argosy", "text-classification", "onnx", results["name"]],
        "metrics": [_METRICS.get(name, name) for name in results["metrics"]],
    }
    if _HUB_ID.fullmatch(base):
        fields |= {"base_model": base, "base_model_relation": "finetune"}
    return "\n".join(f"{name}: {_yaml(value)}" for name, value in fields.items())


def licence_id(licence: str) -> str:
    """A licence as hubs write it: its identifier in small letters, ``other`` where it has none.

    >>> licence_id("Apache-2.0"), licence_id("unknown"), licence_id("My own, v. 1")
    ('apache-2.0', 'unknown', 'other')
    """
    name = licence.lower()
    return name if _LICENCE_ID.fullmatch(name) else "other"


def scalar(text: str) -> str:
    r"""A string as a quoted YAML scalar; what YAML may not hold, or would fold, is escaped.

    >>> print(scalar('a: "b"'), scalar("\u2028"))
    "a: \"b\"" "\u2028"
    """
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNSAFE_IN_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def plain(text: object) -> str:
    r"""Any text as Markdown that shows just that text, on one line.

    >>> print(plain("<b>|a*\nb"))
    \<b\>\|a\* b
    """
    return _MARKUP.sub(r"\\\1", " ".join(str(text).split()))


def _yaml(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_yaml(item) for item in value) + "]"
    return scalar(str(value))


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=False,  # noqa: S701 - Markdown, not HTML: `plain` escapes what users wrote
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_ENVIRONMENT.filters["plain"] = plain
