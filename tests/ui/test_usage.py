"""The command line speaks Chinese throughout, typer's own words included."""

import re
import subprocess
import sys

import pytest

ENGLISH = re.compile(r"[A-Z]?[a-z]{2,},? [a-z]{2,}")  # two words in a row


def _argosy(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "argosy", "--lang", "zh", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("words", [("--help",), ("run", "--help"), ("label", "--help"), ("models", "--help")])
def test_help_pages_are_chinese(words: tuple[str, ...]) -> None:
    """Headings, options, defaults and the line of --help itself."""
    done = _argosy(*words)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("用法：")
    assert "显示本帮助并退出。" in done.stdout
    assert not ENGLISH.search(re.sub(r"<.+>", "", done.stdout.partition("\n")[2]))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "--jso"), "没有这个选项：--jso"),
        (("predict",), "缺少参数 'DIR'。"),
        (("chek",), "没有命令 'chek'。 您是想写 'check' 吗？"),
        (("check", "a", "b", "c"), "多余的参数（b c）"),
        (("check", "--json=1"), "选项 '--json' 不带值。"),
        (("predict", ".", "--engine"), "选项 '--engine' 需要一个值。"),
        (("serve", "--port", "99999"), "'--port' 的值无效：应不大于 65535"),
        (("serve", "--port", "x"), "'--port' 的值无效：应为整数"),
    ],
)
def test_a_wrong_command_line_is_told_in_chinese(words: tuple[str, ...], said: str) -> None:
    """What is wrong is said whole, on standard error, with typer's exit code."""
    done = _argosy(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr.splitlines()[-1]
