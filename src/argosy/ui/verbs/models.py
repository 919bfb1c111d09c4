"""``argosy models``: what a project serves, the base models at hand, and where each came from."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from argosy.config.places import default_cache, find_model
from argosy.core.errors import MissingError, ProjectError
from argosy.infer.folder import told
from argosy.models.source import packages, resolve
from argosy.project.using.encoders import write_base
from argosy.ui.speech import say, t
from argosy.ui.verbs.build import say_json


def list_models(folder: Path, *, as_json: bool) -> None:
    """The model of the project in ``folder``, if one is built, and the base models that packages carry."""
    built = _built(folder)
    if as_json:
        say_json({"model": built, "bases": [asdict(package) for package in packages()]})
        return
    if built:
        engines = ", ".join(built["engines"])
        said = t("model      {name}: serves {served}; engines {engines}")
        say(said.format(name=built["name"], served=built["served"], engines=engines))
    for package in packages():
        state = t("installed") if package.installed else package.install
        say(t("base       {name}").format(name=f"{package.model:<30} {package.original:<42} {state}"))


def show_model(model: str, *, as_json: bool) -> None:
    """Name, licence, digest and every step of the way here."""
    shown = _built(Path(model)) if Path(model).is_dir() else None
    facts = shown["base"] if shown else asdict(resolve(model, Path(), default_cache()))
    if as_json:
        say_json({**(shown or {}), "base": {**facts, "path": str(facts.get("path", ""))}})
        return
    say(t("base       {name}").format(name=facts["name"]))
    say(t("licence    {licence}").format(licence=facts["licence"]))
    say(t("digest     {digest}").format(digest=facts["digest"]))
    for step in facts["origin"]:
        say(f"  {step['what']}  {step['digest'][:16]}  {step['by']}")


def _built(folder: Path) -> dict[str, Any] | None:
    try:
        place = find_model(folder)
    except MissingError:
        return None
    return told(place)


def write_encoder_of(model: str, out: Path, *, as_json: bool) -> None:
    """Export a base model that embeds texts, so that it serves without torch."""
    if out.exists():
        raise ProjectError(
            "There is something at this place already.", where=str(out), mend="Name a folder that is not there yet."
        )
    base = resolve(model, Path(), default_cache())
    write_base(base, out)
    if as_json:
        say_json({"folder": str(out), "base": base.name, "licence": base.licence})
    else:
        say(t("written    {folder}").format(folder=out))
        say(t("serve it   argosy serve {folder}").format(folder=out))
