"""Licences are named as their source names them, and doubt is called unknown."""

from importlib.metadata import distribution
from pathlib import Path

import pytest

from argosy.models import licence


@pytest.mark.parametrize(
    ("matter", "name", "non_commercial"),
    [
        ("license: mit", "mit", False),
        ('license: "apache-2.0"  ', "apache-2.0", False),
        ("tags:\n- x\nlicense:\n- cc-by-sa-4.0\n- mit", "cc-by-sa-4.0", False),
        ("license: [bsd-3-clause, mit]", "bsd-3-clause", False),
        ("license: cc-by-nc-sa-4.0", "cc-by-nc-sa-4.0", True),
        ("license: other\nlicense_name: some-non-commercial-terms", "some-non-commercial-terms", True),
        ("license: other\nlicense_name: our-research-only", "our-research-only", True),
        ("license: llama3.1", "unknown (llama3.1)", False),
        ("license: other\nlicense_name: qwen", "unknown (qwen)", False),
        ("license: other", "unknown", False),
        ("language: zh", "unknown", False),
        ("widget:\n  license: mit", "unknown", False),
    ],
)
def test_the_card_names_the_licence(tmp_path: Path, matter: str, name: str, *, non_commercial: bool) -> None:
    """The front matter's licence is read, a list's first one; what its author made up is unknown."""
    (tmp_path / "README.md").write_text(f"---\n{matter}\n---\n\nlicense: agpl\n", encoding="utf-8")
    assert licence.of_card(tmp_path) == licence.Licence(name=name, non_commercial=non_commercial)


@pytest.mark.parametrize("card", [None, "# A model\nlicense: mit\n", "---\nlicense: mit\n"])
def test_without_front_matter_the_licence_is_unknown(tmp_path: Path, card: str | None) -> None:
    """A card without front matter, or without an end to it, says nothing."""
    if card is not None:
        (tmp_path / "README.md").write_text(card, encoding="utf-8")
    assert licence.of_card(tmp_path).name == licence.UNKNOWN


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        ("License-Expression: Apache-2.0", "Apache-2.0"),
        ("License: MIT", "MIT"),
        ("Classifier: License :: OSI Approved :: BSD License", "BSD License"),
        ("License: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License", "MIT License"),
        ("Summary: nothing said", "unknown"),
    ],
)
def test_a_package_names_its_licence(tmp_path: Path, lines: str, name: str) -> None:
    """The expression comes first, then the field, then the classifier."""
    folder = tmp_path / "thing-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n{lines}\n", encoding="utf-8")
    from importlib.metadata import PathDistribution

    assert licence.of_package(PathDistribution(folder)).name == name


def test_a_real_package_has_a_licence() -> None:
    """Metadata as installers write it is understood."""
    assert licence.of_package(distribution("numpy")).non_commercial is False
