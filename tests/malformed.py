"""Files of the kinds that people bring, each spoilt in one way, with what must be said of it."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

WORDS = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu")
ROWS = tuple((f"the word {word}", "yes" if number % 2 else "no") for number, word in enumerate(WORDS))
TABLE = [("text", "label"), *ROWS]
CSV = "".join(f"{text},{label}\n" for text, label in TABLE)  # the header, and rows 2 to 13
RECORDS = [{"text": text, "label": label} for text, label in ROWS]
FRAME = pl.DataFrame(RECORDS)
REVIEWS = "text,label\n物流很快，包装也好,好评\n质量太差，再也不买了,差评\n客服态度很好,好评\n收到就坏了,差评\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoilt:
    """A file, the words that must be said of it in ``errors`` errors, and more lines for the project's table [data]."""

    data: bytes
    words: tuple[str, ...]
    name: str = "data.csv"
    more: str = ""
    errors: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """A file that is read all the same: the rows that come through, and those that are dropped by reason."""

    data: bytes
    kept: int
    name: str = "data.csv"
    dropped: tuple[tuple[str, int], ...] = ()


def lines(*records: object) -> bytes:
    """JSON lines: strings as they are, the rest as JSON."""
    told = (one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in records)
    return "".join(f"{one}\n" for one in told).encode()


def workbook(more: Callable[[Worksheet], object] | None = None, **sheets: Sequence[Sequence[object]]) -> bytes:
    """The rows of each sheet, and what is done to the first sheet afterwards."""
    buffer = io.BytesIO()
    with Workbook(buffer) as book:
        made = []
        for name, rows in sheets.items():
            made.append(book.add_worksheet(name))
            for number, row in enumerate(rows):
                made[-1].write_row(number, 0, row)
        if more is not None:
            more(made[0])
    return buffer.getvalue()


def parquet(frame: pl.DataFrame) -> bytes:
    """The frame as Parquet."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def packed(text: str) -> bytes:
    """An archive with one file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("data.csv", text)
    return buffer.getvalue()


def table(*rows: str, header: str = "text,label") -> bytes:
    """The rows below the good ones of CSV, or below another header."""
    good = CSV if header == "text,label" else header + "\n"
    return (good + "".join(f"{row}\n" for row in rows)).encode()


def amounts(*cells: str) -> bytes:
    """Parted by semicolons, with a column of numbers; ``cells`` are the amounts of the first rows."""
    rows = [f"{text};{label};{cell}" for (text, label), cell in zip(ROWS, [*cells, *"3456789123456"], strict=False)]
    return ("text;label;amount\n" + "".join(f"{row}\n" for row in rows)).encode()


def times(*cells: str) -> bytes:
    """With a column of times."""
    rows = [f"{text},{label},{cell}\n" for (text, label), cell in zip(ROWS, [*cells, *cells * 12], strict=False)]
    return ("text,label,day\n" + "".join(rows)).encode()


NUMERIC, TIMED = 'text = "text"\nnumeric = ["amount"]', 'time = "day"'
_GAPS = [*TABLE[:4], *[(text, None) for text, _ in TABLE[4:6]], *TABLE[6:]]
_CUT = '{"text": "the wo'

WORKBOOKS: dict[str, Spoilt] = {
    "a title above the column names": Spoilt(
        name="data.xlsx", data=workbook(data=[("Export 2026", None), *TABLE]), words=("row 2", "Delete the rows above")
    ),
    "a title over merged cells": Spoilt(
        name="data.xlsx",
        data=workbook(lambda sheet: sheet.merge_range("A1:B1", "用户评论"), data=[(), *TABLE]),
        words=("row 2", "must be in row 1"),
    ),
    "two header rows": Spoilt(
        name="data.xlsx", data=workbook(data=[("内容", "标注"), *TABLE]), words=("row 2", "must be in row 1")
    ),
    "kinds below the column names": Spoilt(
        name="data.xlsx", data=workbook(data=[TABLE[0], ("string", "enum"), *ROWS]), words=("row 2", "'enum'")
    ),
    "labels in merged cells": Spoilt(
        name="data.xlsx",
        data=workbook(lambda sheet: sheet.merge_range("B4:B6", "yes"), data=_GAPS),
        words=("row 4", "B4:B6", "rows 4 to 6", "Unmerge"),
    ),
    "a total below the rows": Spoilt(
        name="data.xlsx", data=workbook(data=[*TABLE, ("合计", 12)]), words=("row 14", "'12' stands once")
    ),
    "a sheet for each month": Spoilt(
        name="data.xlsx", data=workbook(January=TABLE, February=TABLE), words=("'January', 'February'", "one sheet")
    ),
    "a password": Spoilt(
        name="data.xlsx", data=OLE + "EncryptedPackage".encode("utf-16-le"), words=("password", "save a copy")
    ),
    "an old workbook in a new name": Spoilt(name="data.xlsx", data=OLE, words=("old kind (.xls)", "save it as XLSX")),
    "an old workbook": Spoilt(name="data.xls", data=OLE, words=("'.xls'", "CSV in UTF-8")),
    "text called a workbook": Spoilt(name="data.xlsx", data=table(), words=("is text", "rename it")),
    "half a workbook": Spoilt(name="data.xlsx", data=workbook(data=TABLE)[:3000], words=("breaks off", "download")),
}
FORMS: dict[str, Spoilt] = {
    "a workbook called text": Spoilt(data=workbook(data=TABLE), words=("of the kind '.xlsx'", "Rename it")),
    "an old workbook called text": Spoilt(data=OLE, words=("old kind (.xls)",)),
    "Parquet called text": Spoilt(data=parquet(FRAME), words=("of the kind '.parquet'", "Rename it")),
    "JSON called CSV": Spoilt(data=lines(*RECORDS), words=("of the kind '.jsonl'", "Rename it")),
    "an archive called text": Spoilt(data=packed(CSV), words=("packed", "Unpack it")),
    "gzip called text": Spoilt(data=gzip.compress(CSV.encode(), mtime=0), words=("packed", "Unpack it")),
    "a PDF called text": Spoilt(data=b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", words=("PDF", "save the table")),
    "a web page called text": Spoilt(data=b"<html><table><tr><td>text\n", words=("HTML", "save the table")),
    "a pointer of Git LFS": Spoilt(
        data=b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n", words=("pointer", "git lfs pull")
    ),
    "text called Parquet": Spoilt(name="data.parquet", data=table(), words=("'.parquet'", "is text", "rename it")),
    "half a Parquet file": Spoilt(name="data.parquet", data=parquet(FRAME)[:-9], words=("breaks off", "download")),
    "a column of objects": Spoilt(
        name="data.parquet",
        data=parquet(FRAME.with_columns(pl.struct("text", "label").alias("text"))),
        words=("'text' holds Struct", "Write the value itself"),
    ),
    "a column of lists": Spoilt(
        name="data.parquet",
        data=parquet(FRAME.with_columns(pl.concat_list("label", "label").alias("label"))),
        words=("'label' holds List(String)", "of several labels choose one"),
    ),
}
TABLES: dict[str, Spoilt] = {
    "nothing but white space": Spoilt(data=b" \n\n \n", words=("empty", "header row")),
    "a mark and nothing else": Spoilt(data=b"\xff\xfe", words=("empty",)),
    "no column names": Spoilt(
        data=CSV.split("\n", 1)[1].encode(), words=("row 1", "'text', 'label'", "'the word alpha', 'no'", "first row")
    ),
    "a column name twice": Spoilt(
        data=table().replace(b"text,label", b"text,text"), words=("'text' is given 2 times",)
    ),
    "Chinese commas": Spoilt(
        data=CSV.replace(",", "，").encode(), words=("row 1", "'text，label'", "Part the columns")
    ),
    "one row with another delimiter": Spoilt(
        data=table("more words;no"), words=("row 14", "parted by ';', the header by ','", "same delimiter")
    ),
    "two more commas": Spoilt(data=table("a, b, and c,no"), words=("row 14", "4 fields", "double quotes")),
    "a cell too few": Spoilt(data=table("more words"), words=("row 14", "1 fields", "missing field")),
    "a comma that shifts into an empty column": Spoilt(
        data=table("good,yes,", "slow, but good,no,", "bad,no,", header="text,label,note"),
        words=("row 3", "shifted to the right", "double quotes"),
    ),
    "a comma that shifts into an empty label": Spoilt(data=table("slow, but good,"), words=("row 14", "shifted")),
    "a quote left open that another closes": Spoilt(
        data=table().replace(b"the word beta", b'"the word beta').replace(b"the word eta", b'it is 5"'),
        words=("row 3", "holds 6 lines that are rows themselves", "Close it"),
    ),
    "a quote left open to the end": Spoilt(
        data=table('"more words,yes'), words=("row 14", "quoting is broken", "Close")
    ),
    "quotes within quotes": Spoilt(data=table('"the "word" nu",no'), words=("row 14", 'twice: ""')),
    "quotes behind backslashes": Spoilt(data=table(r'"the \"word\" nu",no'), words=("row 14", 'twice: ""')),
    "two files joined": Spoilt(
        data=table() + b"\xef\xbb\xbf" + table().replace(b"the", b"a"), words=("row 14", "repeats the column names")
    ),
    "line ends of the old Mac": Spoilt(
        data=table("a,b,c").replace(b"\n", b"\r"), words=("row 14", "3 fields", "double quotes")
    ),
    "GB18030 and Big5": Spoilt(
        data=REVIEWS.encode("gb18030") + "繁體中文的評論，服務態度很好,好评\n".encode("big5", "replace"),
        words=("row 6", "this one is in Big5", "UTF-8"),
    ),
    "UTF-8 and Windows": Spoilt(data=REVIEWS.encode() + b"un caf\xe9,x\n", words=("row 6", "mixes two encodings")),
}
JSON_LINES: dict[str, Spoilt] = {
    "cut at the end": Spoilt(
        name="data.jsonl", data=lines(*RECORDS)[:-12], words=("row 12", "breaks off", "Complete the line")
    ),
    "cut in the middle": Spoilt(
        name="data.jsonl", data=lines(*RECORDS[:3], _CUT, *RECORDS[3:]), words=("row 4", "breaks off", _CUT)
    ),
    "one list": Spoilt(name="data.jsonl", data=json.dumps(RECORDS).encode(), words=("row 1", "one list", "jq -c .[]")),
    "a list over many lines": Spoilt(
        name="data.jsonl", data=json.dumps(RECORDS, indent=1).encode(), words=("row 1", "several lines", "jq -c .[]")
    ),
    "objects over many lines": Spoilt(
        name="data.jsonl", data=b'{\n "text": "a",\n "label": "b"\n}\n', words=("row 1", "several lines", "jq -c .")
    ),
    "a comma behind an object": Spoilt(
        name="data.jsonl", data=lines(*RECORDS, '{"text": "a", "label": "no"},'), words=("row 13", "comma follows")
    ),
    "a comma before the bracket": Spoilt(
        name="data.jsonl", data=lines(*RECORDS, '{"text": "a", "label": "no",}'), words=("row 13", "Delete the comma")
    ),
    "two objects on a line": Spoilt(
        name="data.jsonl", data=lines(*RECORDS, '{"text": "a"} {"text": "b"}'), words=("row 13", "Two objects")
    ),
    "single quotes": Spoilt(
        name="data.jsonl", data=lines(*RECORDS, str(RECORDS[0])), words=("row 13", "Single quotes", "json.dumps")
    ),
    "quotes within a text": Spoilt(
        name="data.jsonl", data=lines(*RECORDS, '{"text": "a "b" c", "label": "no"}'), words=("row 13", "backslash")
    ),
    "an object as text": Spoilt(
        name="data.jsonl",
        data=lines(*RECORDS, {"text": {"zh": "好"}, "label": "no"}),
        words=("row 13", "'text' holds", "Write the value itself"),
    ),
    "lists as labels": Spoilt(
        name="data.jsonl",
        data=lines(*RECORDS, {"text": "a b", "label": ["yes", "no"]}),
        words=("row 13", "'label' holds", "of several labels choose one"),
    ),
    "CSV called JSONL": Spoilt(
        name="data.jsonl", data=table(), words=("row 1", "'text,label'", "8 more lines"), errors=6
    ),
}
LABELS: dict[str, Spoilt] = {
    "NaN as label": Spoilt(data=table("a,NaN", "b,NaN"), words=("row 14", "'NaN' stands 2 times", "Fill in the label")),
    "the error of a formula as label": Spoilt(data=table("a,#REF!"), words=("row 14", "'#REF!'", "Fill in the label")),
    "several labels in a cell": Spoilt(data=table("a,yes;no"), words=("row 14", "'yes;no'", "several labels")),
    "a character that nobody sees": Spoilt(
        data=table("words,yes\u200b"), words=("row 14", "only the spelling differs", r'"yes\u200b" = "yes"')
    ),
    "full-width letters": Spoilt(data=table("words,ｙｅｓ"), words=("row 14", "only the spelling differs")),
    "a typing error": Spoilt(
        data=table("words,approve", "word,approve", "term,aprove"), words=("row 16", 'aprove = "approve"')
    ),
    "a number for each row": Spoilt(
        data=table(*[f"{word} {n},U{n:03}" for n, word in enumerate(WORDS * 3)], header="text,label "),
        words=("row 2", "36 different values on 36 rows", "right column"),
    ),
    "text and label exchanged": Spoilt(
        data=table(*[f"{label},{text} {n}" for n in range(3) for text, label in ROWS], header="text,label "),
        words=("row 2", "looks like text", "right column"),
    ),
    "one text on all rows": Spoilt(
        data=table(*["same,yes", "same,no"] * 9, header="text,label "), words=("18", "texts")
    ),
}
CELLS: dict[str, Spoilt] = {
    "a comma as decimal": Spoilt(more=NUMERIC, data=amounts("1,5"), words=("row 2", "'1,5'", "1.5")),
    "commas between thousands": Spoilt(
        more=NUMERIC, data=amounts("1", "1,234,567.5"), words=("row 3", "'1,234,567.5'", "1234567.5")
    ),
    "a per cent sign": Spoilt(more=NUMERIC, data=amounts("15%"), words=("row 2", "'15%'", "in one unit")),
    "units": Spoilt(more=NUMERIC, data=amounts("12 kg", "3 kg"), words=("row 2", "'12 kg'", "(2 such rows)")),
    "money in Chinese": Spoilt(more=NUMERIC, data=amounts("￥3.5万"), words=("row 2", "'￥3.5万'", "35000")),
    "dates among numbers": Spoilt(more=NUMERIC, data=amounts("2026-03-01"), words=("row 2", "date", "[data] time")),
    "errors of formulas": Spoilt(more=NUMERIC, data=amounts("#DIV/0!"), words=("row 2", "'#DIV/0!'", "formula")),
    "years of two digits": Spoilt(more=TIMED, data=times("26-03-01"), words=("row 2", "'26-03-01'", "2026-03-01")),
    "days before months": Spoilt(
        more=TIMED, data=times("2026-03-01", "13/2/2026"), words=("row 3", "'13/2/2026'", "year, month, day")
    ),
}
KINDS = WORKBOOKS | FORMS | TABLES | JSON_LINES | LABELS | CELLS

READ: dict[str, Odd] = {
    "a line sep=; above": Odd(data=b"sep=;\n" + table().replace(b",", b";"), kept=12),
    "empty columns": Odd(
        name="data.xlsx", data=workbook(data=[(None, one, None, other) for one, other in TABLE]), kept=12
    ),
    "truth values as labels": Odd(
        name="data.xlsx", data=workbook(data=[TABLE[0], *[(text, label == "yes") for text, label in ROWS]]), kept=12
    ),
    "errors of formulas in a workbook": Odd(
        name="data.xlsx",
        data=workbook(lambda sheet: sheet.write_formula("B14", "=1/0", None, "#DIV/0!"), data=[*TABLE, ("word nu",)]),
        kept=12,
        dropped=(("unlabelled", 1),),
    ),
    "marks of nothing as texts": Odd(data=table("NULL,yes", "#N/A,no", "#REF!,no"), kept=12, dropped=(("empty", 3),)),
    "bytes for texts": Odd(
        name="data.parquet", data=parquet(FRAME.with_columns(pl.col("text").cast(pl.Binary))), kept=12
    ),
    "UTF-16 without a mark": Odd(data=CSV.encode("utf-16-le"), kept=12),
    "JSON lines of the old Mac": Odd(name="data.jsonl", data=lines(*RECORDS).replace(b"\n", b"\r"), kept=12),
    "other keys on some lines": Odd(
        name="data.jsonl", data=lines(*RECORDS, {"content": "a", "label": "no"}), kept=12, dropped=(("empty", 1),)
    ),
}
