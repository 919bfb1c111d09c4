"""Examples in the reader's language: figures and names of figures are the same in both."""

import tomllib
from importlib.resources import files

from argosy.ui import speech


def example(name: str) -> str:
    """The text of an example file, its titles, reasons and comments in the reader's language."""
    found = files("argosy.project.venturing")
    text = found.joinpath(name).read_text(encoding="utf-8")
    if speech.language != "zh":
        return text
    chinese = tomllib.loads(found.joinpath(name.replace(".toml", ".zh.toml")).read_text(encoding="utf-8"))
    for said, meant in chinese.items():
        text = text.replace(f'"{said}"', f'"{meant}"').replace(f"# {said}", f"# {meant}")
    return text
