"""A model's folder is opened whole, where it has room, and answers as where it was built, or says why not."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx")

import tiny_graph

import argosy
from argosy.core.artifact import digest_file, writing
from argosy.core.errors import GateError, MachineError
from argosy.infer import room
from argosy.infer.folder import describe
from argosy.infer.load import FallenBack, ask_probes, fallback, load
from argosy.infer.processor import built_on

QEMU = shutil.which("qemu-x86_64")
EMULATED = """
import json, sys
from pathlib import Path
from argosy.infer.load import fallback, load
engine = load(Path(sys.argv[1]), threads=1)
why = fallback(engine)
print(json.dumps([engine.name, engine.logits(sys.argv[2:]).tolist(), why and str(why)]))
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder whose probes were answered here."""
    folder = tiny_graph.write(tmp_path / "model")
    tiny_graph.describe(folder, tiny_graph.described(folder) | {"probes": ask_probes(folder, tiny_graph.TEXTS)})
    return folder


def shift(folder: Path, *names: str) -> None:
    """Move the stored logits of the engines so named by one."""
    described = tiny_graph.described(folder)
    for name in names:
        described["probes"][0][name][0] += 1
    tiny_graph.describe(folder, described)


def test_the_served_engine_answers_where_its_probes_hold(model: Path) -> None:
    """Nothing is said then."""
    engine = load(model)
    assert engine.name == "onnx-int8"
    assert fallback(engine) is None


def test_probes_hold_both_engines(model: Path) -> None:
    """A served fp32 graph has no other to fall back to, so its probes have one row of logits alone."""
    (first, *_) = describe(model).probes
    assert first.fp32 is not None
    assert first.logits == pytest.approx(first.fp32, abs=0.2)
    tiny_graph.describe(model, tiny_graph.described(model) | {"served": "onnx-fp32"})
    assert list(ask_probes(model, ["w1"])[0]) == ["text", "logits"]


def test_fp32_answers_where_the_served_engine_does_not(model: Path) -> None:
    """The reason names both engines and the processor; the answers are those of fp32."""
    wanted = load(model, "onnx-fp32").logits(["w7 w8", "w9"])
    shift(model, "logits")
    engine = load(model)
    assert isinstance(engine, FallenBack)
    assert engine.name == "onnx-fp32"
    assert np.array_equal(engine.logits(["w7 w8", "w9"]), wanted)
    reason = fallback(engine)
    assert reason is not None
    assert all(word in str(reason) for word in ("onnx-int8", "onnx-fp32", built_on()["machine"]))


def test_an_engine_that_is_named_is_not_replaced(model: Path) -> None:
    """Who asks for one gets that or an error."""
    shift(model, "logits")
    with pytest.raises(GateError, match="onnx-int8 answers otherwise"):
        load(model, "onnx-int8")
    assert fallback(load(model, "onnx-fp32")) is None


@pytest.mark.parametrize("stored", [True, False])
def test_a_model_whose_engines_all_answer_otherwise_is_refused(model: Path, *, stored: bool) -> None:
    """As is one that was built before the answers of fp32 were stored."""
    shift(model, "logits", "fp32")
    described = tiny_graph.described(model)
    if not stored:
        described["probes"] = [{key: one[key] for key in ("text", "logits")} for one in described["probes"]]
    tiny_graph.describe(model, described)
    with pytest.raises(GateError, match="onnx-int8 answers otherwise") as caught:
        load(model)
    assert "--engine onnx-fp32" in str(caught.value)


@pytest.mark.parametrize("name", ["onnx/onnx-int8.onnx", "tokenizer.json", "argosy.json"])
def test_a_damaged_file_is_named_with_both_digests(tmp_path: Path, name: str) -> None:
    """One byte is enough; nothing is parsed before."""
    folder = tiny_graph.sealed(tmp_path).path
    file = folder / name
    expected = digest_file(file)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(GateError, match=expected) as caught:
        load(folder)
    assert str(file) in str(caught.value)
    assert digest_file(file) in str(caught.value)
    assert "argosy run" in str(caught.value)


def test_engines_that_are_not_opened_are_not_read(tmp_path: Path) -> None:
    """A damaged graph harms its own engine alone; a folder without a manifest is taken as it is."""
    folder = tiny_graph.sealed(tmp_path).path
    with (folder / "onnx" / "model.onnx").open("ab") as file:
        file.write(b"\0\0")
    assert load(folder).logits(["w1"]).shape == (1, 3)
    with pytest.raises(GateError, match=r"model\.onnx"):
        load(folder, "onnx-fp32")
    (folder / "manifest.json").unlink()
    assert load(folder).name == "onnx-int8"


def test_what_lies_beside_a_graph_is_its_own(tmp_path: Path) -> None:
    """Weights that a format keeps in a second file are checked with the graph."""
    with writing(tmp_path, "model") as draft:
        tiny_graph.write(draft.path)
        (draft.path / "onnx" / "onnx-int8.bin").write_bytes(b"weights")
    folder = draft.artifact.path
    (folder / "onnx" / "onnx-int8.bin").write_bytes(b"Weights")
    with pytest.raises(GateError, match=r"onnx-int8\.bin"):
        load(folder)
    assert load(folder, "onnx-fp32").name == "onnx-fp32"


def test_a_model_without_room_is_refused_before_it_is_opened(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what is needed, what is free and what to do; a larger file needs more."""
    graph = model / "onnx" / "onnx-int8.onnx"
    room.check_room([graph], "onnxruntime", free=lambda: 10**9)
    with pytest.raises(MachineError, match=r"about \d\d MB .* 7 MB are free") as caught:
        room.check_room([graph], "onnxruntime", free=lambda: 7 * 10**6)
    assert "argosy compress" in str(caught.value)
    least = 60 * 10**6
    room.check_room([graph], "onnxruntime", free=lambda: least)
    os.truncate(graph, least)
    with pytest.raises(MachineError, match="onnx-int8"):
        room.check_room([graph], "onnxruntime", free=lambda: least)
    monkeypatch.setattr(room.psutil, "virtual_memory", lambda: type("Memory", (), {"available": 10**6}))
    with pytest.raises(MachineError, match="1 MB are free"):
        load(model, "onnx-fp32")


def group(folder: Path, files: dict[str, str]) -> None:
    """Write the files of a control group."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def test_the_tightest_control_group_counts(tmp_path: Path) -> None:
    """Of version 2 or 1, outer ones included; pages of idle files are free, and no limit is none."""
    group(tmp_path / "proc/self", {"cgroup": "1:name=systemd:/x\n9:cpu,memory:/a\n0::/outer/inner\n"})
    assert room._group_room(tmp_path) == []
    outer = {"memory.max": "3000\n", "memory.current": "1000\n", "memory.stat": "anon 5\ninactive_file 400\n"}
    group(tmp_path / "sys/fs/cgroup/outer", outer)
    group(tmp_path / "sys/fs/cgroup/outer/inner", outer | {"memory.max": "max\n"})
    assert room._group_room(tmp_path) == [2400]
    stat = {"memory.stat": "total_inactive_file 0\n"}
    first = {"memory.limit_in_bytes": "500\n", "memory.usage_in_bytes": "700\n", **stat}
    group(tmp_path / "sys/fs/cgroup/memory/a", first)
    assert sorted(room._group_room(tmp_path)) == [0, 2400]
    assert room._group_room(tmp_path / "nowhere") == []


@pytest.mark.slow
@pytest.mark.skipif(QEMU is None, reason="qemu-x86_64 (Debian's qemu-user) is not installed")
def test_a_processor_without_vnni_gets_the_same_answers(model: Path) -> None:
    """Where 8-bit products saturate, fp32 answers and says so; where the runtime avoids it, the served engine does."""
    texts = ["w11", "w12 w13", ""]
    paths = [str(Path(module.__file__ or "").parents[1]) for module in (np, argosy)]
    start = f"import sys; sys.path[:0] = {paths!r}\n{EMULATED}"
    command = [str(QEMU), "-cpu", "Haswell", os.path.realpath(sys.executable), "-W", "ignore", "-c", start, str(model)]
    limits = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run([*command, *texts], capture_output=True, text=True, check=False, env=os.environ | limits)
    assert done.returncode == 0, done.stderr
    name, logits, reason = json.loads(done.stdout)
    assert np.allclose(logits, load(model, name).logits(texts), atol=1e-3)
    assert (reason is None) == (name == "onnx-int8")
