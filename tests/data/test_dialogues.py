"""Service dialogues out of tables, JSON and chat exports."""

import json
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.core.errors import DataError, Problems
from argosy.core.knowledge import Spoken
from argosy.data.dialogues.columns import Account, Columns
from argosy.data.dialogues.read import read_dialogues
from argosy.data.dialogues.stamps import times_of

USUAL = Columns()
TIMED = Columns(time="time")
NOON = 1_714_557_600_000_000  # 2024-05-01 10:00 UTC in microseconds


def read(paths: Path | Sequence[Path], columns: Columns = USUAL, account: Account | None = None) -> list[Spoken]:
    """All turns of one file or of several."""
    return list(read_dialogues([paths] if isinstance(paths, Path) else paths, columns, account))


def said(turns: Sequence[Spoken]) -> list[tuple[str, str, str]]:
    """What a person compares."""
    return [(turn.dialogue, turn.speaker, turn.text) for turn in turns]


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    """The file with this text, its line ends as they are."""
    path.write_bytes(text.encode(encoding))
    return path


def test_turns_are_sorted_by_time_and_a_double_export_comes_once(tmp_path: Path) -> None:
    """A table with a row a turn, out of order, with a turn twice: the dialogue as it was, and what was left out."""
    rows = (
        "dialogue,speaker,text,time\n1,agent,Within 30 days.,2024-05-01 10:02\n"
        "1,customer,Can I return it?,2024-05-01 10:00\n"
        "2,Visitor,hi,2024-05-01 10:01\n1,customer,Can I return it?,2024-05-01 10:00\n1,bot,Welcome,2024-05-01 09:59\n"
        ",customer,lost,2024-05-01 10:00\n2,customer,,2024-05-01 10:05\n2,,who,2024-05-01 10:06\n"
    )
    account = Account()
    turns = read(written(tmp_path / "a.csv", rows), TIMED, account)
    assert said(turns) == [
        ("1", "robot", "Welcome"),
        ("1", "customer", "Can I return it?"),
        ("1", "agent", "Within 30 days."),
        ("2", "customer", "hi"),
    ]
    assert [turn.index for turn in turns] == [0, 1, 2, 0]
    assert turns[1].at == NOON
    assert (account.dialogues, account.turns) == (2, 4)
    assert account.left == {"duplicate": 1, "no_dialogue": 1, "empty": 1, "no_speaker": 1}


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet", ".xlsx"])
def test_every_form_of_table_gives_the_same_turns(tmp_path: Path, suffix: str) -> None:
    """The form of a table makes no difference."""
    if suffix == ".xlsx":
        pytest.importorskip("xlsxwriter")
        pytest.importorskip("fastexcel")
    frame = pl.DataFrame({"dialogue": ["7", "7"], "speaker": ["客户", "客服小王"], "text": ["怎么退货？", "七天内。"]})
    path = tmp_path / f"a{suffix}"
    match suffix:
        case ".csv":
            path.write_bytes(frame.write_csv().encode("gb18030"))
        case ".tsv":
            path.write_bytes(frame.write_csv(separator="\t", line_terminator="\r\n").encode("utf-8-sig"))
        case ".jsonl":
            frame.write_ndjson(path)
        case ".parquet":
            frame.write_parquet(path)
        case _:
            frame.write_excel(path)
    assert said(read(path)) == [("7", "customer", "怎么退货？"), ("7", "agent", "七天内。")]


@pytest.mark.parametrize("header", ["Question,Answer", "问题,答案", "编号,标准问题,标准答案"])
def test_a_row_of_question_and_answer_is_a_dialogue(tmp_path: Path, header: str) -> None:
    """Equal pairs stay: how often something was asked is worth knowing."""
    row = "怎么退货？,七天内可以。\n" if header.count(",") == 1 else "1,怎么退货？,七天内可以。\n"
    turns = read(written(tmp_path / "qa.csv", f"{header}\n{row}{row}", "gb18030"))
    assert said(turns) == [
        ("qa.csv:2", "customer", "怎么退货？"),
        ("qa.csv:2", "agent", "七天内可以。"),
        ("qa.csv:3", "customer", "怎么退货？"),
        ("qa.csv:3", "agent", "七天内可以。"),
    ]


PARTS = [{"type": "text", "text": "hi"}]
FLAT = [{"dialogue": 5, "speaker": who, "text": text} for who, text in (("client", "hi"), ("staff", "hello"))]
TURNS = [{"role": "user", "content": "hi"}, {"from": "agent", "value": "hello", "time": "2024-05-01 10:00"}]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", json.dumps({"id": 5, "turns": TURNS}) + "\n\n"),
        ("a.json", json.dumps([{"id": "5", "messages": TURNS}])),
        ("a.json", json.dumps({"data": [{"session_id": "5", "conversation": TURNS}]}, indent=1)),
        ("a.json", json.dumps({"id": "5", "turns": [{**TURNS[0], "content": PARTS}, TURNS[1]]})),
        ("a.json", json.dumps(FLAT)),
    ],
)
def test_reads_dialogues_in_json(tmp_path: Path, name: str, text: str) -> None:
    """A dialogue a line, a list of dialogues, one alone, a list of turns; whatever the keys are called."""
    assert said(read(written(tmp_path / name, text))) == [("5", "customer", "hi"), ("5", "agent", "hello")]


def test_json_that_is_no_dialogue_is_told_by_its_row(tmp_path: Path) -> None:
    """A record without turns, a line that breaks off and a time that is none are named, and so is broken JSON."""
    lines = json.dumps({"id": 1, "turns": [{"role": "agent", "text": "x", "time": "soon"}]})
    path = written(tmp_path / "a.jsonl", lines + '\n{"id": 2, "title": "y"}\n{"id": 3, "tur\n')
    with pytest.raises(Problems) as error:
        read(path, TIMED)
    told = str(error.value)
    assert "a.jsonl, row 1" in told
    assert "soon" in told
    assert "a.jsonl, row 2" in told
    assert "a.jsonl, row 3" in told
    with pytest.raises(DataError, match="This is no JSON that can be read"):
        read(written(tmp_path / "b.json", '[{"id": 1'))
    with pytest.raises(DataError, match="This is no dialogue"):
        read(written(tmp_path / "c.json", "[1, 2]"))


WHATSAPP = """\
01.05.24, 10:00 - Messages and calls are end-to-end encrypted.
01.05.24, 10:00 - Anna: Where is my parcel?
It has number 5.

Please help: it is urgent
01.05.24, 10:03 - Acme Support: On its way: https://acme.example/t
01.05.24, 10:04 - Anna: <Media omitted>
03.05.24, 18:00 - Anna: New question
"""


def test_reads_an_export_of_a_chat_with_times(tmp_path: Path) -> None:
    """Messages go on over lines, notices and pictures are counted, a day of silence begins a new dialogue."""
    account = Account()
    columns = Columns(agents=("acme support",))
    turns = read(written(tmp_path / "chat.txt", WHATSAPP), columns, account)
    assert said(turns) == [
        ("chat.txt:1", "customer", "Where is my parcel?\nIt has number 5.\n\nPlease help: it is urgent"),
        ("chat.txt:1", "agent", "On its way: https://acme.example/t"),
        ("chat.txt:2", "customer", "New question"),
    ]
    assert turns[0].at == NOON
    assert account.left == {"notice": 1, "media": 1}


@pytest.mark.parametrize(
    "text",
    [
        "[2024-05-01, 10:00:00] 客户甲: 怎么退货？\n[2024-05-01, 10:01:00] 客服小王: 七天内。\n请保留包装",
        "2024-05-01 10:00:00 客户甲\n怎么退货？\n\n2024-05-01 10:01:00 客服小王(100012)\n七天内。\n请保留包装\n",
        "消息记录\n====\n客户甲 2024/5/1 上午10:00\n怎么退货？\n客服小王 2024/5/1 上午10:01\n七天内。\n请保留包装\n",
        "2024年5月1日 10:00 客户甲：怎么退货？\r\n2024年5月1日 10:01 客服小王：七天内。\r\n请保留包装\r\n",
    ],
)
def test_reads_exports_of_chinese_programs(tmp_path: Path, text: str) -> None:
    """Name before or behind the time, on the line of the message or above it, in GB18030 or UTF-8 with its mark."""
    for encoding in ("gb18030", "utf-8-sig"):
        turns = read(written(tmp_path / "群聊.txt", text, encoding))
        assert [(turn.speaker, turn.text) for turn in turns] == [
            ("customer", "怎么退货？"),
            ("agent", "七天内。\n请保留包装"),
        ]
        assert turns[0].at == NOON


def test_reads_turns_with_names_alone(tmp_path: Path) -> None:
    """Blank lines or rows of dashes part dialogues; a colon in a message makes no speaker."""
    blank = "Customer: Hi\nAgent: Hello: how are you?\nNote: we close at 5\n\n客户：退货\n客服：好的\n"
    assert said(read(written(tmp_path / "a.txt", blank))) == [
        ("a.txt:1", "customer", "Hi"),
        ("a.txt:1", "agent", "Hello: how are you?\nNote: we close at 5"),
        ("a.txt:2", "customer", "退货"),
        ("a.txt:2", "agent", "好的"),
    ]
    ruled = "Customer: Hi\n\nAgent: Hello\n---\nCustomer: Bye\n\nAgent: Bye\n"
    assert [turn.dialogue for turn in read(written(tmp_path / "b.txt", ruled))] == ["b.txt:1"] * 2 + ["b.txt:2"] * 2
    spaced = "Customer: Hi\n\nAgent: Hello\n\nCustomer: Bye\n\nAgent: Bye\n"
    assert {turn.dialogue for turn in read(written(tmp_path / "c.txt", spaced))} == {"c.txt:1"}


def test_nobody_is_learnt_from_by_guess(tmp_path: Path) -> None:
    """A speaker who cannot be told stops the reading, and the message says how to name the people of the house."""
    path = written(tmp_path / "chat.txt", WHATSAPP)
    with pytest.raises(DataError, match="Anna") as error:
        read(path)
    assert "agents = ['Acme Support']" in str(error.value)
    with pytest.raises(DataError, match="No person of yours") as nobody:
        read(path, Columns(agents=("Somebody",)))
    assert "'Anna', 'Acme Support'" in str(nobody.value)
    robots = written(tmp_path / "a.csv", "dialogue,speaker,text\n1,用户,在吗\n1,智能客服,在的\n1,assistant,yes\n")
    with pytest.raises(DataError, match="智能客服") as machines:
        read(robots)
    assert "agents = ['用户']" not in str(machines.value)


def test_machines_are_told_from_people(tmp_path: Path) -> None:
    """The project's names go before usual words: an assistant may be a person, an agent a machine."""
    path = written(tmp_path / "a.csv", "dialogue,speaker,text\n1,Li,q\n1,assistant,a\n1,Agent Smith,b\n1,系统消息,c\n")
    columns = Columns(agents=("Assistant",), robots=("agent smith",))
    assert [turn.speaker for turn in read(path, columns)] == ["customer", "agent", "robot", "system"]


def test_the_same_export_under_two_names_counts_once(tmp_path: Path) -> None:
    """A dialogue known by its id, or word for word with its times, is not learnt from twice."""
    first = "dialogue,speaker,text\n1,customer,a\n1,agent,b\n"
    exports = [written(tmp_path / "1.csv", first + "1,customer,c\n2,agent,d\n"), written(tmp_path / "2.csv", first)]
    account = Account()
    assert [turn.text for turn in read(exports, USUAL, account)] == ["a", "b", "c", "d"]
    assert account.left == {"duplicate": 2}
    chat = "2024-05-01 10:00 Customer: a\n2024-05-01 10:01 Agent: b\n"
    account = Account()
    turns = read([written(tmp_path / "c.txt", chat), written(tmp_path / "d.txt", chat)], USUAL, account)
    assert len(turns) == 2
    assert account.left == {"duplicate": 2}
    doubled = written(tmp_path / "e.csv", first + "1,customer,a\n1,agent,b\n")
    assert len(read(doubled)) == 2


def test_missing_columns_and_empty_files_are_told(tmp_path: Path) -> None:
    """The message names what is expected, what is there, and the nearest name."""
    path = written(tmp_path / "a.csv", "dialog,speaker,message\n1,agent,x\n")
    with pytest.raises(DataError, match="'dialogue', 'text' is not there") as error:
        read(path)
    assert "'dialogue' → 'dialog'" in str(error.value)
    for name in ("e.csv", "e.txt", "e.json"):
        with pytest.raises(DataError, match=name):
            read(written(tmp_path / name, ""))
    with pytest.raises(DataError, match="No turn is found"):
        read(written(tmp_path / "b.txt", "just some words\nand more"))
    with pytest.raises(DataError, match="cannot be read"):
        read(written(tmp_path / "b.exe", "x"))
    with pytest.raises(DataError, match="not read as a time"):
        read(written(tmp_path / "t.csv", "dialogue,speaker,text,time\n1,agent,x,soon\n"), TIMED)


@pytest.mark.parametrize(
    ("stamps", "expected"),
    [
        ([("01.05.24", "10:00")], ["2024-05-01T10:00:00"]),
        ([("5/1/24", "10:00 AM"), ("5/1/2024", "1:00 p.m.")], ["2024-05-01T10:00:00", "2024-05-01T13:00:00"]),
        ([("5/1/24", "10:00"), ("13/1/24", "10:00")], ["2024-01-05T10:00:00", "2024-01-13T10:00:00"]),
        ([("5/1/24", "10:00"), ("5/13/24", "10:00")], ["2024-05-01T10:00:00", "2024-05-13T10:00:00"]),
        ([("3/4/24", "10:00")], [None]),
        ([("13/1/24", "10:00"), ("1/13/24", "10:00")], [None, None]),
        ([("2024/5/1", "下午1:00")], ["2024-05-01T13:00:00"]),
        ([("2024-13-45", "10:00")], [None]),
    ],
)
def test_days_and_months_are_never_guessed(stamps: list[tuple[str, str]], expected: list[str | None]) -> None:
    """The whole file tells which comes first; where it does not, no time is told."""
    assert times_of(stamps) == expected


def test_odd_texts_survive(tmp_path: Path) -> None:
    """Emoji alone, two languages in a line, ten thousand characters, a text too long for anybody."""
    rows = [
        ("customer", "😀😀"),
        ("agent", "好的 ok 谢谢"),
        ("customer", "x" * 10_000),
        ("agent", "y" * 100_001),
        ("agent", "[图片]"),
    ]
    text = "".join(json.dumps({"dialogue": "1", "speaker": who, "text": words}) + "\n" for who, words in rows)
    account = Account()
    assert [turn.text for turn in read(written(tmp_path / "a.jsonl", text), USUAL, account)] == [
        words for _, words in rows[:3]
    ]
    assert account.left == {"too_long": 1, "media": 1}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Customer", "Agent", "客户", "客服"]),
            st.text("ab 好\n:：😀", min_size=1).filter(str.strip),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_no_word_of_an_export_is_lost(tmp_path_factory: pytest.TempPathFactory, turns: list[tuple[str, str]]) -> None:
    """Every character of every message comes out again, in its order, whatever lines it has."""
    turns = [*turns, ("Agent", "end")]
    lines = [f"2024-05-01 10:{minute:02}:00 {who}: {text}" for minute, (who, text) in enumerate(turns)]
    path = written(tmp_path_factory.getbasetemp() / "any.txt", "\n".join(lines))
    found = "".join(turn.text for turn in read(path))
    assert "".join(found.split()) == "".join("".join(text for _, text in turns).split())
