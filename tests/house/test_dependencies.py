"""The page on dependencies names each direct one, with the licence that its own metadata states."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "decisions" / "dependencies.md"
ROW = re.compile(r"^\| `([a-z0-9-]+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)
PIN = re.compile(r"^([a-z0-9-]+)==", re.MULTILINE)


def declared() -> set[str]:
    """The names of all direct dependencies of pyproject.toml."""
    file = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = file["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values(), *file["dependency-groups"].values()]
    return {re.split(r"[=<>\[ ]", requirement)[0] for group in groups for requirement in group}


def stated_licence(name: str) -> str | None:
    """The licence of an installed package in its own words; None where it is not installed."""
    try:
        facts = metadata(name)
    except PackageNotFoundError:
        return None
    short = facts.get("License", "")
    kinds = [kind.split(" :: ")[-1] for kind in facts.get_all("Classifier", []) if kind.startswith("License :: ")]
    return facts.get("License-Expression") or (short if 0 < len(short) < 60 else "") or "; ".join(kinds)


def test_every_direct_dependency_has_its_line_and_no_other() -> None:
    """A dependency that comes or goes without a word why turns this red."""
    named = [row[0] for row in ROW.findall(PAGE.read_text(encoding="utf-8"))]
    assert sorted(named) == sorted(declared())


def test_licences_are_those_of_the_metadata() -> None:
    """A package that changes its licence is noticed."""
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    stated = {name: stated_licence(name) for name, _, _ in rows}
    assert {name: licence for name, licence, _ in rows if stated[name]} == {k: v for k, v in stated.items() if v}


def test_the_base_stays_small() -> None:
    """What everyone installs has at most 25 direct dependencies."""
    file = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert len(file["project"]["dependencies"]) <= 25


@pytest.mark.parametrize("name", PIN.findall((ROOT / "requirements" / "serve.lock").read_text(encoding="utf-8")))
def test_what_serves_can_be_sold(name: str) -> None:
    """Nothing that a served product needs obliges its owner to publish the product's source."""
    assert not re.search(r"\b(A?GPL|General Public)", stated_licence(name) or "")
