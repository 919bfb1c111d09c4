"""A folder that labels texts without Argosy, and the copy of a model's folder."""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tiny_bert
import token_table
import toy_model
from extending import closing, write_module

from argosy.core.errors import GateError, MachineError, MissingError, ProjectError
from argosy.core.extension import open_extensions
from argosy.data.clean import DEFAULT_STEPS
from argosy.infer.folder import told
from argosy.infer.folder import write as write_description
from argosy.project.using import edge, edge_needs
from argosy.project.using.edge import export_edge, export_folder
from argosy.project.using.model import load
from argosy.ui.cli import main

pytest.importorskip("skl2onnx")
ASKED = ["the camera works great", "这个相机 很难用", "", "two\nlines", "半个 \ud83d"]


@pytest.fixture(autouse=True)
def _no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_needs, "resolve", lambda requirements: {"Linux aarch64": None})


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy model."""
    return toy_model.write(tmp_path_factory.mktemp("模型 model"))


@pytest.fixture(scope="module")
def exported(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model's program."""
    out = tmp_path_factory.mktemp("out") / "边缘 edge"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PIP_NO_INDEX", "1")
        patched.setattr(edge_needs, "PLATFORMS", {"Linux aarch64": edge_needs.PLATFORMS["Linux aarch64"]})
        export_edge(model, out)
    return out


def answered(folder: Path, *words: str, texts: list[str] | None = None) -> subprocess.CompletedProcess[str]:
    """What the program says, in a process in which there is no Argosy and in which the locale knows ASCII alone."""
    block = (
        "import runpy, sys; sys.modules['argosy'] = None; sys.argv = sys.argv[1:];"
        " runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    return subprocess.run(
        [sys.executable, "-I", "-B", "-c", block, str(folder / "run.py"), *words],
        input="".join(json.dumps(text) + "\n" for text in texts or []),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={"LC_ALL": "C", "PATH": os.environ["PATH"]},
    )


def test_the_program_answers_as_argosy_does_without_argosy(model: Path, exported: Path) -> None:
    """Label and probability of texts from standard input, in both languages."""
    ran = answered(exported, "--json", texts=ASKED)
    told = [json.loads(line) for line in ran.stdout.split("\n") if line]
    assert [one["text"] for one in told] == ASKED
    for one, known in zip(told, load(model).classify(ASKED), strict=True):
        assert one["label"] == known.label
        assert one["probability"] == pytest.approx(known.probabilities[known.label], abs=1e-6)


def test_the_program_takes_words_and_times_itself(exported: Path) -> None:
    """Texts as arguments; figures of single texts and of memory."""
    assert json.loads(answered(exported, "the screen works great").stdout)["label"] == "good"
    told = json.loads(answered(exported, "--bench", "--json", texts=ASKED).stdout)
    assert told["texts"] == len(ASKED)
    assert 0 < told["p50_ms"] <= told["p99_ms"]
    assert told["peak_mb"] > 10
    assert "give texts" in answered(exported, "--bench").stderr


def test_a_changed_file_is_refused(exported: Path, tmp_path: Path) -> None:
    """The program names it and answers nothing."""
    copy = tmp_path / "copy"
    shutil.copytree(exported, copy)
    (copy / "model.onnx").write_bytes((copy / "model.onnx").read_bytes()[:-1])
    ran = answered(copy, "x")
    assert ran.returncode
    assert "model.onnx" in ran.stderr
    assert not ran.stdout


def test_a_processor_that_answers_otherwise_is_refused(exported: Path, tmp_path: Path) -> None:
    """The program compares a few answers whenever it starts."""
    copy = tmp_path / "copy"
    shutil.copytree(exported, copy)
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    shares = manifest["checks"][-1]["probabilities"]
    manifest["checks"][-1]["probabilities"] = {label: 1 - share for label, share in shares.items()}
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    ran = answered(copy, "x")
    assert ran.returncode
    assert "On this processor" in ran.stderr


def test_the_folder_says_what_it_needs_and_where_it_was_tested(exported: Path) -> None:
    """Exact versions, a page in each language, short own code, and nothing said of what could not be asked."""
    pins = (exported / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert all("==" in pin and "+" not in pin for pin in pins)
    assert {"numpy", "onnxruntime"} <= {pin.partition("==")[0] for pin in pins}
    assert len((exported / "run.py").read_text(encoding="utf-8").splitlines()) < 200
    for name in ("README.md", "README.zh-CN.md"):
        assert "aarch64" in (exported / name).read_text(encoding="utf-8")
    assert "unknown" in (exported / "README.md").read_text(encoding="utf-8")


def test_a_program_that_answers_otherwise_is_not_exported(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gate names the text, and nothing is left behind; so does a program that fails."""
    renamed = edge_needs.renamed
    monkeypatch.setattr(
        edge_needs, "renamed", lambda source: renamed(source).replace("documents) / (1", "documents) / (2")
    )
    with pytest.raises(GateError, match="where Argosy says"):
        export_edge(model, tmp_path / "edge")
    monkeypatch.setattr(edge_needs, "renamed", lambda source: renamed(source).replace("import numpy", "import nunpy"))
    with pytest.raises(GateError, match="nunpy"):
        export_edge(model, tmp_path / "edge")
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_exported_is_told(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No model, a folder that exists, an engine that is not there, a full disk."""
    with pytest.raises(MissingError, match="argosy run"):
        export_edge(tmp_path, tmp_path / "edge")
    with pytest.raises(MissingError, match="linear"):
        export_edge(model, tmp_path / "edge", "torch")
    (tmp_path / "there").mkdir()
    for export in (export_edge, export_folder):
        with pytest.raises(ProjectError, match="already"):
            export(model, tmp_path / "there")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copyfile", full)
    monkeypatch.setattr(shutil, "copytree", full)
    for export in (export_edge, export_folder):
        with pytest.raises(MachineError, match="disk is full"):
            export(model, tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_an_openvino_engine_stays_behind(model: Path, tmp_path: Path) -> None:
    """The program needs one runtime alone, so the smallest graph for it goes along."""
    shutil.copytree(model, tmp_path / "m")
    described = json.loads((tmp_path / "m" / "argosy.json").read_text(encoding="utf-8"))
    (tmp_path / "m" / "other.xml").write_text("x" * 10, encoding="utf-8")
    (tmp_path / "m" / "small.onnx").write_text("x", encoding="utf-8")
    described["engines"] |= {"ov": {"file": "other.xml", "runtime": "openvino"}, "small": {"file": "small.onnx"}}
    described["served"] = "ov"
    (tmp_path / "m" / "argosy.json").write_text(json.dumps(described), encoding="utf-8")
    assert edge._engine(edge._described(tmp_path / "m"), None) == "small"


def test_the_verb_copies_the_folder_or_writes_the_program(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A copy that answers as the model does, and a program; what is there is never written over."""
    assert main(["export", str(model), "--out", str(tmp_path / "copy"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"folder": str(tmp_path / "copy")}
    assert load(tmp_path / "copy").predict(ASKED[:2]) == load(model).predict(ASKED[:2])
    assert main(["export", str(model), "--out", str(tmp_path / "copy")]) == ProjectError.exit_code
    assert main(["export", str(model), "--edge", "--out", str(tmp_path / "edge"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["texts"], told["engine"], told["platforms"]["Linux aarch64"]) == (300, "linear", None)


def test_a_graph_over_tokens_goes_along_with_its_tokenizer(tmp_path: Path) -> None:
    """A table of token scores, summed over a text: answered to the bit, with the threshold's word."""
    pytest.importorskip("onnx")
    pytest.importorskip("opencc")
    model = tmp_path / "m"
    model.mkdir()
    made = tiny_bert.tokenizer()
    made.save(str(model / "tokenizer.json"))
    token_table.write(model / "sum.onnx", tokens=made.get_vocab_size(), labels=3)
    described = {
        "format": 1,
        "name": "sum",
        "labels": list(tiny_bert.LABELS),
        "text_steps": ["nfc", "control", "space", "simplified"],
        "max_length": tiny_bert.MAX_LENGTH,
        "served": "onnx-fp32",
        "engines": {"onnx-fp32": {"file": "sum.onnx", "threshold": 0.5}},
    }
    (model / "argosy.json").write_text(json.dumps(described), encoding="utf-8")
    assert export_edge(model, tmp_path / "edge").gap == 0
    ran = answered(tmp_path / "edge", *tiny_bert.texts(1))
    assert json.loads(ran.stdout).keys() == {"label", "probability", "certain", "text"}


STEPS = '''
"""A step of an extension."""

from argosy.core.extension import Extension


def no_dots(text: str) -> str:
    """Without dots."""
    return text.replace(".", "")


EXTENSION = Extension(name="dots", steps={"no_dots": no_dots})
'''


def test_the_step_of_an_extension_goes_along(tmp_path: Path) -> None:
    """Its module stands beside the program and changes texts there as it does here."""
    with closing():
        module = write_module(tmp_path / "place", STEPS)
        open_extensions([module], tmp_path / "place")
        (tmp_path / "model").mkdir()
        folder = toy_model.write(tmp_path / "model")
        described = {**told(folder), "text_steps": [*DEFAULT_STEPS, "no_dots"]}
        write_description(folder, described)
        export_edge(folder, tmp_path / "edge")
        assert (tmp_path / "edge" / f"{module}.py").is_file()
        ran = answered(tmp_path / "edge", "--json", texts=["the camera wor.ks gre.at", "the camera works great"])
        first, second = (json.loads(line) for line in ran.stdout.splitlines())
        assert (first["label"], first["probability"]) == (second["label"], second["probability"])
