"""``argosy extension``: what goes by name and who brings it, and whether it keeps to what is asked of it."""

from dataclasses import asdict
from pathlib import Path

from argosy.core.errors import ArgosyError, raise_all
from argosy.project.extensions import Checked, check_extension, extension_of, given, open_project
from argosy.ui.speech import say, t
from argosy.ui.verbs.build import say_json


def list_given(folder: Path, *, as_json: bool) -> None:
    """Every name that a project in ``folder`` may use, with its kind and its owner."""
    open_project(folder)
    found = given()
    if as_json:
        say_json({"given": [asdict(one) for one in found]})
        return
    for one in found:
        say(f"{one.kind:12} {one.name:18} {one.owner}")


def check(name: str, folder: Path, *, build: bool, as_json: bool) -> None:
    """Ask everything of what an extension brings; raises what is wrong with it, all at once."""
    open_project(folder)
    problems: list[ArgosyError] = []
    told: list[dict[str, object]] = []
    for one in check_extension(extension_of(name, folder), build=build):
        problems += one.problems
        told.append({**asdict(one), "problems": [problem.to_json() for problem in one.problems]})
        if not as_json:
            say(_line(one))
    if as_json:
        say_json({"checked": told})
    raise_all(problems)


def _line(one: Checked) -> str:
    """A thing, and how many checks it keeps to or the one that it does not."""
    held = t("{count} checks hold").format(count=len(one.checks))
    said = t("does not hold: {check}").format(check=one.checks[-1]) if one.problems else held
    return f"{one.kind:12} {one.name:18} {said}"
