"""The model card: ``README.md`` of the artifact, with front matter that model hubs read."""

import json
import re
from collections.abc import Mapping
from typing import Any

from argosy.core.language import translator
from argosy.report import (
    findings,
    ladder,
    numbers,
    recommend_verdict,
    support_verdict,
    text_findings,
    text_verdict,
    words,
)
from argosy.report.ladder import TRANSFORMER, Results, original, rungs, served_rung
from argosy.report.markdown import ENVIRONMENT
from argosy.report.verdict import verdict

_HUB_ID = re.compile(r"[\w-][\w.-]*/[\w.-]+")
_LICENCE_ID = re.compile(r"[a-z0-9][a-z0-9.-]*")
_UNSAFE_IN_YAML = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_TEMPLATES = {
    text_verdict.KIND: "text_card.md.j2",
    support_verdict.KIND: "support_card.md.j2",
    recommend_verdict.KIND: "recommend_card.md.j2",
}
_METRICS = {"macro_f1": "f1"}
_PIPELINES = {
    "classify": "tabular-classification",
    "regress": "tabular-regression",
    "generate": "text-generation",
    "support": "question-answering",
}


def render(results: Mapping[str, Any]) -> str:
    """The card in English with a summary in Chinese, for any record of results."""
    zh = translator("zh")
    return ENVIRONMENT.get_template(_TEMPLATES.get(str(results.get("kind")), "card.md.j2")).render(
        r=results,
        t=str,
        zh=zh,
        zh_verdict=verdict(results, zh),
        zh_steps=rungs(results, zh),
        front=front_matter(results),
        verdict=verdict(results, str),
        transformer=results["choice"]["served"] == TRANSFORMER,
        original=original(results["base"]) if "base" in results else "",
        steps=rungs(results, str),
        served=served_rung(results, str),
        parts={name: rungs(results, str, name) for name in results["slices"]},
        findings=findings,
        found=text_findings,
        support=support_verdict,
        recommend=recommend_verdict,
        ladder=ladder,
        numbers=numbers,
        words=words,
    )


def front_matter(results: Results) -> str:
    """The lines between the dashes, as YAML that reads back as what was meant."""
    tuned, writes = "base" in results, results.get("kind") == text_verdict.KIND
    licence = results["base"]["licence"] if tuned else results["data"]["licence"]
    classifies = tuned and results.get("kind") not in _TEMPLATES
    task = "text-classification" if classifies else _PIPELINES.get(results["task"], "")
    fields: dict[str, object] = {
        "language": list(results["languages"]),
        "license": licence_id(licence or "unknown"),
        "library_name": "transformers" if tuned or writes else "argosy",
        "pipeline_tag": task,
        "tags": ["argosy", task, *([] if writes else ["onnx"]), results["name"]],
        "metrics": [_METRICS.get(name, name) for name in results["metrics"]],
    }
    base = original(results["base"]) if tuned else ""
    if _HUB_ID.fullmatch(base):
        fields |= {"base_model": base, "base_model_relation": "finetune"}
    return "\n".join(f"{name}: {_yaml(value)}" for name, value in fields.items() if value)


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


def _yaml(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_yaml(item) for item in value) + "]"
    return scalar(str(value))
