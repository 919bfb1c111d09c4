"""``argosy opinion brief``: what a day was like."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from argosy.core.artifact import machine_error
from argosy.core.errors import ProjectError
from argosy.serve.billing.forms import pdf_of
from argosy.serve.pages import opinion_paper
from argosy.serve.pages.opinion import yesterday
from argosy.ui.speech import language as spoken
from argosy.ui.speech import note, say, t
from argosy.ui.verbs.build import say_json
from argosy.ui.verbs.opining.opening import opened


def brief(folder: Path, day: datetime | None, language: str | None, out: Path | None, *, as_json: bool) -> None:
    """Tell a day, the last whole one unless another is named, or write it to a file."""
    if out is not None and out.suffix not in {".html", ".pdf"}:
        raise ProjectError(
            "A brief is written as .html or .pdf, not as {suffix!r}.",
            where=str(out),
            mend="Name such a file, such as brief.html",
            suffix=out.suffix,
        )
    with opened(folder) as live:
        chosen = f"{day:%Y-%m-%d}" if day else yesterday(live.zone)
        record = live.brief(chosen, language or spoken)
    if out is not None:
        _write(record, out)
    if as_json:
        say_json({**record, "file": str(out) if out else None})
    elif out is not None:
        note(t("wrote      {path}").format(path=out))
    else:
        _tell(record)


def _write(record: Mapping[str, Any], out: Path) -> None:
    page = opinion_paper.page(record, str(record["language"]))
    body = pdf_of(page) if out.suffix == ".pdf" else page.encode()
    try:
        out.write_bytes(body)
    except OSError as error:
        raise machine_error(error, out) from error


def _tell(record: Mapping[str, Any]) -> None:
    say(f"{record['day']}    {record['headline']}")
    for sentence in record["sentences"]:
        say(f"  · {sentence['text']}")
    for told in record["notes"]:
        note(told)
