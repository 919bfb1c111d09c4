"""``argosy market``: the example, the screen, the page, the JSON, and texts of which little is known."""

import csv
import json
import re
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from argosy.config.venture.file import load
from argosy.core.language import translator
from argosy.project.venturing.marketing import market
from argosy.project.venturing.runs import reading
from argosy.ui import speech
from argosy.ui.cli import main
from argosy.venture.market import mining, perceptual, positions, share_of_voice, study, white_spaces
from argosy.venture.market.page.render import page

ROWS = 360
STORED = Path(__file__).parents[2] / "examples" / "venture" / "reviews.csv"
HEAD = '[venture]\nname = "Desk"\nstart = 2027-01-01\n\n[market]\nencoder = "words"\n'

NINE = '{{ value = 9, unit = "{}", sourced = "x", date = 2026-01-01 }}'
UNITS = {"customers": "customers", "price": "EUR/customer/month", "reachable": "percent", "obtainable": "percent"}
SIZE = "\n".join(f"{name} = {NINE.format(of)}" for name, of in UNITS.items())


@pytest.fixture
def example(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The example as it is written, told to go by words alone, and of fewer reviews, so that it is quick."""
    folder = tmp_path / "my market"
    assert main(["market", "new", str(folder)]) == 0
    plan = folder / "venture.toml"
    plan.write_text(plan.read_text(encoding="utf-8").replace("[market]\n", '[market]\nencoder = "words"\n'), "utf-8")
    lines = (folder / "reviews.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "reviews.csv").write_text("".join([lines[0], *lines[1 :: 1200 // ROWS]]), encoding="utf-8")
    capsys.readouterr()
    return folder


def told(folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The market as JSON."""
    capsys.readouterr()
    assert main(["market", "--in", str(folder), "--json"]) == 0, capsys.readouterr().err
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def rows(folder: Path, change: Callable[[dict[str, str]], dict[str, str]], more: str = "") -> Path:
    """A folder with some of the reviews, changed, and a venture that reads them."""
    folder.mkdir()
    with STORED.open(encoding="utf-8", newline="") as file:
        changed = [change(row) for row in list(csv.DictReader(file))[: 2 * ROWS : 2]]
    with (folder / "texts.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(changed[0]))
        writer.writeheader()
        writer.writerows(changed)
    (folder / "venture.toml").write_text(f'{HEAD}files = ["texts.csv"]\n{more}', encoding="utf-8")
    return folder


def test_the_screen_tells_needs_position_and_statement(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And where the page lies."""
    assert main(["market", "--in", str(example)]) == 0
    shown = capsys.readouterr().out
    for words in ("5 brands", "languages", "opportunity", "first in", "For customers", "TAM", "market.html"):
        assert words in shown


def test_the_example_is_the_stored_one(tmp_path: Path) -> None:
    """Byte for byte; a second writing is refused."""
    assert main(["market", "new", str(tmp_path)]) == 0
    assert (tmp_path / "reviews.csv").read_bytes() == STORED.read_bytes()
    assert main(["market", "new", str(tmp_path)]) == 3


def test_a_plan_gets_a_market_and_stays_a_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What stood there stands there still; a market that is there is not written over."""
    assert main(["plan", "new", str(tmp_path)]) == 0
    plan = tmp_path / "venture.toml"
    before = plan.read_text(encoding="utf-8")
    assert main(["market", "new", str(tmp_path)]) == 0
    assert plan.read_text(encoding="utf-8").startswith(before)
    found = load(tmp_path)
    assert found.market is not None
    assert found.segment
    (tmp_path / "reviews.csv").unlink()
    assert main(["market", "new", str(tmp_path)]) == 3
    assert "market already" in capsys.readouterr().err


def test_the_json_traces_each_figure(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Quotes by ids of the file, figures by origins; the same JSON is kept, and the same study comes out again."""
    found: dict[str, Any] = told(example, capsys)
    kept = json.loads((example / "venture" / "market_found.json").read_text(encoding="utf-8"))
    assert kept == found == told(example, capsys)
    with (example / "reviews.csv").open(encoding="utf-8", newline="") as file:
        ids = {row["id"] for row in csv.DictReader(file)}
    statement = kept["statement"]
    quotes = [one["id"] for name, claim in statement.items() if name != "name" for one in claim["quotes"]]
    assert quotes
    assert set(quotes) <= ids
    assert all(one["origin"] in ("measured", "sourced", "assumed") and one["where"] for one in kept["figures"])
    lines = kept["size"]["lines"]
    assert sum(float(one["a_year"]["tam"]["value"]) for one in lines) == float(kept["size"]["a_year"]["tam"]["value"])
    assert sum(kept["positions"]["weights"].values()) == pytest.approx(1, abs=1e-3)


def test_what_the_market_measures_can_be_named_in_the_plan(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The market runs before the plan that names it can be read."""
    plan = example / "venture.toml"
    segment = (
        '\n[[segment]]\nname = "s"\nnew = { value = 1, unit = "customer/month", assumed = [1, 2], why = "x" }\n'
        'churn = { measured = "market:voice.Quillo", unit = "percent/month" }\n'
    )
    churn = segment.replace('unit = "percent/month"', 'unit = "share"')
    with plan.open("a", encoding="utf-8") as file:
        file.write(churn)
    found = told(example, capsys)
    measures = json.loads((example / "venture" / "market.json").read_text(encoding="utf-8"))["measures"]
    voice = next(one for one in found["share_of_voice"]["brands"] if one["brand"] == "Quillo")
    assert float(measures["voice.Quillo"]["value"]) == pytest.approx(voice["share"]["value"], abs=1e-4)
    assert measures["voice.Quillo"]["unit"] == "share"
    read = reading(example)("market:voice.Quillo", "here")
    assert str(read["value"]) == measures["voice.Quillo"]["value"]


def test_the_page_is_one_file_in_the_readers_language(example: Path) -> None:
    """It loads nothing; its charts are there; each id stands once; its heads are translated."""
    found = market(example, date(2026, 11, 23))
    for language, tag in (("en", "en"), ("zh", "zh-CN")):
        drawn = page(found.study, found.material, translator(language), language)
        assert f'<html lang="{tag}">' in drawn
        assert "default-src &#39;none&#39;" in drawn
        assert " src=" not in drawn
        for name in ("opportunity", "map", "voice", "size"):
            assert drawn.count(f'id="{name}-title"') == 1
        assert drawn.count('class="intervals"') == 2
    marked = page(found.study, found.material, lambda said: f"¤{said}", "en")
    body = re.sub(r"<(style|svg|title)\b.*?</\1>", "", marked.partition("<body>")[2], flags=re.DOTALL)
    heads = re.findall(r"<(?:h2|h3|th scope=\"col\"|summary|figcaption|caption)[^>]*>([^<]+)<", body)
    own = {*found.study.brands, "2.5 %", "97.5 %"}
    assert [one for one in heads if not one.startswith("¤") and one not in own] == []


def without(*names: str) -> Callable[[dict[str, str]], dict[str, str]]:
    """Rows without these columns."""
    return lambda row: {name: value for name, value in row.items() if name not in names}


def test_one_brand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No map, no share of voice, no rival; needs and positions all the same."""
    folder = rows(tmp_path / "one", lambda row: {**row, "product": "Sorrel"}, 'own = "Sorrel"\n')
    found = told(folder, capsys)
    assert found["needs"]
    assert found["positions"]["candidates"]
    notes = set(found["notes"])
    assert {share_of_voice.ONE_BRAND, perceptual.ONE_BRAND, positions.NO_RIVALS, study.NO_SIZE} <= notes
    assert found["statement"]["rival"]["why_not"]


def test_no_ratings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is felt is not told, nor what rests on it."""
    found = told(rows(tmp_path / "mute", without("rating")), capsys)
    assert {mining.NO_RATINGS, white_spaces.NO_FEELING, positions.NO_SENTIMENT} <= set(found["notes"])
    assert all(one["satisfaction"] is None and one["importance"] for one in found["needs"])
    assert set(found["positions"]["weights"]) == {"need"}
    assert "opportunity-title" not in (tmp_path / "mute" / "venture" / "market.html").read_text(encoding="utf-8")


def test_no_times_no_customers_no_brands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Texts and ratings alone."""
    found = told(rows(tmp_path / "bare", without("date", "company size", "industry", "product", "id")), capsys)
    assert found["brands"] == []
    assert found["needs"]
    assert all(one["change"] is None and one["traits"] == [] for one in found["segments"])


def test_no_times(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Shares of voice without a trend."""
    found = told(rows(tmp_path / "once", without("date")), capsys)
    assert share_of_voice.NO_TIMES in found["notes"]
    assert all(one["trend"] is None and one["share"] for one in found["share_of_voice"]["brands"])


def test_a_file_of_another_encoding_is_read_and_one_that_is_no_table_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """GB18030 as Excel writes it; then bytes that are nothing."""
    folder = rows(tmp_path / "gb", lambda row: row)
    table = folder / "texts.csv"
    table.write_bytes(table.read_text(encoding="utf-8").encode("gb18030"))
    assert "泰码" in {one["brand"] for one in told(folder, capsys)["share_of_voice"]["brands"]}
    table.write_bytes(bytes(range(256)) * 20)
    assert main(["market", "--in", str(folder)]) == 4
    assert "texts.csv" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        ('files = ["nowhere.csv", "no/*.csv"]\n', 5, ("nowhere.csv", "no/*.csv")),
        (f'files = ["texts.csv"]\n[market.quality]\nflying = {NINE.format("percent")}\n', 3, ("flying",)),
        ('files = ["texts.csv"]\n[market.weights]\nneed = 0\ngap = 0\nquality = 0\ncost = 0\ncompetition = 0\n', 3,
         ("at least one weight",)),
        (f'files = ["texts.csv"]\n[[market.size]]\nname = "a"\n{SIZE}\n', 3, ("EUR",)),
        ('files = ["texts.csv"]\n[market.columns]\ntext = "body"\n', 4, ("body",)),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(
    tmp_path: Path, more: str, code: int, said: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Files that are not there (all of them), needs, weights, rates and columns."""
    folder = rows(tmp_path / "wrong", lambda row: row)
    (folder / "venture.toml").write_text(HEAD + more, encoding="utf-8")
    capsys.readouterr()
    assert main(["market", "--in", str(folder)]) == code
    error = capsys.readouterr().err
    assert all(words in error for words in said)


def test_a_venture_without_a_market_says_how_to_begin(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table is missing; and the file itself."""
    assert main(["market", "--in", str(tmp_path)]) == 5
    (tmp_path / "venture.toml").write_text(HEAD.partition("[market]")[0], encoding="utf-8")
    assert main(["market", "--in", str(tmp_path)]) == 5
    assert "argosy market new" in capsys.readouterr().err


def test_the_example_is_a_whole_venture(example: Path) -> None:
    """It can be read as one."""
    given = load(example).market
    assert given is not None
    assert given.own == "Harbour Desk"


def test_of_many_brands_the_most_heard_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And the own one, however little it is heard."""
    folder = rows(tmp_path / "many", lambda row: {**row, "product": f"B{int(row['id'][1:]) % 40}"}, 'own = "B39"\n')
    found = told(folder, capsys)
    assert study.FEW_BRANDS in found["notes"]
    assert len(found["brands"]) in (study.MOST, study.MOST + 1)
    assert "B39" in found["brands"]
    assert len(found["share_of_voice"]["brands"]) == 20


def test_the_example_is_written_in_chinese_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reasons, comments, and needs but for those that are their own word; words, figures and brands are the same."""
    assert main(["market", "new", str(tmp_path / "en")]) == 0
    monkeypatch.setattr(speech, "language", "zh")
    assert main(["market", "new", str(tmp_path / "zh")]) == 0
    text = (tmp_path / "zh" / "venture.toml").read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if line.startswith("#") and line.isascii()] == []
    chinese, english = (tomllib.loads((tmp_path / one / "venture.toml").read_text("utf-8")) for one in ("zh", "en"))
    assert [name for name in chinese["market"]["needs"] if name.isascii()] == ["price", "setup"]
    assert list(chinese["market"]["needs"].values()) == list(english["market"]["needs"].values())
    assert chinese["market"]["brands"] == english["market"]["brands"]
    reasons = [one.get("why", "") + one.get("sourced", "") for one in chinese["market"]["cost"].values()]
    assert [one for one in reasons if one.isascii()] == []
    for ours, theirs in zip(chinese["market"]["size"], english["market"]["size"], strict=True):
        assert ours["customers"]["value"] == theirs["customers"]["value"]
    assert main(["market", "--in", str(tmp_path / "zh")]) == 0
