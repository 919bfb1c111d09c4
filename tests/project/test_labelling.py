"""A file is labelled whole, whatever happens on the way."""

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
import toy_model

from argosy.core.errors import BusyError, DataError, MachineError, StoppedError
from argosy.project.using import labelling
from argosy.project.using.labelling import Labelled, label_file
from argosy.project.using.model import load
from argosy.project.using.unfinished import unfinished
from argosy.ui.cli import main
from argosy.ui.verbs import predict

pytest.importorskip("skl2onnx")
SCRIPT = Path(toy_model.__file__).with_name("killable_labelling.py")
ROWS = 400


class Heard:
    """Keeps what is told; stops the labelling where it is told to."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.told: tuple[int, int, int, str | None] | None = None
        self.done = 0
        self.stop_after = stop_after

    def look(self) -> None:
        """Nothing is shown."""

    def begin(self, rows: int, characters: int, standing: int, changed: str | None) -> None:
        """Keep it."""
        self.told = (rows, characters, standing, changed)

    def advance(self, characters: int) -> None:
        """Count."""
        self.done += characters
        if self.stop_after is not None and self.done > self.stop_after:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy model."""
    return toy_model.write(tmp_path_factory.mktemp("模型 model"))


@pytest.fixture(autouse=True)
def _small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labelling, "ROWS", 64)
    monkeypatch.setattr(labelling, "_BLOCK", 16)


def table(folder: Path, name: str = "texts 文本.csv", count: int = ROWS) -> Path:
    """A file of texts beside a column of its own."""
    path = folder / name
    frame = pl.DataFrame({"id": [f"{n:03}" for n in range(count)], "text": toy_model.texts(count)})
    match path.suffix:
        case ".jsonl":
            lines = [json.dumps(row | ({"more": [1]} if row["id"] == "003" else {})) for row in frame.to_dicts()]
            path.write_text("\n".join(lines), encoding="utf-8")
        case ".xlsx":
            frame.write_excel(path)
        case ".parquet":
            frame.write_parquet(path)
        case _:
            path.write_text(frame.write_csv(), encoding="gb18030" if "gb" in name else "utf-8")
    return path


def label(model: Path, source: Path, target: Path, heard: Heard | None = None) -> Labelled:
    """Label a column named ``text``."""
    return label_file(model, source, "text", target, heard or Heard())


@pytest.mark.parametrize("name", ["a.csv", "gb.csv", "a.jsonl", "a.xlsx", "a.parquet"])
def test_every_form_is_labelled_as_in_memory(model: Path, tmp_path: Path, name: str) -> None:
    """Columns are kept, two are added, and each answer is what the model says of the text alone."""
    done = label(model, source := table(tmp_path, name), tmp_path / "out.csv")
    found = pl.read_csv(tmp_path / "out.csv", infer_schema=False)
    assert done.rows == found.height == ROWS
    assert done.truncated == 0
    assert [name for name in found.columns if name != "more"] == ["id", "text", "predicted_label", "probability"]
    told = load(model).classify(toy_model.texts(ROWS))
    assert found["predicted_label"].to_list() == [one.label for one in told]
    assert found["probability"].cast(pl.Float64).to_list() == pytest.approx(
        [one.probabilities[one.label] for one in told], abs=1e-4
    )
    assert not list(tmp_path.glob("*.part*"))
    assert source.exists()


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_a_stream_gives_the_same_file(model: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file too large for memory is read row by row, and labelled to the same bytes."""
    source = table(tmp_path, name)
    label(model, source, tmp_path / "whole.csv")
    opened = labelling.open_table
    monkeypatch.setattr(labelling, "open_table", lambda path, column: opened(path, column, large=0))
    label(model, source, tmp_path / "stream.csv")
    assert (tmp_path / "stream.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_killed_labelling_is_gone_on_with_to_the_same_bytes(model: Path, tmp_path: Path, ending: str) -> None:
    """SIGKILL twice; the same command goes on, no target stands before the end, and nothing is left beside it."""
    source, heard = table(tmp_path), Heard()
    label(model, source, tmp_path / f"calm.{ending}", heard)
    target = tmp_path / f"killed.{ending}"
    for characters in (heard.done // 3, heard.done * 2 // 3):
        words = [sys.executable, str(SCRIPT), str(model), str(source), str(target), str(characters)]
        assert subprocess.run(words, check=False).returncode == -signal.SIGKILL
        assert not target.exists()
    done = label(model, source, target, again := Heard())
    assert again.told is not None
    assert 0 < again.told[2] == done.standing < ROWS
    assert again.done == heard.done
    assert target.read_bytes() == (tmp_path / f"calm.{ending}").read_bytes()
    assert not list(tmp_path.glob("*.part*"))


@pytest.mark.parametrize("changed", ["file", "model", "column"])
def test_rows_of_another_origin_are_not_used(model: Path, tmp_path: Path, changed: str) -> None:
    """Where the file, the model or the column changed since, all is labelled anew, and that is told."""
    source, target = table(tmp_path), tmp_path / "out.csv"
    with pytest.raises(StoppedError, match="rows that were labelled are kept"):
        label(model, source, target, Heard(stop_after=5_000))
    assert (tmp_path / "out.csv.part").stat().st_size
    if changed == "file":
        table(tmp_path, count=ROWS - 1)
    other = toy_model.write(tmp_path, seed=2) if changed == "model" else model
    heard = Heard()
    done = label_file(other, source, "id" if changed == "column" else "text", target, heard)
    assert heard.told is not None
    assert heard.told[2:] == (0, changed)
    assert done.rows == ROWS - (changed == "file")


def test_rows_behind_the_journal_are_not_trusted(model: Path, tmp_path: Path) -> None:
    """Bytes that were written but not counted are written again; a journal of rows that are lost is not believed."""
    source, target = table(tmp_path), tmp_path / "out.csv"
    label(model, source, tmp_path / "calm.csv")
    for spoil in (lambda raw: raw + b"half a row", lambda raw: raw[:-9]):
        with pytest.raises(StoppedError):
            label(model, source, target, Heard(stop_after=5_000))
        part = tmp_path / "out.csv.part"
        part.write_bytes(spoil(part.read_bytes()))
        label(model, source, target)
        assert target.read_bytes() == (tmp_path / "calm.csv").read_bytes()


def test_two_at_once_are_refused(model: Path, tmp_path: Path) -> None:
    """The second is told so, and the first one's rows stay."""
    source, target = table(tmp_path), tmp_path / "out.csv"
    with unfinished(target) as part:
        part.resume({"file": "x"})
        part.add(b"row\n", 1, 0)
        with pytest.raises(BusyError, match="Another process"):
            label(model, source, target)
        assert part.path.read_bytes() == b"row\n"


def test_a_full_disk_is_told_and_nothing_is_lost(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what to do; once there is room the same command goes on."""
    source, target = table(tmp_path), tmp_path / "out.csv"
    flush, left = os.fsync, [2]

    def full(handle: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        flush(handle)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(MachineError, match="disk is full"):
            label(model, source, target)
    assert not target.exists()
    assert label(model, source, target).standing > 0


@pytest.mark.parametrize(
    ("content", "column", "said"),
    [
        (b"id,txt\n1,good\n", "text", "'txt'"),
        (b"text\n" + "好用".encode() + b"\n" + "很难用相机".encode("gb18030") + b"\n", "text", "encodings|encoding"),
        (b'text,id\n"good,1\n', "text", "quot"),
        (b"text,id\ngood,1,2,3\nbad,1\n", "text", "fields"),
    ],
)
@pytest.mark.parametrize("large", [0, 1_000_000])
def test_what_is_wrong_with_the_file_is_told_before_any_work(
    model: Path, tmp_path: Path, content: bytes, column: str, said: str, large: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong column, a mixture of encodings, broken quotes, shifted rows; nothing is left behind."""
    source = tmp_path / "bad.csv"
    source.write_bytes(content)
    opened = labelling.open_table
    monkeypatch.setattr(labelling, "open_table", lambda path, column: opened(path, column, large=large))
    with pytest.raises(DataError, match=said):
        label_file(model, source, column, tmp_path / "out.csv", heard := Heard())
    assert heard.told is None
    assert [path.name for path in tmp_path.iterdir()] == ["bad.csv"]


def test_a_cell_too_long_for_excel_is_refused_before_any_work(model: Path, tmp_path: Path) -> None:
    """And a target that no program could open."""
    source = tmp_path / "long.csv"
    source.write_text("text\n" + "x" * 40_000, encoding="utf-8")
    with pytest.raises(DataError, match="Excel"):
        label(model, source, tmp_path / "out.xlsx")
    with pytest.raises(DataError, match=r"\.doc"):
        label(model, source, tmp_path / "out.doc")


def test_texts_that_are_not_read_to_their_end_are_counted(model: Path, tmp_path: Path) -> None:
    """Also over a stop: what was counted before it is kept."""
    source, target = tmp_path / "long.csv", tmp_path / "out.csv"
    texts = ["long " * 600 if number in (3, 70, 150) else "short" for number in range(200)]
    pl.DataFrame({"text": texts}).write_csv(source)
    with pytest.raises(StoppedError):
        label(model, source, target, Heard(stop_after=4_000))
    done = label(model, source, target)
    assert 0 < done.standing < len(texts)
    assert done.truncated == 3


def test_a_file_that_changes_meanwhile_gives_no_target(model: Path, tmp_path: Path) -> None:
    """Its rows would be those of two files."""
    source, target = table(tmp_path), tmp_path / "out.csv"

    class Meddler(Heard):
        def advance(self, characters: int) -> None:
            source.write_bytes(source.read_bytes() + b"400,more\n")

    with pytest.raises(DataError, match="changed while"):
        label(model, source, target, Meddler())
    assert not target.exists()


def test_the_verb_tells_what_was_done(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The target stands beside the source by default; ctrl-C ends with 130, and going on is told."""
    source = table(tmp_path)
    assert main(["predict", str(model), str(source), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told.keys() == {"rows", "file", "seconds", "texts_per_s", "truncated", "standing"}
    assert told["file"] == str(tmp_path / "texts 文本.labelled.csv")
    heard = Heard(stop_after=5_000)
    with monkeypatch.context() as patched:
        patched.setattr(predict._Shown, "advance", lambda self, characters: heard.advance(characters))
        assert main(["predict", str(model), str(source)]) == 130
    assert "same command goes on" in capsys.readouterr().err
    assert main(["predict", str(model), str(source), "--engine", "linear"]) == 0
    assert "rows are labelled already" in capsys.readouterr().err
