"""From the user's files to the parts: nothing of one part stands in another, whatever the size of the files."""

import json
import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from argosy.config import file
from argosy.core.errors import ArgosyError, DataError, GateError, Problems
from argosy.data.files import read as reading
from argosy.data.vault import open_vault, read_key
from argosy.project.building.run import alone, run
from argosy.project.building.site import site_of
from argosy.stages.data import clean, crew, dedupe, read, rows, split

WORDS = ["water", "river", "stone", "cloud", "paper", "table", "green", "window", "garden", "music", "letter", "bread"]
HAN = "物流很快包装也好质量太差再也不买客服态度不错价格公道颜色漂亮尺寸合适送货及时味道新鲜"
PROJECT = {"name": "t", "languages": ["zh", "en"], "base": {"model": "x"}}


def _text(draw: random.Random) -> str:
    if draw.random() < 0.5:
        return " ".join(draw.choice(WORDS) for _ in range(12)) + f" {draw.randrange(10**6)}"
    return "".join(draw.choice(HAN) for _ in range(30))


def _rows(count: int, seed: int = 1) -> pl.DataFrame:
    draw = random.Random(seed)
    return pl.DataFrame(
        {
            "text": [_text(draw) for _ in range(count)],
            "label": [draw.choice("xy") for _ in range(count)],
            "who": [f"g{draw.randrange(count // 6)}" for _ in range(count)],
            "when": [f"2026-{1 + at % 9:02}-{1 + at % 28:02}" for at in range(count)],
        }
    )


def _split(folder: Path, *, redact: dict[str, Any] | None = None, **data: Any) -> Path:
    """The folder of the stage *split*, run with these keys of the table ``[data]``, and this table ``[redact]``."""
    keys = {"path": "a.csv", **data} if "train" not in data else data
    project = file.parse({**PROJECT, "data": keys, "redact": redact or {}})
    stages = [one.stage(project, site_of(folder)) for one in (read, clean, dedupe, split)]
    with alone(folder):
        done = run(folder, stages, lambda news: None)
    return done.artifacts["split"].path


def _facts(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / split.FACTS).read_text(encoding="utf-8")))


def _reasons(folder: Path) -> dict[str, int]:
    stages = folder.parent
    return rows.reasons(*(path / rows.DROPPED for path in stages.iterdir() if (path / rows.DROPPED).exists()))


def test_near_twins_of_one_label_go_and_those_that_disagree_are_in_one_part(tmp_path: Path) -> None:
    """A word more is no new row; a contradiction is never asked in the test after it was learnt."""
    frame = _rows(200)
    same = frame.with_columns(pl.col("text") + "!", label=pl.col("label")).head(20)
    other = frame.with_columns(pl.col("text") + " 。", label=pl.col("label").replace({"x": "y", "y": "x"})).slice(
        20, 20
    )
    pl.concat([frame, same, other]).write_csv(tmp_path / "a.csv")
    folder = _split(tmp_path)
    assert _reasons(folder)["near_twin"] == 20
    facts = _facts(folder)
    assert facts["steps"]["dedupe"]["pool"]["disagreeing_clusters"] == 20
    assert (facts["crossing"], sum(facts["rows"].values())) == (0, 220)
    assert facts["profile"]["rows"] == facts["rows"]["train"] == sum(facts["label_counts"]["train"].values())
    assert set(facts["profile"]["languages"]) == {"zh", "en"}
    parts = [
        {row.meta.get("cluster") for row in part} - {None}
        for part in (*split.load(folder).values(), split.load_test(folder))
    ]
    assert sum(map(len, parts)) == len(set.union(*parts)) == 20


def test_without_near_only_equal_texts_are_twins(tmp_path: Path) -> None:
    """The threshold 0 turns it off: all 120 rows stay."""
    frame = _rows(60)
    pl.concat([frame, frame.with_columns(pl.col("text") + "!")]).write_csv(tmp_path / "a.csv")
    assert sum(_facts(_split(tmp_path, near=0))["rows"].values()) == 120


@pytest.mark.parametrize("near", [0, 0.85])
def test_a_test_file_that_repeats_training_rows_is_refused_or_mended(near: float, tmp_path: Path) -> None:
    """By default the run fails with places and a mend; ``leaks = "drop"`` takes the training rows out."""
    train, test = _rows(120), _rows(30, seed=2)
    mark = "!" if near else ""
    leaked = train.head(7).with_columns(pl.col("text") + mark)
    train.write_csv(tmp_path / "train.csv")
    pl.concat([test, leaked]).write_csv(tmp_path / "test.csv")
    data = {"train": "train.csv", "test": "test.csv", "near": near}
    with pytest.raises(GateError, match=r"(?s)7 training rows .*train\.csv:2 = test\.csv:32.*leaks = \"drop\""):
        _split(tmp_path, **data)
    folder = _split(tmp_path, **data, leaks="drop")
    assert _reasons(folder) == {"leak": 7}
    assert _facts(folder)["rows"]["test"] == 37
    assert _facts(folder)["leaks"] == {"rows": 7, "groups": 0, "policy": "drop", "near": near}


def test_groups_stay_together_and_may_not_span_given_files(tmp_path: Path) -> None:
    """A customer is in one part; one who stands in both files is told by rows, never by name."""
    frame = _rows(600)
    frame.write_csv(tmp_path / "a.csv")
    folder = _split(tmp_path, group="who")
    parts = [{row.meta["group"] for row in part} for part in (*split.load(folder).values(), split.load_test(folder))]
    assert sum(map(len, parts)) == len(set.union(*parts)) == sum(_facts(folder)["groups"].values())
    frame.head(400).write_csv(tmp_path / "train.csv")
    frame.tail(20).write_csv(tmp_path / "test.csv")
    with pytest.raises(DataError, match=r"(?s)\d+ groups have rows in .*train\.csv:\d+ = test\.csv:\d+") as caught:
        _split(tmp_path, train="train.csv", test="test.csv", group="who")
    assert "g1" not in str(caught.value)
    folder = _split(tmp_path, train="train.csv", test="test.csv", group="who", leaks="drop")
    train = {row.meta["group"] for part in split.load(folder).values() for row in part}
    assert train.isdisjoint({row.meta["group"] for row in split.load_test(folder)})


def test_time_divides_and_a_group_is_left_where_it_began(tmp_path: Path) -> None:
    """Training ends before validation begins, and validation before the test; later rows of a group are dropped."""
    frame = _rows(300).with_columns(who=pl.Series([f"g{at // 7}" for at in range(300)]))
    days = pl.datetime_range(pl.datetime(2026, 1, 1), pl.datetime(2026, 10, 27), "1d", eager=True).dt.strftime(
        "%Y年%m月%d日"
    )
    frame.with_columns(when=days).sample(fraction=1, shuffle=True, seed=3).write_csv(tmp_path / "a.csv")
    folder = _split(tmp_path, time="when", group="who")
    facts = _facts(folder)
    times = facts["times"]
    assert times["train"][1] < times["validation"][0] <= times["validation"][1] < times["test"][0]
    assert _reasons(folder)["group_in_earlier_part"] == facts["dropped"]["group_in_earlier_part"] in range(1, 13)
    assert (facts["crossing"], facts["in_order"]) == (0, False)


def test_groups_that_go_on_over_all_time_are_told(tmp_path: Path) -> None:
    """Nothing would be left to test on; the mend names the two keys."""
    _rows(300).with_columns(
        who=pl.lit("one"), when=pl.Series([f"2026-03-{1 + at // 15:02}" for at in range(300)])
    ).write_csv(tmp_path / "a.csv")
    with pytest.raises(DataError, match=r"(?s)belongs to a group that has earlier rows.*either time or group"):
        _split(tmp_path, time="when", group="who")


def test_personal_data_is_nowhere_in_what_is_stored(tmp_path: Path) -> None:
    """Neither in kept rows nor in dropped ones, raw texts included; pseudonyms are masks to the model."""
    frame = pl.concat(
        [
            _rows(60),
            pl.DataFrame(
                {
                    "text": ["请打13812345678找我", "13812345678", "mail ann@example.org"],
                    "label": ["x", "x", "y"],
                    "who": ["1", "2", "3"],
                    "when": ["", "", ""],
                }
            ),
        ]
    )
    frame.write_csv(tmp_path / "a.csv")
    folder = _split(tmp_path)
    assert _facts(folder)["steps"]["read"]["pool"]["redacted"] == {"phone": 2, "email": 1}
    texts = [row.text for part in (*split.load(folder).values(), split.load_test(folder)) for row in part]
    assert "请打[PHONE]找我" in texts
    for path in folder.parent.rglob("*.*"):
        if path.is_file():
            stored = pl.read_parquet(path).write_json() if path.suffix == ".parquet" else path.read_text("utf-8")
            assert "13812345678" not in stored
            assert "ann@example.org" not in stored


def test_rows_labelled_later_are_learnt_unless_they_are_held_out(tmp_path: Path) -> None:
    """Hard rows are chosen by looking at all texts, so one that is measured on may come back, nearly or wholly."""
    _rows(90).write_csv(tmp_path / "a.csv")
    folder = _split(tmp_path)
    held = [split.load_test(folder)[0].text, split.load(folder)["validation"][0].text + "!"]
    (tmp_path / "labels").mkdir()
    fresh = _rows(20, seed=5)["text"].to_list()
    more = pl.DataFrame({"text": [*held, *fresh, "".join(held)], "label": ["x"] * 23})
    more.write_csv(tmp_path / "labels" / "more.csv")
    (tmp_path / "argosy.lock").unlink()
    folder = _split(tmp_path)
    train = [row.text for row in split.load(folder)["train"]]
    assert set(fresh) <= set(train)
    assert _facts(folder)["dropped"] == {"in_test": 2}
    assert _facts(folder)["crossing"] == 0


def test_pseudonyms_are_one_for_one_and_lead_back_with_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same number is the same token in every chunk, by whichever process; the model reads a mask."""
    monkeypatch.setattr(reading, "ROWS", 16)
    frame = _rows(90).with_columns(pl.col("text") + " 13812345678")
    frame.write_csv(tmp_path / "a.csv")
    folder = _split(tmp_path, redact={"mode": "pseudonym", "map": True})
    raw = [str(row.meta["raw"]) for part in split.load(folder).values() for row in part]
    (token,) = {text.split()[-1] for text in raw}
    assert token.startswith("[PHONE:")
    assert {row.text.split()[-1] for row in split.load_test(folder)} == {"[PHONE]"}
    (stored,) = folder.parent.glob(f"read-*/{read.VAULT}")
    assert open_vault(stored, read_key(tmp_path / read.KEY)).originals == {token: "13812345678"}


def test_what_is_not_to_be_redacted_stays(tmp_path: Path) -> None:
    """Off is off, in the stored rows and before the model."""
    _rows(60).with_columns(pl.col("text") + " 13812345678").write_csv(tmp_path / "a.csv")
    folder = _split(tmp_path, redact={"mode": "off"})
    assert all(row.text.endswith("13812345678") for row in split.load_test(folder))


def test_files_in_many_chunks_give_what_one_chunk_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By one process or by several, to the byte; and the same rows as from one chunk."""
    frame = _rows(90)
    outcomes = []
    for number, (chunk, few) in enumerate(((10**6, 3), (20, 10**6), (20, 3))):
        monkeypatch.setattr(reading, "ROWS", chunk)
        monkeypatch.setattr(crew, "_FEW", few)
        folder = tmp_path / str(number)
        folder.mkdir()
        pl.concat([frame, frame.head(9)]).write_csv(folder / "a.csv")
        found = _split(folder, group="who")
        parts = {**split.load(found), "test": split.load_test(found)}
        outcomes.append((found.name, {name: list(part) for name, part in parts.items()}, _facts(found)))
    assert outcomes[1] == outcomes[2]
    assert outcomes[0][1:] == outcomes[1][1:]


def test_all_that_is_wrong_in_two_files_is_told_at_once(tmp_path: Path) -> None:
    """Broken rows of one file and bad times of another are problems of a kind each."""
    (tmp_path / "a.csv").write_text("text,label\n1,2,3,4\na,b\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text('text,label\n"open,x\n', encoding="utf-8")
    with pytest.raises(Problems) as caught:
        _split(tmp_path, path="*.csv")
    problems: tuple[ArgosyError, ...] = caught.value.problems
    assert [problem.where for problem in problems] == ["a.csv, row 2", "b.csv, row 2"]
