"""``argosy support answers``: stored answers that people decide on."""

from pathlib import Path

from argosy.core.errors import Problems
from argosy.project.supporting.sheet import read_sheet, write_sheet
from argosy.ui.speech import note, t
from argosy.ui.verbs.books import actor, show_table
from argosy.ui.verbs.build import say_json
from argosy.ui.verbs.supporting.opening import beside

_SHOWN = 60  # characters of a text in a table
_MOST = 100_000


def list_answers(folder: Path, about: str, *, approved: bool | None, as_json: bool) -> None:
    """Those that were approved, refused, or neither."""
    with beside(folder) as opened:
        found = opened.teaching.answers(approved=approved, about=about, limit=_MOST)
    if as_json:
        say_json({"answers": found})
        return
    heads = (t("answer"), t("given"), t("question"), t("text"), t("doubts"))
    rows = [
        (
            one["id"],
            str(one["given"]),
            one["keys"][0][:_SHOWN] if one["keys"] else "",
            one["text"][:_SHOWN],
            ", ".join([t("contradicted")] * bool(one["conflicts"]) + [t("expired")] * bool(one["expired"])),
        )
        for one in found
    ]
    show_table(heads, rows)


def sheet(folder: Path, target: Path, about: str, *, as_json: bool) -> None:
    """Write a table to be filled."""
    with beside(folder) as opened:
        rows = write_sheet(opened.teaching.answers(approved=None, about=about, limit=_MOST), target)
    if as_json:
        say_json({"rows": rows, "file": str(target)})
        return
    said = t("{rows} answers in {path}: fill the column decision, then\n  argosy support answers take {path} {folder}")
    note(said.format(rows=rows, path=target, folder=folder))


def take(folder: Path, source: Path, *, as_json: bool) -> None:
    """Take the decisions of a filled table; what is wrong with rows is told after the others were taken."""
    with beside(folder) as opened:
        known = {
            one["id"]
            for kind in (None, True, False)
            for one in opened.teaching.answers(approved=kind, about="", limit=_MOST)
        }
        filled = read_sheet(source, known)
        for decision in filled.decisions:
            opened.decide(decision.id, approved=decision.approved, text=decision.text, by=actor())
    approved = sum(one.approved for one in filled.decisions)
    counts = {"approved": approved, "refused": len(filled.decisions) - approved, "wrong": len(filled.problems)}
    if as_json:
        say_json(counts)
    else:
        note(t("{approved} approved, {refused} refused, {wrong} rows passed over.").format(**counts))
    if filled.problems:
        raise Problems(filled.problems)


def decide(folder: Path, entry: str, text: str, *, approved: bool, as_json: bool) -> None:
    """Decide on one answer."""
    with beside(folder) as opened:
        opened.decide(entry, approved=approved, text=text, by=actor())
    if as_json:
        say_json({"id": entry, "approved": approved})
        return
    note((t("{id} is given from now on.") if approved else t("{id} is given no more.")).format(id=entry))
