"""What a page tells to type works: the code of every page is run here, or read by the program that it is for."""

import ast
import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from pages import ROOT, blocks, lines

from argosy.config import file
from argosy.config.venture import file as venture
from argosy.ui.cli import app

PAGES = sorted([*ROOT.glob("README*.md"), *(ROOT / "docs" / "en").glob("*.md"), *(ROOT / "docs" / "zh").glob("*.md")])
VENTURE = {"venture.md", "market.md", "compute.md", "deck.md", "board.md"}  # their tables are those of venture.toml
EXAMPLES = ROOT / "docs" / "examples"
ADDRESS = "http://127.0.0.1:8000"
SERVER = f"""
import sys

sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from recommended import InMemoryRecommended

from argosy.infer.engines.echo import EchoEngine
from argosy.serve.app import create_app
from argosy.serve.running.run import serve
from argosy.serve.settings import Settings

settings = Settings(port=0)
app = create_app({{"reviews": EchoEngine()}}, settings, recommended=InMemoryRecommended())
serve(app, settings, lambda address: print(address, flush=True))
"""

COMMANDS = [(page, line) for page in PAGES for line in lines(page, "argosy")]
REQUESTS = sorted({line for page in PAGES for line in lines(page, "curl")})
SETTINGS = [(page, block) for page in PAGES for block in blocks(page, "toml")]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of a server whose model follows from the text alone."""
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=60)


def ask(line: str, address: str) -> str:
    """What a line with curl gives, asked at another address."""
    said = subprocess.run(
        ["bash", "-c", line.replace(ADDRESS, address) + " --silent --show-error --noproxy '*' --max-time 30"],
        capture_output=True,
        text=True,
        check=True,
    )
    return said.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="the pages ask with curl")
@pytest.mark.parametrize("line", REQUESTS)
def test_each_request_of_a_page_is_answered(line: str, address: str) -> None:
    """A curl line gets JSON, or figures, and an error only where the page shows one."""
    assert ADDRESS in line
    said = ask(line, address)
    if line.endswith("/metrics"):
        assert "argosy_requests_total" in said
    else:
        assert ("error" in json.loads(said)) == ('"models"' in line)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the pages ask with curl")
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_answers_on_the_page_are_those_of_the_server(language: str, address: str) -> None:
    """The page's JSON is what the echo engine says to the second request, and to the wrong one."""
    page = ROOT / "docs" / language / "http.md"
    requests = lines(page, "curl")
    shown = [json.loads(block) for block in blocks(page, "json")]
    assert shown == [json.loads(ask(line, address)) for line in (requests[1], requests[-1])]


@pytest.mark.parametrize(("page", "line"), COMMANDS, ids=lambda value: value if isinstance(value, str) else value.name)
def test_each_command_of_a_page_is_understood(page: Path, line: str) -> None:
    """The verb exists and takes these words and options."""
    words = shlex.split(line.partition(" < ")[0])[1:]
    command: Any = typer.main.get_command(app)
    while hasattr(command, "commands") and not words[0].startswith("-"):  # a group may do something by itself
        command = command.commands[words.pop(0)]
    command.make_context(command.name, words)


@pytest.mark.parametrize(("page", "block"), SETTINGS, ids=lambda value: value.name if isinstance(value, Path) else "")
def test_each_setting_of_a_page_is_valid(page: Path, block: str) -> None:
    """A whole project file is one, and a part of one fits into it."""
    given = tomllib.loads(block)
    if page.name in VENTURE:
        assert venture.read({"venture": {"name": "x", "start": "2027-01"}, **given})
        return
    data = {"path": "x.csv"} if "train" not in given.get("data", {}) else {}
    merged = {
        "name": "x",
        "languages": ["en"],
        "base": {"model": "x"},
        **given,
        "data": {**data, **given.get("data", {})},
    }
    assert file.parse(merged).name


def test_every_example_is_on_a_page_in_both_languages() -> None:
    """No example is forgotten, and no page includes one that is not there."""
    names = {path.name for path in EXAMPLES.glob("*.py")}
    for language in ("en", "zh"):
        text = "".join(page.read_text(encoding="utf-8") for page in (ROOT / "docs" / language).glob("*.md"))
        assert set(re.findall(r"{literalinclude} \.\./examples/(\S+)", text)) == names


def test_the_example_without_a_model_runs() -> None:
    """The engine for tests of one's own."""
    assert run(EXAMPLES / "echo.py") == "positive\n"


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("*.py") if path.name != "echo.py"))
def test_each_example_runs_on_a_built_project(name: str, tiny_project: Path) -> None:
    """The file that the page shows, as it stands, on a project that was built."""
    assert run(EXAMPLES / name, str(tiny_project)).strip()


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_python_of_a_readme_runs(name: str, tiny_project: Path, tmp_path: Path) -> None:
    """The lines of the README, with the folder of a built project for theirs."""
    (block,) = blocks(ROOT / name, "python")
    assert '"my-product"' in block
    (tmp_path / "example.py").write_text(block.replace('"my-product"', repr(str(tiny_project))), encoding="utf-8")
    assert len(ast.literal_eval(run(tmp_path / "example.py"))) == 2


def run(path: Path, *arguments: str) -> str:
    """What a script prints; it must end well."""
    said = subprocess.run([sys.executable, path, *arguments], capture_output=True, text=True, check=False, timeout=300)
    assert said.returncode == 0, said.stderr
    return said.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}-{page.name}")
def test_each_link_to_a_file_leads_somewhere(page: Path) -> None:
    """Relative links and pictures, as a reader of the checkout follows them."""
    links = re.findall(r"\]\(([^)#:\s]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
