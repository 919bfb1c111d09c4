"""``argosy export``: the model's folder, or a folder that labels texts without Argosy."""

from dataclasses import asdict
from pathlib import Path

from argosy.config.places import find_model
from argosy.infer.folder import describe
from argosy.project.using.edge import Exported, export_edge, export_folder
from argosy.ui.speech import say, t
from argosy.ui.verbs.build import say_json


def export(folder: Path, out: Path | None, engine: str | None, *, edge: bool, as_json: bool) -> None:
    """Write the folder, and say what is in it."""
    out = out or Path(f"{describe(find_model(folder)).name}-{'edge' if edge else 'model'}")
    if edge:
        _tell(export_edge(folder, out, engine), as_json=as_json)
        return
    export_folder(folder, out)
    if as_json:
        say_json({"folder": str(out)})
    else:
        say(t("written    {folder}").format(folder=out))


def _tell(done: Exported, *, as_json: bool) -> None:
    if as_json:
        say_json(asdict(done))
        return
    say(t("written    {folder}").format(folder=done.folder))
    say(
        t("engine     {engine}, {size} MB with its tokenizer and program").format(engine=done.engine, size=done.size_mb)
    )
    said = t("checked    {texts} texts are answered as Argosy answers them, to {gap:.0e} of a probability")
    say(said.format(texts=done.texts, gap=done.gap))
    for platform, found in done.platforms.items():
        state = t("unknown: no package index was reached")
        if found is not None:
            state = t("packages resolve, untested") if found else t("packages do not resolve")
        say(t("platform   {name}").format(name=f"{platform:<16} {state}"))
    say(t("try it     python {program} TEXT").format(program=Path(done.folder) / "run.py"))
