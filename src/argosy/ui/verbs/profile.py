"""``argosy profile``: where a request's time goes, in a plain table."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from argosy.config import file, schema
from argosy.project.using.profiling import Phase, Profile
from argosy.project.using.profiling import profile as profiled
from argosy.report.numbers import brief, rounded
from argosy.ui.speech import out, say, t
from argosy.ui.verbs.build import say_json

_SHOWN = 6  # operators
_PARTS: Mapping[str, str] = {
    "parse": t("parse"),
    "tokenize": t("tokenize"),
    "queue": t("queue"),
    "compute": t("compute"),
    "encode": t("encode"),
    "rest": t("rest"),
}


def profile(folder: Path, source: Path | None, column: str | None, count: int, *, as_json: bool) -> None:
    """Ask a server of our own, and tell."""
    project = file.load(folder) if (folder / schema.FILE).is_file() else None
    found = profiled(folder, source, column or (project.text_column if project else "text"), count)
    if as_json:
        say_json(asdict(found))
        return
    said = t("Where a request of one text goes: {model}, engine {engine}, {texts} texts")
    say(said.format(model=found.model, engine=found.engine, texts=found.texts))
    out.print(_table(found))
    say(t("rest       network, framework and the client, which shares the processors with the server"))
    if found.operators:
        shares = ", ".join(f"{one.name} {one.share:.0%}" for one in found.operators[:_SHOWN])
        say(t("compute    by operator: {shares}").format(shares=shares))


def _table(found: Profile) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    crowd = t("{count} at once").format(count=found.crowd.connections)
    for name in ("", t("one at a time"), t("share"), crowd, t("share")):
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    for part, name in _PARTS.items():
        table.add_row(name, *_part(found.alone, part), *_part(found.crowd, part))
    for name, figure in ((t("p50"), "p50_ms"), (t("p99"), "p99_ms")):
        told = [t("{ms} ms").format(ms=brief(getattr(one, figure))) for one in (found.alone, found.crowd)]
        table.add_row(name, told[0], "", told[1], "")
    rates = [rounded(one.per_s, 3) for one in (found.alone, found.crowd)]
    table.add_row(t("requests/s"), rates[0], "", rates[1], "")
    return table


def _part(phase: Phase, part: str) -> tuple[str, str]:
    return t("{ms} ms").format(ms=brief(phase.ms[part])), f"{phase.share[part]:.0%}"
