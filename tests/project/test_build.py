"""End to end: real tweets become a measured, exported, served model."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import argosy
from argosy.config import file
from argosy.config.serve import Serve
from argosy.core.artifact import MANIFEST, damaged_files, open_artifact, writing
from argosy.core.errors import ProjectError
from argosy.infer.folder import describe, files_of
from argosy.infer.load import load
from argosy.products.catalogue import PRODUCTS
from argosy.project.building import build as building
from argosy.project.selling import aside
from argosy.project.selling.allowed import refuse_non_commercial
from argosy.stages.classify import over_http
from argosy.stages.data import rows, split

WITHOUT_TORCH = """
import sys, argosy
argosy.load(sys.argv[1]).predict(["fine"])
print("torch" in sys.modules, "transformers" in sys.modules)
"""


@pytest.fixture(scope="module")
def results(tiny_project: Path) -> dict[str, Any]:
    """The record that the build left."""
    return building.results(tiny_project)


def test_every_row_is_accounted_for(results: dict[str, Any]) -> None:
    """Read is kept plus dropped; the planted twins and the text without words are dropped for their reasons."""
    data = results["data"]
    assert data["read"] == data["kept"] + sum(data["dropped"].values()) == 363
    assert data["kept"] == sum(data["splits"].values())
    assert data["dropped"]["exact_twin"] >= 1
    assert data["dropped"]["no_language"] == 1


def test_no_text_is_in_two_splits(tiny_project: Path) -> None:
    """Train, validation and test share nothing."""
    folder = _artifact(tiny_project, "split")
    parts = [*split.load(folder).values(), split.load_test(folder)]
    texts = [{example.text.casefold() for example in part} for part in parts]
    assert sum(map(len, texts)) == len(set.union(*texts))


def test_each_figure_has_its_interval_and_baselines(results: dict[str, Any]) -> None:
    """The shapes that scripts rely on."""
    for figures in (results["metrics"], *results["baselines"].values(), results["slices"]["en"]["metrics"]):
        for name in ("accuracy", "macro_f1"):
            assert figures[name]["low"] <= figures[name]["value"] <= figures[name]["high"]
    assert set(results["baselines"]) == {"majority", "linear", "frozen"}
    assert results["versus_best_baseline"]["baseline"] == "linear"
    for figures in results["engines"].values():
        assert set(figures) == {"agreement", "texts_per_s", "p50_ms", "p99_ms", "size_mb"}


def test_what_was_evaluated_is_what_is_served(results: dict[str, Any]) -> None:
    """torch and ONNX agree within the tolerance, HTTP with the served engine on every text."""
    assert results["parity"]["largest_difference"] <= 1e-4
    assert results["parity"]["flips_in_company"] == 0
    assert results["parity"]["http_agreement"]["value"] == 1.0
    assert results["engines"]["onnx-fp32"]["agreement"]["value"] == 1.0


def test_the_same_project_stands(tiny_project: Path) -> None:
    """A second build makes nothing."""
    built = building.build(file.load(tiny_project), tiny_project, lambda news: None)
    assert isinstance(built, building.Built)
    assert built.hits == set(PRODUCTS["classify"].stages)


def test_every_file_of_the_model_is_whole(tiny_project: Path) -> None:
    """The digests of the manifest hold."""
    assert damaged_files(open_artifact((tiny_project / "model").resolve())) == []


def test_transformers_loads_the_folder_as_it_is(tiny_project: Path) -> None:
    """The stock classes give the label that Argosy gives."""
    from transformers import pipeline

    texts = ["I love this so much", "this is the worst day"]
    stock = pipeline("text-classification", str(tiny_project / "model"))
    assert [answer["label"] for answer in stock(texts)] == argosy.load(tiny_project, "torch").predict(texts)


def test_predict_needs_no_torch(tiny_project: Path) -> None:
    """Loading and asking the served model imports neither torch nor transformers."""
    said = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, tiny_project], capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["False", "False"]


def test_http_gives_the_answers_of_python(tiny_project: Path) -> None:
    """A real server in a process of its own, asked with raw texts."""
    texts = ["I love this &amp; you", "ｔｅｒｒｉｂｌｅ service", "物流很快"]
    model = argosy.load(tiny_project)
    with aside.serving(tiny_project / "model") as address:
        answers = over_http.classify(address, texts)
    table = np.array([[answer["probabilities"][label] for label in model.labels] for answer in answers])
    np.testing.assert_allclose(table, model.predict_proba(texts), atol=1e-5)


def test_a_text_is_answered_the_same_alone_and_in_company(tiny_project: Path) -> None:
    """The served engine's answer does not depend on the batch."""
    texts = [example.text for example in split.load_test(_artifact(tiny_project, "split"))]
    model = argosy.load(tiny_project)
    together = model.predict_proba(texts)
    alone = np.concatenate([model.predict_proba([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-3)


def test_predicting_a_file_keeps_its_columns(tiny_project: Path) -> None:
    """The label and its probability are added, nothing is taken."""
    frame = pl.DataFrame({"text": ["good", None], "note": ["a", "b"], "probability": ["x", "y"]})
    labelled = argosy.load(tiny_project).label_table(frame, "text", "here")
    assert labelled.columns == ["text", "note", "probability", "predicted_label", "probability_"]
    assert labelled["note"].to_list() == ["a", "b"]


def test_a_broken_export_fails_the_build_and_names_the_texts(tiny_project: Path, tmp_path: Path) -> None:
    """A graph that answers otherwise than torch never passes the gate."""
    from argosy.core.errors import ArgosyError
    from argosy.stages.classify import parity

    with writing(tmp_path / "store", "pack") as draft:
        _copy(_artifact(tiny_project, "pack"), draft.path)
        (draft.path / MANIFEST).unlink()
        _spoil(draft.path / "onnx" / "model.onnx")
    params = parity.Params(serving=aside.serving, texts=40, tolerance=1e-4, agreement=0.99, seed=1)
    inputs = {name: _artifact(tiny_project, name) for name in ("split", "baselines")} | {"pack": draft.artifact.path}
    with pytest.raises(ArgosyError, match="torch = onnx-fp32"):
        parity.run(params, inputs, tmp_path, lambda share, note: None)


@pytest.mark.slow  # a whole build, begun three times
def test_a_build_that_is_stopped_goes_on_from_the_last_whole_stage(tiny_project: Path, tmp_path: Path) -> None:
    """SIGKILL while the model trains, then ctrl-C at the same place: what stood before stands, nothing is half."""
    for name in ("argosy.toml", "tweets.csv"):
        (tmp_path / name).write_bytes((tiny_project / name).read_bytes())
    for number, code in ((signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)):
        command = [sys.executable, "-m", "argosy", "run", str(tmp_path)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            next(line for line in process.stderr if line.startswith("  baselines "))
            process.send_signal(number)
            process.stderr.read()
        assert process.returncode == code
        lock = json.loads((tmp_path / "argosy.lock").read_text(encoding="utf-8"))["stages"]
        before = building.order()[: building.order().index("frozen")]
        assert list(lock) == list(before)
        for entry in lock.values():
            assert damaged_files(open_artifact(tmp_path / ".argosy" / "artifacts" / entry["artifact"])) == []
    done = building.build(file.load(tmp_path), tmp_path, lambda news: None, until="train")
    assert done.hits == set(lock)
    assert list((tmp_path / ".argosy" / "artifacts").glob(".aside-*")) == []


def test_dropped_rows_can_be_read(tiny_project: Path) -> None:
    """Each line names the row, the reason and the text."""
    lines = (_artifact(tiny_project, "clean") / rows.DROPPED).read_text(encoding="utf-8").splitlines()
    (dropped,) = [json.loads(line) for line in lines]
    assert dropped["id"] == "tweets.csv:364"
    assert dropped["reason"] == "no_language"
    assert dropped["text"] == "12345 !!!"


def test_an_engine_that_answers_otherwise_here_is_not_served(tiny_project: Path, tmp_path: Path) -> None:
    """The probes of the build are asked again when the model is loaded; other engines still open."""
    packed = tmp_path / "model"
    _copy((tiny_project / "model").resolve(), packed)
    (packed / MANIFEST).unlink()
    description = json.loads((packed / "argosy.json").read_text(encoding="utf-8"))
    for name in description["probes"][0].keys() - {"text"}:
        description["probes"][0][name][0] += 1
    (packed / "argosy.json").write_text(json.dumps(description), encoding="utf-8")
    with pytest.raises(argosy.GateError, match="--engine onnx-fp32"):
        argosy.load(packed)
    assert argosy.load(packed, "onnx-fp32").predict(["fine"])


def test_rows_labelled_later_are_learnt_and_never_measured_on(tiny_project: Path, tmp_path: Path) -> None:
    """They were chosen for being hard: all of them go to the training rows, but for those held out already."""
    held_out = split.load_test(_artifact(tiny_project, "split"))[0]
    for name in ("argosy.toml", "tweets.csv"):
        (tmp_path / name).write_bytes((tiny_project / name).read_bytes())
    (tmp_path / "labels").mkdir()
    fresh = pl.DataFrame(
        {"text": [held_out.text, "a new row, labelled by hand"], "sentiment": [str(held_out.label), "positive"]}
    )
    fresh.write_csv(tmp_path / "labels" / "more.csv")
    figures = building.check(file.load(tmp_path), tmp_path, lambda news: None)
    train = split.load(_artifact(tmp_path, "split"))["train"]
    assert "a new row, labelled by hand" in [example.text for example in train]
    assert figures["dropped"]["in_test"] == 1


def test_a_model_that_was_changed_is_not_served(tiny_project: Path, tmp_path: Path) -> None:
    """One byte in the served weights is enough; the card and what is not read don't count."""
    packed = tmp_path / "model"
    _copy((tiny_project / "model").resolve(), packed)
    (packed / "README.md").write_text("my own words", encoding="utf-8")
    (packed / "model.safetensors").write_bytes(b"")
    load(packed)
    graph = describe(packed).engines[describe(packed).served].file
    assert graph is not None
    *_, weights = files_of(graph)
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    with pytest.raises(argosy.GateError, match="not what was built") as refused:
        load(packed)
    assert refused.value.where == str(weights)


@pytest.mark.parametrize("part", ["base", "data"])
def test_what_is_non_commercial_is_not_served(part: str, tiny_project: Path, tmp_path: Path) -> None:
    """Unless the project file accepts it."""
    description = json.loads((tiny_project / "model" / "argosy.json").read_text(encoding="utf-8"))
    description[part] |= {"non_commercial": True, "licence": "cc-by-nc-4.0", "name": "cc-by-nc-4.0"}
    (tmp_path / "argosy.json").write_text(json.dumps(description), encoding="utf-8")
    with pytest.raises(ProjectError, match=r"(?s)cc-by-nc-4\.0.*accept_non_commercial"):
        refuse_non_commercial(tmp_path, Serve())
    refuse_non_commercial(tmp_path, Serve(accept_non_commercial=True))


def _artifact(folder: Path, stage: str) -> Path:
    lock = json.loads((folder / "argosy.lock").read_text(encoding="utf-8"))
    return folder / ".argosy" / "artifacts" / str(lock["stages"][stage]["artifact"])


def _copy(source: Path, target: Path) -> None:
    """A copy whose files can be changed without changing the source's."""
    import shutil

    shutil.copytree(source, target, copy_function=shutil.copyfile, dirs_exist_ok=True)


def _spoil(graph: Path) -> None:
    """Shift the bias of the last layer of an ONNX graph by one."""
    import onnx
    from onnx import numpy_helper

    model = onnx.load(str(graph))
    bias = next(weight for weight in model.graph.initializer if weight.name.endswith("classifier.bias"))
    shifted = numpy_helper.to_array(bias) + np.array([1, 0], dtype=np.float32)
    bias.CopyFrom(numpy_helper.from_array(shifted, bias.name))
    graph.unlink()
    onnx.save(model, str(graph))
