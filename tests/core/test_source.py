"""A stage's digest covers the code that it can reach."""

from pathlib import Path

import pytest

from argosy.core.source import digest_code, digest_own, reachable


def test_imports_are_followed_through_rooms() -> None:
    """The stage that reads files depends on the data room, and not on training."""
    found = reachable("argosy.stages.data.read")
    assert {"argosy.data.files.read", "argosy.core.records", "argosy.stages.data.rows"} <= set(found)
    assert not [name for name in found if name.startswith("argosy.train")]


def test_imports_inside_functions_count() -> None:
    """A module that is imported lazily is still code that the stage runs."""
    assert "argosy.infer.engines.torch_engine" in reachable("argosy.infer.load")


def test_a_package_of_others_counts_whole_but_for_argosy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative imports and the packages that a module lies in are followed; what is neither is not."""
    package = tmp_path / "shop_package"
    (package / "inner").mkdir(parents=True)
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "inner" / "__init__.py").write_text("NAME = 1\n", encoding="utf-8")
    (package / "inner" / "steps.py").write_text("import json\nfrom .. import words\n", encoding="utf-8")
    (package / "words.py").write_text("from argosy.core.errors import DataError\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    found = reachable("shop_package.inner.steps")
    inner = ["shop_package", "shop_package.inner", "shop_package.inner.steps", "shop_package.words"]
    assert found == ["argosy.core.errors", *inner]
    before, own = digest_code("shop_package.inner.steps"), digest_own("shop_package.inner.steps")
    (package / "words.py").write_text("from argosy.core.errors import DataError\n\n", encoding="utf-8")
    assert digest_code("shop_package.inner.steps") != before
    assert digest_own("shop_package.inner.steps") != own


def test_the_digest_is_stable_and_tells_modules_apart() -> None:
    """Same sources, same digest."""
    assert digest_code("argosy.data.clean") == digest_code("argosy.data.clean")
    assert digest_code("argosy.data.clean") != digest_code("argosy.data.split")


def test_a_module_beside_counts_and_an_installed_one_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies beside a module of one file is its own code too, unless both lie where packages are installed."""
    for folder in (tmp_path / "mine", tmp_path / "site-packages"):
        folder.mkdir()
        monkeypatch.syspath_prepend(str(folder))
    for folder, name in (("mine", "till"), ("site-packages", "shelf")):
        (tmp_path / folder / f"{name}_shop.py").write_text(f"import json\nimport {name}_words\n", encoding="utf-8")
        (tmp_path / folder / f"{name}_words.py").write_text("NAME = 1\n", encoding="utf-8")
    assert reachable("till_shop") == ["till_shop", "till_words"]
    assert reachable("shelf_shop") == ["shelf_shop"]
