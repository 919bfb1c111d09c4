"""Voices out of tables, as people keep them."""

from datetime import datetime
from pathlib import Path

import pytest

from argosy.config.file import checked
from argosy.config.venture.market import Market
from argosy.core.errors import DataError, MissingError, ProjectError
from argosy.venture.market.corpus import Columns, rating, read
from argosy.venture.market.segments import WHO


def table(folder: Path, text: str, name: str = "reviews.csv") -> Path:
    """A file of this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_columns_are_told_by_their_usual_names(tmp_path: Path) -> None:
    """Whatever their case, in both languages; others that tell customers apart are attributes."""
    path = table(
        tmp_path,
        "Review ID,Product,Stars,Date,Team_Size,Link,Review\n"
        "a,Quillo,4,2026-03-01,small,http://a,Fast enough\n"
        "b,Quillo,1,2026-03-02,large,http://b,Too slow for us\n"
        "c,Sorrel,,2026-03-03,small,http://c,Fine\n"
        "d,,5,,large,http://d,So good\n",
    )
    voices, account = read([path])
    assert account.columns == {
        "id": "Review ID",
        "brand": "Product",
        "rating": "Stars",
        "time": "Date",
        "text": "Review",
    }
    assert account.attributes == ("Team_Size",)
    assert (voices[0].brand, voices[0].rating, voices[0].time) == ("Quillo", 4.0, datetime(2026, 3, 1))  # noqa: DTZ001
    assert voices[0].customer == {"Team_Size": "small"}
    assert (voices[2].rating, voices[3].brand, voices[3].time) == (None, None, None)
    assert account.left["rating"] == account.left["brand"] == 1
    chinese = table(tmp_path, "评价,品牌,评分\n回复很快,奎洛,5\n太贵,奎洛,1\n", "zh.csv")
    assert [one.brand for one in read([chinese])[0]] == ["奎洛", "奎洛"]


def test_named_columns_win_and_must_be_there(tmp_path: Path) -> None:
    """The nearest name is told."""
    path = table(tmp_path, "text,said,maker,who,score\nno,It works well,A,u1,3\nno,It broke,B,u1,2\n")
    voices, _ = read([path], Columns(text="said", brand="maker", customer="who", attributes=()))
    assert [one.text for one in voices] == ["It works well", "It broke"]
    assert [one.customer for one in voices] == [{WHO: "u1"}, {WHO: "u1"}]
    with pytest.raises(DataError, match="makers"):
        read([path], Columns(brand="makers"))
    with pytest.raises(DataError, match="No column looks like the text"):
        read([table(tmp_path, "a,b\n1,2\n", "none.csv")])
    with pytest.raises(MissingError, match=r"\[market\]"):
        read([])


def test_brands_have_other_spellings(tmp_path: Path) -> None:
    """In a column; without one, a text is of the one brand that it names."""
    spelled = {"Quillo": ["奎洛", "Quillo Inc."], "Sorrel": ["索瑞尔"]}
    path = table(tmp_path, "text,brand\nGood one,奎洛\nBad one,quillo inc.\nNice one,Sorrel\n")
    assert [one.brand for one in read([path], None, spelled)[0]] == ["Quillo", "Quillo", "Sorrel"]
    bare = table(tmp_path, "text\n奎洛很快\nQuillo beats Sorrel\nNobody here\n", "bare.csv")
    assert [one.brand for one in read([bare], None, spelled)[0]] == ["Quillo", None, None]


def test_ratings_are_read_as_people_write_them(tmp_path: Path) -> None:
    """A column in which none is understood is an error; a zero is a rating."""
    cells = ["4.5", "4/5", "★★☆☆☆", "⭐⭐⭐", "5 stars", "3分", "好评", "negative", "0", "soso", ""]
    assert [rating(cell) for cell in cells] == [4.5, 4.0, 2.0, 3.0, 5.0, 3.0, 5.0, 1.0, 0.0, None, None]
    path = table(tmp_path, "text,rating\nGood one,meh\nBad one,well\n")
    with pytest.raises(DataError, match="holds no ratings"):
        read([path])


def test_twins_are_left_out_and_ids_are_their_own(tmp_path: Path) -> None:
    """The same words of another brand, or with another rating, are another voice."""
    path = table(tmp_path, "id,text,brand,rating\n1,Good one,A,5\n1,Good one,A,5\n1,Good one,B,5\n2, ,A,1\n")
    voices, account = read([path])
    assert [one.id for one in voices] == ["1", "1#2"]
    assert (account.left["twin"], account.left["empty"], account.rows) == (1, 1, 4)


def test_attributes_of_many_numbers_are_cut_into_parts(tmp_path: Path) -> None:
    """So that they tell groups of customers."""
    rows = "".join(f"Text number {at},{at // 2 + 1}\n" for at in range(60))
    voices, _ = read([table(tmp_path, f"text,employees\n{rows}")])
    assert {one.customer["employees"] for one in voices} == {"≤ 10", "10–20", "> 20"}


def test_the_table_of_the_project_file() -> None:
    """Unknown keys, and a scale from best to worst, are errors; own and other spellings are all hidden from needs."""
    market = Market(files=["a.csv"], own="Us", brands={"Them": ["They"]}, needs={"Price": ["price"]}, scale=(1, 5))
    assert set(market.wanted().brands) == {"Us", "Them", "They"}
    assert market.read_columns() == Columns()
    for wrong in ({"files": ["a.csv"], "scale": [5, 1]}, {"files": []}, {"files": ["a.csv"], "brand": "x"}):
        with pytest.raises(ProjectError):
            checked(Market, wrong, "venture.toml")
